from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from wirewatch.local import processes
from wirewatch.local.paths import Trouble

# A server whose child sits in a process group of its own, as some servers' children do, and who
# does not heed a polite signal when told so.
SERVER = """
import os, signal, subprocess, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
print("ready", child.pid, flush=True)
time.sleep(600)
"""


def _start(tmp_path: Path, *words: str) -> tuple[processes.Process, int]:
    process = processes.start(
        tmp_path / "run",
        "server",
        [sys.executable, "-c", SERVER, *words],
        log=tmp_path / "logs" / "server.log",
        environ={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        facts={"port": "1"},
    )
    for _ in range(200):
        said = processes.tail(tmp_path / "logs" / "server.log")
        if "ready" in said:
            return process, int(said.split()[-1])
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def test_a_server_is_found_by_its_pid_file_and_stopped_with_its_children(tmp_path):
    process, child = _start(tmp_path)
    run = tmp_path / "run"
    assert processes.find(run, "server") == process
    assert [one.name for one in processes.running(run)] == ["server"]
    assert {process.pid, child} == {one.pid for one in processes.members(process)}
    with pytest.raises(Trouble, match="runs already"):
        _start(tmp_path)
    assert processes.stop(run, "server")
    assert not processes.born(process.pid)
    assert not processes.born(child)
    assert not processes.running(run)
    assert not processes.stop(run, "server")


def test_what_ignores_the_polite_signal_is_killed(tmp_path):
    process, child = _start(tmp_path, "stubborn")
    assert processes.stop(tmp_path / "run", "server", patience=0.3)
    assert not processes.born(process.pid)
    assert not processes.born(child)


def test_orphans_of_a_killed_server_are_found_and_stopped(tmp_path):
    process, child = _start(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    assert processes.find(tmp_path / "run", "server") is None
    assert processes.born(child)
    assert processes.stop(tmp_path / "run", "server")
    assert not processes.born(child)


def test_a_pid_that_was_given_to_somebody_else_is_left_alone(tmp_path):
    process, child = _start(tmp_path)
    file = tmp_path / "run" / "server.json"
    kept = json.loads(file.read_text())
    boot, _, tick = process.born.partition(":")
    for other in (f"{boot}:{int(tick) + 1}", f"another-boot:{tick}", ""):
        file.write_text(json.dumps({**kept, "born": other}))
        assert processes.find(tmp_path / "run", "server") is None
        assert not processes.stop(tmp_path / "run", "server")
        assert processes.born(process.pid) == process.born
    file.write_text(json.dumps(kept))
    assert processes.stop(tmp_path / "run", "server")
    assert not processes.born(child)


def test_a_pid_file_that_cannot_be_read_names_no_process(tmp_path):
    (tmp_path / "server.json").write_text("{")
    assert processes.find(tmp_path, "server") is None
    assert not processes.stop(tmp_path, "server")
    assert not (tmp_path / "server.json").exists()


def test_a_program_that_is_missing_is_named(tmp_path):
    with pytest.raises(Trouble, match="no-such-program"):
        processes.start(
            tmp_path, "x", ["/no-such-program"], log=tmp_path / "x.log", environ={}, cwd=tmp_path
        )
    assert not (tmp_path / "x.json").exists()
