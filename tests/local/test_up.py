from __future__ import annotations

import io
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from wirewatch.local import clean, paths, processes, up
from wirewatch.local.doctor import Check
from wirewatch.settings import load


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=200)


def _sleeper(settings, name):
    return processes.start(
        paths.run_folder(settings),
        name,
        [sys.executable, "-c", "import time; time.sleep(600)"],
        log=paths.log_folder(settings) / f"{name}.log",
        environ={"PATH": os.environ["PATH"]},
        cwd=settings.root,
    )


def test_what_the_machine_lacks_is_told_and_nothing_is_started(tmp_path, console, monkeypatch):
    lacking = (Check("git", True, "there"), Check("JDK", False, "only 17", "install one"))
    monkeypatch.setattr(up, "doctor", lambda _: lacking)
    settings = load({}, tmp_path)
    assert up.demo(settings, console) == 1
    assert console.file.getvalue() == "JDK: only 17. To do: install one\n"
    assert not (tmp_path / ".wirewatch").exists()


def test_without_the_elasticsearch_that_was_given_it_ends_with_3(tmp_path, console, monkeypatch):
    monkeypatch.setattr(up, "doctor", lambda _: ())
    url = f"http://127.0.0.1:{paths.any_port()}"
    settings = load({"ELASTICSEARCH_URL": url}, tmp_path)
    for command in (up.demo, up.up):
        assert command(settings, console) == 3
        assert url in console.file.getvalue()


def test_a_wrong_feed_list_stops_it_before_anything_is_started(tmp_path, console, monkeypatch):
    monkeypatch.setattr(up, "doctor", lambda _: ())
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feeds.opml").write_text("<opml><body>")
    assert up.up(load({}, tmp_path), console) == 1
    assert "feeds.opml" in console.file.getvalue()
    assert not processes.running(paths.run_folder(load({}, tmp_path)))


def test_who_stays_ends_when_anything_is_gone(tmp_path, console, monkeypatch):
    monkeypatch.setattr(up, "STAY_SECONDS", 0.05)
    settings = load({}, tmp_path)
    started = [_sleeper(settings, name) for name in ("airflow", "elasticsearch")]
    try:
        with ThreadPoolExecutor(1) as pool:
            staying = pool.submit(up.stay, settings, console)
            time.sleep(0.5)
            assert not staying.done()
            os.kill(started[0].pid, signal.SIGKILL)
            assert staying.result(60) == 1
    finally:
        up.down(settings)
    assert "airflow is gone; " in console.file.getvalue()
    assert "elasticsearch is gone" not in console.file.getvalue()


def test_everything_that_runs_is_stopped(tmp_path):
    settings = load({}, tmp_path)
    started = [_sleeper(settings, name) for name in ("newsroom", "airflow", "elasticsearch")]
    assert up.down(settings) == ("airflow", "elasticsearch", "newsroom")
    assert not [one for one in started if one.alive]
    assert up.down(settings) == ()


def test_clean_deletes_the_demo_but_no_stories_of_real_feeds(tmp_path):
    settings = load({}, tmp_path)
    folder = tmp_path / ".wirewatch"
    sleeper = _sleeper(settings, "newsroom")
    (folder / "demo" / "archive").mkdir(parents=True)
    (folder / "archive").mkdir()
    assert clean.clean(settings) == ()
    assert not sleeper.alive
    assert (folder / "demo" / "archive").exists()
    (folder / "archive").rmdir()
    assert folder in clean.clean(settings)
    assert not folder.exists()
    assert clean.clean(settings) == ()
