"""Processes that extract, and what they leave behind when they die."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.extract import pool
from wirewatch.extract.job import Job, Rejection
from wirewatch.records import Article, Reason
from wirewatch.settings import load

SETTINGS = load({}).with_options(extract__processes=2)
PARAGRAPH = "The council of the town voted on Monday to rebuild the bridge over the river Orla. "


def job(number: int, body: bytes | None = None) -> Job:
    page = makers.page(f"p{number}", url=f"http://example.org/{number}")
    if body is None:
        text = "".join(f"<p>{PARAGRAPH * 3} It is report number {number}.</p>" for _ in range(2))
        page_html = f"<html><head><title>Report {number}</title></head><body><article>{text}"
        body = f"{page_html}</article></body></html>".encode()
    return Job(page=page, body=body, url=page.url, fetched=NOW, content_type="text/html")


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile, or a zombie
            if "wirewatch.extract.worker" in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_every_job_comes_back_once_and_no_process_stays() -> None:
    results = list(pool.extract_all((job(n) for n in range(25)), SETTINGS))
    assert sorted(name for name, _ in results) == sorted(f"p{n}" for n in range(25))
    for name, result in results:
        assert isinstance(result, Article)
        assert result.page_id == name
        assert f"number {name[1:]}" in result.text
    assert children() == []


def test_a_caller_who_stops_early_leaves_no_process() -> None:
    results = pool.extract_all((job(n) for n in range(200)), SETTINGS)
    next(results)
    assert children() != []
    results.close()
    assert children() == []


def test_a_killed_process_costs_no_page() -> None:
    seen = {}
    for count, (name, result) in enumerate(pool.extract_all((job(n) for n in range(40)), SETTINGS)):
        seen[name] = result
        if count in (3, 9):
            children()[0].send_signal(signal.SIGKILL)
    assert len(seen) == 40
    assert all(isinstance(result, Article) for result in seen.values())


def test_a_process_killed_while_it_starts_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib, signal, sys\n"
        f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
        "if 'wirewatch.extract.worker' in ' '.join(sys.orig_argv) and not seen.exists():\n"
        "    seen.touch(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    settings = SETTINGS.with_options(extract__processes=1)
    results = dict(pool.extract_all((job(n) for n in range(3)), settings))
    assert (tmp_path / "seen").exists()
    assert all(isinstance(result, Article) for result in results.values())
    assert len(results) == 3


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that kill, hang or fill their process, by a sitecustomize of the processes alone."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys, time\n"
        "def poison():\n"
        "    import wirewatch.encodings as c\n"
        "    real = c.decode\n"
        "    def decode(body, content_type=''):\n"
        "        if b'KILL' in body: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "        if b'HANG' in body: time.sleep(60)\n"
        "        if b'FILL' in body: [bytearray(1 << 24) for _ in range(1 << 20)]\n"
        "        if b'RAISE' in body: raise KeyError('broken')\n"
        "        return real(body, content_type)\n"
        "    c.decode = decode\n"
        "if 'wirewatch.extract.worker' in ' '.join(sys.orig_argv): poison()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("poisoned")
@pytest.mark.parametrize(
    ("poison", "reason", "words"),
    [
        (b"KILL", Reason.EXTRACTION_DIED, "SIGSEGV"),
        (b"HANG", Reason.EXTRACTION_DIED, "longer than 1.5 s"),
        (b"FILL", Reason.EXTRACTION_DIED, "of memory"),
        (b"RAISE", Reason.EXTRACTION_FAILED, "KeyError"),
    ],
)
def test_a_page_that_kills_takes_itself_alone(poison: bytes, reason: Reason, words: str) -> None:
    jobs = [job(n, b"<html><p>" + poison if n == 3 else None) for n in range(8)]
    settings = SETTINGS.with_options(extract__timeout=1.5, extract__memory=200)
    results = dict(pool.extract_all(jobs, settings))
    assert len(results) == 8
    died = results.pop("p3")
    assert isinstance(died, Rejection)
    assert died.reason is reason
    assert words in died.detail
    assert all(isinstance(result, Article) for result in results.values())
    assert children() == []


def test_jobs_that_fail_are_the_callers_error() -> None:
    def jobs():  # type: ignore[no-untyped-def]
        yield job(1)
        raise OSError("the archive is gone")

    with pytest.raises(OSError, match="the archive is gone"):
        list(pool.extract_all(jobs(), SETTINGS))
    assert children() == []


def test_processes_that_do_not_start_are_an_error_not_rejections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(pool.PoolError, match="does not start"):
        list(pool.extract_all([job(1)], SETTINGS))


def test_processes_are_replaced_after_so_many_pages() -> None:
    settings = SETTINGS.with_options(extract__processes=1, extract__recycle=3)
    seen = set()
    for _ in pool.extract_all((job(n) for n in range(8)), settings):
        seen |= {child.pid for child in children()}
    assert len(seen) >= 2


def test_nothing_stays_when_the_parent_is_killed() -> None:
    code = (
        "import itertools, sys; sys.path[:0] = sys.argv[1:3]\n"
        "from tests.extract.test_pool import job, SETTINGS\n"
        "from wirewatch.extract import pool\n"
        "for n, _ in enumerate(pool.extract_all(map(job, itertools.count()), SETTINGS)):\n"
        "    if n == 2: print('running', flush=True)\n"
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(root / "plugins"), str(root)], stdout=subprocess.PIPE
    )
    assert parent.stdout
    assert parent.stdout.readline() == b"running\n"
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert workers
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    for _ in range(200):
        if not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers):
            break
        time.sleep(0.05)
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers)
