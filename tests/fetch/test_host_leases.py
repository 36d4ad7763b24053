"""No host is asked twice at once, whoever asks: the server counts what it is asked at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests import makers, sites
from wirewatch.fetch import host_leases, loop
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.holders import has_ended, this_process
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline.claim import claim, claim_revisits
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.fetch_preview import preview
from wirewatch.pipeline.poll import poll
from wirewatch.records import PageStatus, Reason, to_json, utc_now
from wirewatch.settings import Settings, project_root
from wirewatch.store import Store

pytestmark = pytest.mark.es


class Counted:
    """A site that notes how many requests each of its hosts had at once."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: defaultdict[str, int] = defaultdict(int)
        self.lock = threading.Lock()

    def answer(self, asked: sites.Request) -> sites.Answer:
        with self.lock:
            self.now[asked.host] += 1
            self.most[asked.host] = max(self.most[asked.host], self.now[asked.host])
        time.sleep(0.05)
        try:
            if asked.path.startswith("/to/"):  # /to/b/3: the page /3 of b
                _, _, label, number = asked.path.split("/")
                port = asked.host.rpartition(":")[2]
                target = f"http://{label}.localhost:{port}/{number}"
                return sites.Answer(status=302, headers={"Location": target})
            if asked.path == "/feed":
                return sites.rss([f"http://{asked.host}/fed"])
            if asked.path == "/robots.txt":
                return sites.Answer(status=404)
            return sites.Answer(f"<p>{asked.path}</p>" * 30)
        finally:
            with self.lock:
                self.now[asked.host] -= 1


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def site(counted: Counted) -> Iterator[sites.Site]:
    with sites.serve(counted.answer) as running:
        yield running


@pytest.fixture
def given(options: Settings, site: sites.Site) -> Settings:
    return options.with_options(fetch__allow=site.allow, fetch__delay=0, run__partitions=4)


def test_batches_redirects_feeds_revisits_and_commands_never_ask_a_host_at_once(
    store: Store, given: Settings, site: sites.Site, counted: Counted
) -> None:
    """Ingest's batches here, one in another process; looks again, polls, a command beside them."""
    hosts, now = "abcdef", utc_now()
    named = [f"{site.base(host)}/{n}" for host in hosts for n in range(6)]
    named += [f"{site.base(one)}/to/{two}/{one}" for one in hosts for two in hosts if one != two]
    store.pages.discover([makers.page(url) for url in named]).raise_refused("pages")
    again = [
        makers.page(
            f"{site.base(host)}/again",
            status=PageStatus.INDEXED,
            discovered=now,
            revisit_at=now - timedelta(minutes=1),
        )
        for host in hosts
    ]
    store.pages.discover(again).raise_refused("pages")
    store.feeds.add([makers.feed(f"{site.base(host)}/feed") for host in hosts])
    batches = claim(given, "r1")
    assert len(batches) > 1
    looks = claim_revisits(given, "revisit")
    code = (
        "import sys; from wirewatch import settings; from wirewatch.pipeline.fetch import fetch; "
        "from wirewatch.records import Batch, from_json; "
        "fetch(settings.load(), from_json(Batch, sys.argv[1].encode()))"
    )
    with ThreadPoolExecutor(16) as threads:
        other = threads.submit(
            subprocess.run,
            [sys.executable, "-c", code, to_json(batches[0]).decode()],
            cwd=project_root(),
            env={
                **os.environ,
                **settings_environ(given),
                "PYTHONPATH": os.pathsep.join([str(project_root()), *sys.path]),
            },
            check=True,
            timeout=300,
        )
        calls: list[Any] = [threads.submit(fetch, given, one) for one in [*batches[1:], *looks]]
        calls.append(threads.submit(poll, given, "r1"))
        calls += [threads.submit(preview, given, f"{site.base(host)}/seen") for host in hosts]
        for call in [other, *calls]:
            call.result()
    assert set(counted.most) >= {f"{host}.localhost:{site.port}" for host in hosts}
    assert set(counted.most.values()) == {1}
    assert {one.path for one in site.asked} >= {"/0", "/again", "/feed", "/seen", "/to/b/a"}
    assert {one.holder for one in store.hosts.get(list(counted.most)).values()} == {""}


