import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wirewatch.batches import BadFile, Batches, file_name, slug
from wirewatch.records import Feed

FEEDS = [Feed(id=f"f{number}", url="http://a/", title="é" * number) for number in range(100)]


@pytest.mark.parametrize("root", ["folder", "memory://batches-test"])
def test_what_is_written_is_read(tmp_path: Path, root: str) -> None:
    batches = Batches(str(tmp_path) if root == "folder" else root)
    file = file_name("scheduled__2026-11-23T22:05:00+00:00", "claim", 3)
    assert not batches.exists(file)
    assert batches.write(file, FEEDS) == 100
    assert list(batches.read(file, Feed)) == FEEDS
    assert batches.write(file, FEEDS[:1]) == 1  # a rerun replaces its own file
    assert list(batches.read(file, Feed)) == FEEDS[:1]


def test_names_of_runs_cannot_leave_the_folder() -> None:
    for run in ("../../etc/passwd", "a/b", "..", ".", "", "x" * 10 + "\x00"):
        segment = slug(run)
        assert segment
        assert "/" not in segment
        assert not segment.startswith(".")


def test_an_error_half_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield FEEDS[0]
        raise OSError("disk full")

    batches = Batches(str(tmp_path))
    with pytest.raises(BadFile, match="cannot be written: disk full"):
        batches.write("batches/r/claim-0000.jsonl.gz", broken())  # type: ignore[arg-type]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_kill_half_way_leaves_no_batch(tmp_path: Path) -> None:
    code = f"""
import os, signal
from wirewatch.batches import Batches
from wirewatch.records import Feed
def half():
    yield Feed(id="f", url="u")
    os.kill(os.getpid(), signal.SIGKILL)
Batches({str(tmp_path)!r}).write("batches/r/claim-0000.jsonl.gz", half())
"""
    killed = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
    )
    assert killed.returncode == -signal.SIGKILL
    assert not Batches(str(tmp_path)).exists("batches/r/claim-0000.jsonl.gz")
