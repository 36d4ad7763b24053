"""Logs put aside and cut: no line is lost, and the oldest goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from wirewatch.local import logs, paths, processes
from wirewatch.settings import load
from wirewatch.upkeep.process_logs import process_logs
from wirewatch.upkeep.work import Work


def older(log: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(log.parent.glob(f"{log.name}.*"))}


def test_a_start_puts_the_log_of_the_crash_aside(tmp_path: Path) -> None:
    log = tmp_path / "airflow.log"
    logs.put_aside(log, 2)
    for words in ("first crash", "second crash", "third crash"):
        log.write_text(words)
        logs.put_aside(log, 2)
        assert not log.exists()
    assert older(log) == {"airflow.log.1": "third crash", "airflow.log.2": "second crash"}
    log.write_text("")
    logs.put_aside(log, 2)  # of an empty log nothing is kept
    assert older(log)["airflow.log.1"] == "third crash"


def test_a_log_is_cut_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"before\n")
        assert logs.cut(log, 3) == 7
        writer.write(b"after\n")
    assert log.read_text() == "after\n"
    assert older(log) == {"web.log.1": "before\n"}


def test_what_is_written_while_it_is_copied_is_copied_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"1\n")
    copy, left = logs.shutil.copyfileobj, [b"2\n", b"3\n"]

    def busy(source: object, target: object) -> None:
        copy(source, target)
        if left:
            with log.open("ab") as writer:
                writer.write(left.pop(0))

    monkeypatch.setattr(logs.shutil, "copyfileobj", busy)
    logs.cut(log, 1)
    assert (log.read_bytes(), older(log)) == (b"", {"web.log.1": "1\n2\n3\n"})


def test_the_upkeep_cuts_what_has_grown_large(tmp_path: Path) -> None:
    settings = load({}, tmp_path).with_options(local__log_mb=1, local__log_files=2)
    small, large = (paths.log_folder(settings) / name for name in ("web.log", "airflow.log"))
    large.parent.mkdir(parents=True)
    small.write_text("small")
    large.write_bytes(b"x" * 1_500_000)
    work = Work(settings, None, None, True)  # type: ignore[arg-type]
    assert process_logs(work).items == 1
    assert large.stat().st_size == 1_500_000
    freed = process_logs(Work(settings, None, None, False))  # type: ignore[arg-type]
    assert (freed.items, freed.bytes) == (1, 0)
    assert "airflow.log" in freed.what
    assert (large.stat().st_size, small.read_text()) == (0, "small")
    assert large.with_name("airflow.log.1").stat().st_size == 1_500_000


def test_a_process_that_crashed_is_told_of_after_the_next_start(tmp_path: Path) -> None:
    """As Elasticsearch's and Airflow's starts do it: put aside, then start."""
    log = tmp_path / "airflow.log"
    for words in ("it broke", "it runs"):
        logs.put_aside(log)
        process = processes.start(
            tmp_path / "run",
            "airflow",
            [sys.executable, "-c", f"print({words!r})"],
            log=log,
            environ={"PATH": os.environ["PATH"]},
            cwd=tmp_path,
        )
        os.waitpid(process.pid, 0)
    assert log.read_text() == "it runs\n"
    assert older(log) == {"airflow.log.1": "it broke\n"}
