"""Months of stories past their retention, and the clusters that reach into those that stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests import makers
from tests.upkeep import worn
from wirewatch.records import Story, replace
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.upkeep import months as module
from wirewatch.upkeep.months import PAST, months
from wirewatch.upkeep.work import Freed, Work

pytestmark = pytest.mark.es
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 8, tzinfo=UTC)


def story(name: str, when: datetime, **more: object) -> Story:
    return makers.story(name, first_seen=when, published=when, outlet=name, **more)


ALONE = story("alone", at(7, 3))
COPY = story("copy", at(7, 4), cluster_id="alone", lead=False)
# A report over the turn of two months: its lead goes, two copies stay.
LEAD = story("lead", at(8, 31))
LATER = story("later", at(9, 1), cluster_id="lead", lead=False)
LAST = story("last", at(9, 2), cluster_id="lead", lead=False)
YOUNG = story("young", at(11, 2))
STORIES = (ALONE, COPY, LEAD, LATER, LAST, YOUNG)


@pytest.fixture
def own(es_url: str, es_prefix: str, options: Settings) -> Iterator[Store]:
    """A store whose months the test may drop."""
    with connect(options.with_options(elasticsearch__prefix=es_prefix)) as store:
        store.stories.create(STORIES).raise_refused("stories")
        merged = makers.cluster(ALONE, id="merged", stories=(), redirect="alone")
        into = makers.cluster(LEAD, id="into", stories=(), redirect="lead")
        clusters = [
            makers.cluster(ALONE, COPY),
            makers.cluster(LEAD, LATER, LAST),
            makers.cluster(YOUNG),
            merged,
            into,
        ]
        worn.put(store, "clusters", *clusters)
        for one in (ALONE, LATER):
            worn.put(store, "revisions", worn.revision(one, 1, at(7, 5)))
        store.refresh()
        yield store


def dropped(store: Store, kept: int, *, dry: bool = False) -> Freed:
    return months(Work(store.settings.with_options(keep__stories=kept), store, NOW, dry))


def the_months(store: Store) -> set[str]:
    return {
        name.removeprefix(f"{store.prefix}-stories-")
        for name, one in store.templates.served().items()
        if one["noun"] == "stories"
    }


@pytest.mark.parametrize("part", [1, module.PART])
def test_whole_months_go_with_what_belongs_to_their_stories(
    own: Store, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(module, "PART", part)
    freed = dropped(own, 2)
    assert (freed.items, freed.what, freed.notes) == (3, "stories of 2026.07, 2026.08", ())
    assert the_months(own) == {"0000.00", "2026.09", "2026.11"}
    assert worn.ids(own, "stories") == {"later", "last", "young"}
    assert worn.ids(own, "clusters") == {"lead", "into", "young"}
    assert worn.ids(own, "revisions") == {worn.revision(LATER, 1, at(7, 5)).id}


def test_a_cluster_that_reaches_into_a_month_that_stays_keeps_those(own: Store) -> None:
    dropped(own, 2)
    cluster = own.clusters.get(["lead"])["lead"]
    assert (cluster.stories, cluster.lead, cluster.lead_reason) == (
        ("later", "last"),
        "later",
        PAST,
    )
    assert (cluster.outlets, cluster.first, cluster.last) == (2, at(9, 1), at(9, 2))
    stories = own.stories.stories(["later", "last"])
    assert {name: one.lead for name, one in stories.items()} == {"later": True, "last": False}
    assert own.clusters.resolve("into") == cluster


def test_months_within_their_time_stay(own: Store) -> None:
    assert dropped(own, 4).what == "no month is past its retention"
    assert dropped(own, 0).what == "kept for ever (keep.stories = 0)"
    assert len(worn.ids(own, "stories")) == len(STORIES)


def test_a_dry_run_counts_and_drops_nothing(own: Store) -> None:
    before = (worn.ids(own, "stories"), worn.ids(own, "clusters"), worn.ids(own, "revisions"))
    assert dropped(own, 2, dry=True).items == 3
    assert before == (
        worn.ids(own, "stories"), worn.ids(own, "clusters"), worn.ids(own, "revisions"),
    )  # fmt: skip


def test_stopped_before_the_index_goes_it_ends_the_same(
    own: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> int:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(module, "each", stop)
        with pytest.raises(Stopped):
            dropped(own, 2)
    assert "alone" not in worn.ids(own, "clusters")
    assert "2026.07" in the_months(own)
    dropped(own, 2)
    assert worn.ids(own, "clusters") == {"lead", "into", "young"}
    assert the_months(own) == {"0000.00", "2026.09", "2026.11"}


def test_a_cluster_changed_meanwhile_keeps_its_month_until_the_next_call(
    own: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    naming = own.clusters.naming

    def late(stories: list[str]) -> object:
        found = naming(stories)
        for identity, (cluster, _) in found.items():
            if identity == "lead":
                worn.put(own, "clusters", replace(cluster, lead_reason="a person's word"))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(own.clusters, "naming", late)
        freed = dropped(own, 2)
    assert freed.what == "stories of 2026.07"
    assert freed.notes == ("2026.08 stays until the next call: 1 clusters changed meanwhile",)
    assert "2026.08" in the_months(own)
    dropped(own, 2)
    assert own.clusters.get(["lead"])["lead"].stories == ("later", "last")
    assert "2026.08" not in the_months(own)
