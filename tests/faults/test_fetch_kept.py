"""A fetch killed in its middle: what it had kept is not asked again, by its own run or another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests import makers, sites
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.fetch_progress import FetchProgress
from wirewatch.records import PageStatus, replace, to_json, utc_now
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

pytestmark = pytest.mark.es

HOSTS, PAGES = 3, 14  # of a host
ENOUGH = 15  # pages kept at which it is killed

KILLED = f"""
import os, signal, sys
from wirewatch import settings
from wirewatch.pipeline.fetch import fetch
from wirewatch.records import Batch, from_json

kept = 0

def tick(items):
    global kept
    kept += items
    if kept >= {ENOUGH}:
        os.kill(os.getpid(), signal.SIGKILL)

fetch(settings.load(), from_json(Batch, sys.argv[1].encode()), tick)
"""


def answer(asked: sites.Request) -> sites.Answer:
    if asked.path == "/robots.txt":
        return sites.Answer(status=404)
    time.sleep(0.3)
    if asked.path == "/3":
        return sites.Answer(status=410)
    wish = {"X-Robots-Tag": "noarchive"} if asked.path == "/4" else {}
    return sites.Answer(f"<p>{asked.host}{asked.path}</p>" * 50, headers=wish)


@pytest.fixture
def site() -> Iterator[sites.Site]:
    with sites.serve(answer) as running:
        yield running


def test_what_was_kept_before_a_kill_is_not_asked_again(
    options: Settings, site: sites.Site
) -> None:
    given = options.with_options(
        fetch__allow=site.allow, fetch__delay=0, run__partitions=1, run__lease=360
    )
    urls = [f"{site.base(f'h{host}')}/{n}" for host in range(HOSTS) for n in range(PAGES)]
    with connect(given) as store:
        store.pages.discover([makers.page(url) for url in urls]).raise_refused("pages")
    [batch] = claim(given, "killed")
    died = subprocess.run(
        [sys.executable, "-c", KILLED, to_json(batch).decode()],
        cwd=project_root(),
        env={
            **os.environ,
            **settings_environ(given),
            "PYTHONPATH": os.pathsep.join([str(project_root()), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]
    kept = {one.page.url: one for one in FetchProgress(given, batch).earlier()}
    assert len(kept) >= ENOUGH
    with connect(given) as store:  # and the index knows: a run of another id asks for none of them
        store.refresh()
        later = store.pages.claim("r2", utc_now() + timedelta(hours=1), lease=0, limit=1_000)
        bare = {page.url for page in later if page.location is None}
    archived = {url for url, one in kept.items() if one.fetched and one.page.location}
    gone = {url for url, one in kept.items() if one.why}
    assert archived
    assert not (archived | gone) & bare
    with connect(given) as store:
        store.pages.claim("killed", utc_now() + timedelta(hours=2), lease=3_600, limit=1_000)

    done = fetch(given, batch)
    asked = Counter(f"http://{one.host}{one.path}" for one in site.asked)
    assert {asked[url] for url in kept} == {1}
    assert {asked[url] for url in urls} <= {1, 2}
    assert (done.taken, done.passed) == (HOSTS * PAGES, HOSTS * (PAGES - 1))
    assert (done.outcomes, done.notes) == ({"gone": HOSTS}, {"noarchive": HOSTS})
    with connect(given) as store:
        store.refresh()
        states = Counter(page.status for page in store.pages.all())
    assert states == {PageStatus.FETCHED: HOSTS * (PAGES - 1), PageStatus.DEAD: HOSTS}
    assert fetch(given, batch) == replace(done, hosts=())  # cleared: it asks for nothing
    assert Counter(f"http://{one.host}{one.path}" for one in site.asked) == asked
