"""The units of systemd: well formed, and with commands that there are."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from wirewatch.cli import app

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
BINARY = "/srv/wirewatch/.venv/bin/wirewatch"


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return parser


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_its_commands_are_there_and_it_is_started_again(unit: Path) -> None:
    service = read(unit)["Service"]
    assert service["Restart"] in ("always", "on-failure")
    for name in ("ExecStart", "ExecStop"):
        if name not in service:
            continue
        binary, command, *given = service[name].split()
        assert binary == BINARY
        known = get_command(app).commands[command]  # type: ignore[attr-defined]
        options = {option for one in known.params for option in one.opts}
        assert set(given) <= options


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text("utf-8").replace(BINARY, sys.executable)
    there = tmp_path / unit.name
    there.write_text(text.replace("User=wirewatch\n", ""), "utf-8")
    asked = ["systemd-analyze", "verify", "--man=no", str(there)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if unit.name in line]
    assert own == []
