"""What a batch asks for ends with its deadline: canonical links and further pages too."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests import makers, sites
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.fetch import fetch
from wirewatch.records import PageStatus, Reason
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es

SAID = 15  # pages that say they are another site's
WORDS = "The harbour was closed on Tuesday after the committee had met for nine hours. " * 4


@pytest.fixture
def site() -> Iterator[sites.Site]:
    """Its host ``never`` answers nothing, nor do second pages, before the test is over."""
    over = threading.Event()

    def answer(asked: sites.Request) -> sites.Answer:
        if asked.path == "/robots.txt":
            return sites.Answer(status=404)
        if asked.host.startswith("never") or "page=" in asked.path:
            over.wait(60)
            return sites.Answer(status=410)
        port = asked.host.rpartition(":")[2]
        there = f"http://never.example.localhost:{port}{asked.path}"
        head = f"<link rel='canonical' href='{there}'>" if asked.host.startswith("said") else ""
        links = "".join(f"<a href='{asked.path}?page={n}'>{n}</a> " for n in (2, 3, 4))
        foot = f"<div class='pages'>{links}</div>"
        title = f"Report {asked.path.strip('/')}"
        return sites.Answer(sites.page(title, WORDS, head=head, foot=foot))

    with sites.serve(answer) as running:
        yield running
        over.set()


@pytest.fixture
def given(options: Settings, site: sites.Site) -> Settings:
    return options.with_options(
        fetch__allow=site.allow,
        fetch__delay=0,
        fetch__budget=8,
        run__partitions=1,
        extract__processes=1,
    )


def test_canonical_links_to_a_silent_host_share_the_deadline(
    store: Store, given: Settings, site: sites.Site
) -> None:
    named = [f"{site.base(f'said{n}')}/{n}" for n in range(SAID)]
    store.pages.discover([makers.page(url) for url in named]).raise_refused("pages")
    [batch] = claim(given, "r1")
    done = fetch(given, batch)
    assert (done.taken, done.passed) == (SAID, SAID)
    silent = [one for one in site.asked if one.host.startswith("never")]
    assert len([one for one in silent if one.path != "/robots.txt"]) <= 1
    known = store.pages.get([makers.page(url).id for url in named])
    assert {page.canonical for page in known.values()} == {""}
    assert {one.holder for one in store.hosts.get([one.host for one in silent]).values()} == {""}


def test_what_had_no_turn_is_due_at_once_and_held_by_nobody(
    store: Store, given: Settings, site: sites.Site
) -> None:
    named = [f"{site.base('never')}/{n}" for n in range(3)]
    store.pages.discover([makers.page(url) for url in named]).raise_refused("pages")
    [batch] = claim(given, "r1")
    done = fetch(given, batch)
    assert done.outcomes == {"timeout": 1, "postponed": 2}
    left = [
        page
        for page in store.pages.get([makers.page(url).id for url in named]).values()
        if page.reason == Reason.POSTPONED
    ]
    assert len(left) == 2
    for page in left:
        assert (page.status, page.attempts, page.lease) == (PageStatus.RETRY, 0, None)
        assert page.next_attempt is not None
        assert (page.next_attempt - page.discovered).total_seconds() >= 0


def test_further_pages_of_all_articles_share_one_deadline(
    store: Store, given: Settings, site: sites.Site
) -> None:
    named = [f"{site.base('paged')}/report{word}" for word in ("a", "b", "c", "d")]
    store.pages.discover([makers.page(url) for url in named]).raise_refused("pages")
    [batch] = claim(given, "r1")
    read = extract(given, fetch(given, batch))
    assert (read.passed, read.notes) == (4, {})
    assert len([one for one in site.asked if "page=" in one.path]) == 1
