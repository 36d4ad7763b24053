"""Which pages a run claims: every host in turn, whatever one of them has waiting."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.records import PageStatus
from wirewatch.store import Store
from wirewatch.store.frontier import Due, shares

HOSTS, BACKLOG = 40, 3_000

pytestmark = pytest.mark.es


def fill(store: Store) -> None:
    """A host with a backlog that is older than all else, and hosts with three pages each."""
    old, hour = NOW - timedelta(days=2), timedelta(hours=1)
    pages = [
        makers.page(f"http://big.example/{n}", discovered=old + timedelta(seconds=n))
        for n in range(BACKLOG)
    ]
    pages += [
        makers.page(f"http://h{host}.example/{n}", discovered=NOW - n * hour)
        for host in range(HOSTS)
        for n in range(3)
    ]
    store.pages.discover(pages).raise_refused("pages")


def test_a_backlog_of_one_host_takes_no_other_hosts_turn(store: Store) -> None:
    fill(store)
    taken = store.pages.claim(
        "r1", NOW, lease=600, limit=500, most=lambda hosts: dict.fromkeys(hosts, 60)
    )
    by_host = Counter(page.host for page in taken)
    assert by_host == {"big.example": 60, **{f"h{n}.example": 3 for n in range(HOSTS)}}
    first = {page.url for page in taken if page.host == "big.example"}
    assert first == {f"http://big.example/{n}" for n in range(60)}
    again = store.pages.claim("r1", NOW, lease=600, limit=500, most=lambda _: {})
    assert len(again) == 500  # what it holds, filled up
    assert {page.id for page in taken} <= {page.id for page in again}


def test_where_not_all_can_be_taken_every_host_gets_one_before_any_gets_a_second(
    store: Store,
) -> None:
    fill(store)
    by_host = Counter(p.host for p in store.pages.claim("r1", NOW, lease=600, limit=HOSTS + 21))
    assert len(by_host) == HOSTS + 1
    assert set(by_host.values()) == {1, 2}
    assert sum(by_host.values()) == HOSTS + 21


def test_a_large_share_of_one_host_is_read_in_order(store: Store) -> None:
    fill(store)
    taken = store.pages.claim("r1", NOW, lease=600, limit=2_000)
    big = sorted(int(page.url.rpartition("/")[2]) for page in taken if page.host == "big.example")
    assert big == list(range(2_000 - 3 * HOSTS))


def test_looks_again_are_claimed_by_host_too(store: Store) -> None:
    pages = [
        makers.page(
            f"http://{host}.example/{n}",
            status=PageStatus.INDEXED,
            revisit_at=NOW - timedelta(hours=2 if host == "big" else 1, seconds=n),
        )
        for host, count in (("big", 50), ("small", 2))
        for n in range(count)
    ]
    store.pages.discover(pages)
    taken = store.pages.claim_revisits("r1", NOW, lease=600, limit=10)
    assert Counter(page.host for page in taken) == {"big.example": 8, "small.example": 2}


def test_pages_are_looked_up_in_chunks(store: Store) -> None:
    store.pages.discover([makers.page("http://a.example/known")])
    known = makers.page("http://a.example/known").id
    names = [f"n{n}" for n in range(2_500)]
    assert store.pages.unknown([*names, known, known]) == set(names)
    assert list(store.pages.get([*names, known])) == [known]
    assert store.pages.unknown([]) == set()


def test_shares_go_to_the_oldest_where_hosts_outnumber_pages() -> None:
    due = {f"h{n}": Due(count=5, most=5, oldest=float(n)) for n in range(10)}
    assert shares(due, 3) == {"h0": 1, "h1": 1, "h2": 1}
    assert shares(due, 12) == {f"h{n}": 2 if n < 2 else 1 for n in range(10)}
    assert shares(due, 100) == dict.fromkeys(due, 5)
    assert shares({"h": Due(count=5, most=0, oldest=0.0)}, 9) == {}
