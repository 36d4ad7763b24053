from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from newsroom import pages
from newsroom.feeds import items
from newsroom.opml import opml
from newsroom.outlets import BY_LABEL, OUTLETS
from newsroom.plan import plan
from newsroom.server import Newsroom
from newsroom.site import clean
from newsroom.truth import Truth, truth
from wirewatch.records import PageStatus, from_json, to_json

Get = Callable[..., Any]


def test_it_covers_every_page_that_a_feed_links_to(epoch: datetime) -> None:
    told = truth(epoch, 8765).by_url()
    linked = set()
    for outlet in OUTLETS:
        for item in items(outlet, plan(), epoch, 8765):
            host, slash, path = item.url.removeprefix("http://").partition("/")
            linked.add(f"http://{host}{clean(slash + path)}")
    assert linked == set(told)


def test_the_aggregator_adds_no_page(epoch: datetime) -> None:
    entries = items(BY_LABEL["headline-sweep"], plan(), epoch, 8765)
    assert len(entries) == 300
    assert len({entry.url for entry in entries}) > 250
    assert len({entry.guid for entry in entries}) == 300
    assert not [page for page in truth(epoch, 8765).pages if page.label == "headline-sweep"]


def test_pages_end_indexed_or_with_a_reason(epoch: datetime) -> None:
    told = truth(epoch, 8765)
    for page in told.pages:
        assert (page.status == PageStatus.INDEXED) == (page.reason is None), page.url
        assert bool(page.cluster) == (page.status == PageStatus.INDEXED), page.url
    reasons = {page.reason for page in told.pages if page.reason}
    assert len(reasons) >= 12


def test_two_urls_are_one_story(epoch: datetime) -> None:
    told = truth(epoch, 8765)
    indexed = [page for page in told.pages if page.status == PageStatus.INDEXED]
    stories = {page.story for page in indexed}
    assert len(indexed) == len(stories) + 1
    assert sum(len(urls) for urls in told.clusters().values()) == len(stories)


def test_what_it_says_of_a_page_stands_on_the_page(shared_room: Newsroom, get: Get) -> None:
    epoch = shared_room.epoch
    for placement in plan().placements:
        found = shared_room.truth().by_url()
        url = pages.origin(placement.outlet, shared_room.port) + pages.link(placement, epoch)
        page = found[url]
        raw = pages.article(placement, plan(), epoch, shared_room.port)
        shown = html.unescape(raw.decode(pages.encoding(placement)[0]))
        assert page.title in shown
        assert page.contains
        for passage in page.contains:
            assert passage in shown, page.url
        for name in page.authors:
            assert name in shown, page.url
        if page.agency:
            short = placement.version.dateline
            assert page.agency in shown or short in shown, page.url
        assert not any(part in "\n".join(placement.version.body) for part in page.excludes)
        assert page.published is not None
        assert timedelta(0) <= epoch - page.published <= timedelta(hours=72), page.url


def test_days_are_told_where_no_instant_is(epoch: datetime) -> None:
    told = truth(epoch, 8765)
    days = {page.label for page in told.pages if page.precision == "day"}
    assert days == {"old-town-gazette"}


def test_it_survives_json(epoch: datetime) -> None:
    told = truth(epoch, 8765)
    assert from_json(Truth, to_json(told)) == told
    assert msgspec.json.decode(to_json(told))["pages"][0]["status"] == "indexed"


def test_opml_names_every_feed(epoch: datetime) -> None:
    root = ET.fromstring(opml(8765))  # noqa: S314 - our own document
    outlines = [one for one in root.iter("outline") if one.get("xmlUrl")]
    feeds = truth(epoch, 8765).feeds
    assert {one.get("xmlUrl") for one in outlines} == {feed.url for feed in feeds}
    assert len(outlines) == len(feeds)
    for one in outlines:
        assert one.get("title")
        assert one.get("language")
        assert one.get("country")
        assert one.get("htmlUrl", "").startswith("http://")
    nested = root.findall("body/outline/outline/outline[@xmlUrl]")
    assert nested, "folders stand inside folders"