def test_a_host_that_another_client_has_is_waited_for_and_then_left(
    store: Store, given: Settings, site: sites.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = f"a.localhost:{site.port}"
    impatient = given.with_options(fetch__wait=1)

    async def ask() -> Response | Failure:
        async with Client(impatient, leases=store.hosts) as client:
            return await client.get(f"http://{host}/x")

    store.hosts.take([host], "elsewhere|||0|x", 60)
    answer = loop.run(ask())
    assert isinstance(answer, Failure)
    assert (answer.reason, answer.attempted) == (Reason.POSTPONED, False)
    assert "by another task or command" in answer.detail
    assert not site.asked
    store.hosts.release({host: (0.0, 0.0)}, "elsewhere|||0|x")
    assert isinstance(loop.run(ask()), Response)


def test_the_lease_of_a_process_that_is_gone_is_taken_at_once(
    store: Store, given: Settings, site: sites.Site
) -> None:
    host = f"a.localhost:{site.port}"
    gone = subprocess.run(
        [sys.executable, "-c", "from wirewatch import holders; print(holders.this_process())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert not has_ended(f"{this_process()}|mine")
    assert not has_ended("another machine|pid:[1]|1|1.0|x")
    store.hosts.take([host], f"{gone}|x", 600)

    async def ask() -> Response | Failure:
        async with Client(given, leases=store.hosts) as client:
            return await client.get(f"http://{host}/x")

    assert isinstance(loop.run(ask()), Response)


def test_a_pause_holds_for_the_next_client_and_tells_how_many_pages_fit(
    store: Store, options: Settings, site: sites.Site
) -> None:
    given = options.with_options(fetch__allow=site.allow, fetch__delay=20, fetch__wait=0)
    host = f"a.localhost:{site.port}"

    async def ask() -> Response | Failure:
        async with Client(given, leases=store.hosts) as client:
            return await client.get(f"http://{host}/x")

    assert isinstance(loop.run(ask()), Response)
    known = store.hosts.get([host])[host]
    assert known.holder == ""
    assert known.next_at is not None
    assert known.next_at > utc_now()
    assert 20 <= known.seconds < 40
    soon = loop.run(ask())
    assert isinstance(soon, Failure)
    assert (soon.reason, soon.attempted) == (Reason.RATE_LIMITED, False)
    store.pages.discover([makers.page(f"http://{host}/{n}") for n in range(9)])
    [batch] = claim(given, "r1")
    assert 1 <= batch.passed <= 3  # 67 seconds of the budget, less what is left of the pause


def test_a_host_is_given_back_while_the_client_goes_on_elsewhere(
    store: Store, given: Settings, site: sites.Site
) -> None:
    host = f"a.localhost:{site.port}"

    async def ask() -> str:
        async with Client(given, leases=store.hosts) as client:
            await client.get(f"http://{host}/x")
            held = store.hosts.get([host])[host].holder
            assert held
            for _ in range(100):
                if not store.hosts.get([host])[host].holder:
                    break
                await host_leases.asyncio.sleep(0.2)
            left = store.hosts.get([host])[host].holder
            assert isinstance(await client.get(f"http://{host}/y"), Response)
            return left

    assert loop.run(ask()) == ""


def test_leases_end_by_themselves(store: Store) -> None:
    assert store.hosts.take(["h"], "one", 0)["h"].holder == "one"
    assert store.hosts.take(["h", "i"], "two", 60)["h"].holder == "two"
    assert store.hosts.take(["h", "i"], "one", 60)["i"].holder == "two"
    store.hosts.release({"h": (5, 1.5)}, "one")  # which has it no more
    assert store.hosts.get(["h"])["h"].holder == "two"
    assert store.hosts.get([f"none{n}" for n in range(1_001)]) == {}
