"""Exports that break off, and pages that are read while stories arrive."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import makers
from tests.web.conftest import Site
from tests.web.sample import DAY, stories
from wirewatch.records import stable_id
from wirewatch.search.export import columns

pytestmark = pytest.mark.es

PATIENCE = 60  # seconds for the server to notice on a busy machine


def test_the_scan_stops_when_the_client_goes_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = columns.scan
    closed: list[str] = []
    opened: list[str] = []
    stopped = threading.Event()

    def endless(*asked: Any, **options: Any) -> Iterator[dict[str, Any]]:
        opened.append(options["pit"])
        hits = list(real(*asked, **options))
        try:
            while True:
                yield from hits
        finally:
            stopped.set()

    close = type(site.store.es).close_point_in_time
    monkeypatch.setattr(columns, "scan", endless)
    monkeypatch.setattr(
        type(site.store.es),
        "close_point_in_time",
        lambda es, **asked: (closed.append(asked["id"]), close(es, **asked))[1],
    )
    with site.client("read") as client:
        with client.stream("GET", "/api/v1/export", params={"q": "*", "format": "jsonl"}) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_bytes())
        until = time.monotonic() + PATIENCE
        while (not closed or not stopped.is_set()) and time.monotonic() < until:
            time.sleep(0.05)
        assert closed == opened
        assert stopped.is_set()
        assert client.get("/api/v1/health").status_code == 200


def test_an_export_that_breaks_off_is_no_whole_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = columns.scan

    def breaking(*asked: Any, **options: Any) -> Iterator[dict[str, Any]]:
        hits = real(*asked, **options)
        for _ in range(100):
            yield next(hits)
        raise ConnectionError("Elasticsearch went away")

    monkeypatch.setattr(columns, "scan", breaking)
    with site.client("read") as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/api/v1/export", params={"q": "*", "format": "jsonl"})


def test_a_slow_sender_holds_nobody_up(site: Site) -> None:
    """Half a request is sent and kept open; others are answered meanwhile."""
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as slow:
        slow.sendall(b"POST /api/v1/searches HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        with site.client("read") as client:
            for _ in range(5):
                assert client.get("/api/v1/stories?q=ferry").status_code == 200


def test_each_row_comes_once_while_stories_arrive(site: Site) -> None:
    """As the library's test with 50,000 rows; here through the server, with its cursors."""
    before = [
        makers.changed(one, id=stable_id("arriving", str(number)), cluster_id="", outlet="Arriving",
                title=f"Arriving {number}", link=None, url=f"https://a.example/{number}",
                canonical_url=f"https://a.example/{number}", published=DAY)
        for number, one in enumerate(stories() * 5)
    ]  # fmt: skip
    site.store.stories.create(before).raise_refused("stories")
    site.store.refresh()
    asked = {"q": "outlet:Arriving", "size": 100, "collapse": "none"}
    arriving = threading.Event()

    def arrive() -> None:
        number = 0
        while not arriving.is_set():
            batch = [
                makers.changed(before[0], id=stable_id("late", str(number + at)),
                        url=f"https://late.example/{number + at}",
                        canonical_url=f"https://late.example/{number + at}")
                for at in range(20)
            ]  # fmt: skip
            site.store.stories.create(batch)
            site.store.refresh()
            number += 20

    thread = threading.Thread(target=arrive)
    thread.start()
    try:
        with site.client("read") as client:
            seen: list[str] = []
            page = client.get("/api/v1/stories", params={**asked, "paged": True}).json()
            first = page["stories"]
            while True:
                seen += [hit["story"]["id"] for hit in page["hits"]]
                if not page["cursor"]:
                    break
                page = client.get(
                    "/api/v1/stories", params={**asked, "cursor": page["cursor"]}
                ).json()
            after = client.get("/api/v1/stories", params=asked).json()["stories"]
    finally:
        arriving.set()
        thread.join()
        site.store.es.delete_by_query(
            index=site.store.stories.alias,
            query={"term": {"outlet": "Arriving"}},
            refresh=True,
            conflicts="proceed",
        )
    assert len(seen) == len(set(seen)) == first
    assert {one.id for one in before} <= set(seen)
    assert after > first  # some did arrive meanwhile
