"""Which pages are forgotten: never one that its feed may still name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.upkeep import worn
from wirewatch.records import PageStatus
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.upkeep.pages import pages
from wirewatch.upkeep.work import Work

pytestmark = pytest.mark.es
DAY = timedelta(days=1)


def forgotten(store: Store, settings: Settings, **more: object) -> set[str]:
    """The ids of the pages that one call forgets."""
    given = settings.with_options(keep__pages=30, keep__failed=10, keep__listed=4, **more)
    before = worn.ids(store, "pages")
    freed = pages(Work(given, store, worn.NOW, False))
    gone = before - worn.ids(store, "pages")
    assert freed.items == len(gone)
    return gone


def test_a_feed_s_newest_pages_stay_however_old(store: Store, options: Settings) -> None:
    worn.put(store, "pages", *(worn.page(f"p{n}", worn.NOW - (100 + n) * DAY) for n in range(7)))
    assert forgotten(store, options) == {"p4", "p5", "p6"}
    assert forgotten(store, options) == set()


def test_newer_pages_of_a_feed_push_the_old_ones_out(store: Store, options: Settings) -> None:
    young = [worn.page(f"young{n}", worn.NOW - n * DAY) for n in range(4)]
    old = [worn.page(f"old{n}", worn.NOW - (40 + n) * DAY) for n in range(3)]
    other = worn.page("other", worn.NOW - 50 * DAY, feed_id="another")
    worn.put(store, "pages", *young, *old, other)
    assert forgotten(store, options) == {"old0", "old1", "old2"}


def test_failed_pages_have_a_time_of_their_own(store: Store, options: Settings) -> None:
    young = [worn.page(f"young{n}", worn.NOW - n * DAY) for n in range(4)]
    states = {"dead": PageStatus.DEAD, "rejected": PageStatus.REJECTED, "read": PageStatus.INDEXED,
              "retry": PageStatus.RETRY, "found": PageStatus.DISCOVERED}  # fmt: skip
    old = [worn.page(name, worn.NOW - 20 * DAY, status) for name, status in states.items()]
    worn.put(store, "pages", *young, *old)
    assert forgotten(store, options) == {"dead", "rejected"}


def test_a_page_that_is_to_be_looked_at_again_stays(store: Store, options: Settings) -> None:
    young = [worn.page(f"young{n}", worn.NOW - n * DAY) for n in range(4)]
    again = worn.page("again", worn.NOW - 50 * DAY, revisit_at=worn.NOW + DAY)
    over = worn.page("over", worn.NOW - 50 * DAY, revisit_at=worn.NOW - 20 * DAY)
    worn.put(store, "pages", *young, again, over)
    assert forgotten(store, options) == {"over"}


def test_pages_found_at_one_moment_stay_together(store: Store, options: Settings) -> None:
    """A feed read for the first time: all of its pages have one time."""
    worn.put(store, "pages", *(worn.page(f"p{n}", worn.NOW - 90 * DAY) for n in range(9)))
    assert forgotten(store, options) == set()
