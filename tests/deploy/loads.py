"""Builds the Go program in ``loads/``, where a toolchain and its modules can be had."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("loads")
# No other toolchain is fetched, and the modules are those of go.sum.
ENVIRON = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}


def build(folder: Path) -> str:
    """The path of the program, built into a folder. Skips the test where it cannot be built."""
    if shutil.which("go") is None:
        pytest.skip("no Go toolchain here")
    asked = re.search(r"^go (\d+)\.(\d+)", (FOLDER / "go.mod").read_text(), re.MULTILINE)
    there = re.search(r"go(\d+)\.(\d+)", _go("env", "GOVERSION").stdout)
    assert asked is not None
    if there is None or tuple(map(int, there.groups())) < tuple(map(int, asked.groups())):
        pytest.skip(f"the Go toolchain is older than {asked[0]}")
    fetched = _go("mod", "download")
    if fetched.returncode:
        pytest.skip(f"the modules cannot be fetched: {fetched.stderr[-300:]}")
    built = _go("build", "-o", str(folder / "loads-program"), ".")
    assert built.returncode == 0, built.stderr
    return str(folder / "loads-program")


def _go(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["go", *words],
        cwd=FOLDER,
        env={**os.environ, **ENVIRON},
        capture_output=True,
        text=True,
        check=False,
    )
