"""Owners who keep very many searches: the others are told first, and all the same things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests import makers
from wirewatch.pipeline.alert import alert
from wirewatch.records import Delivery, SavedSearch, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.alertstore import Searches
from wirewatch.store.bulk import Outcome
from wirewatch.store.deliveries import Deliveries

pytestmark = pytest.mark.es


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(alerts__crowd=5, alerts__owner_cap=6)


def saved(name: str, query: str, owner: str, **fields: object) -> SavedSearch:
    given = {"id": name, "name": name, "query": query, "owner": owner, "origin": "user"}
    return SavedSearch(**{**given, **fields})


def written(store: Store, *names: str) -> None:
    now = utc_now()
    store.stories.create(
        makers.story(
            name, f"The {name} is late", title=name.title(), unmatched="new", first_seen=now
        )
        for name in names
    )
    store.refresh()


def told(store: Store) -> set[tuple[str, str]]:
    return {(one.search_id, one.story_id) for one in store.alerts.all() if not one.capped}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read and queued, in order: owners, and ids of searches."""
    found: list[str] = []
    read, create = Searches.all, Deliveries.create

    def reading(self: Searches, **asked: Iterable[str]) -> Iterator[SavedSearch]:
        found.extend(f"reads {one}" for one in asked.get("owners", ()))
        return read(self, **asked)

    def creating(self: Deliveries, deliveries: Iterable[Delivery]) -> Outcome:
        messages = list(deliveries)
        found.extend(one.search_id for one in messages)
        return create(self, messages)

    monkeypatch.setattr(Searches, "all", reading)
    monkeypatch.setattr(Deliveries, "create", creating)
    return found


def test_the_others_are_told_before_the_searches_of_a_crowd_are_read(
    store: Store, options: Settings, steps: list[str]
) -> None:
    written(store, "ferry", "tram", "bus")
    store.searches.put(
        [
            *(saved(f"greedy{n}", "*", "greedy") for n in range(40)),
            saved("small", "ferry", "greedy"),
            saved("modest", "ferry OR tram OR bus", "ann"),
            saved("modest2", "bus", "ann"),
        ]
    )
    alert(options, "run")
    at = steps.index("reads greedy")
    assert set(steps[:at]) == {"modest", "modest2"}
    assert all(one.startswith(("greedy", "small")) for one in steps[at + 1 :])
    found = told(store)
    assert {one for one in found if one[0].startswith("modest")} == {
        ("modest", "ferry"), ("modest", "tram"), ("modest", "bus"), ("modest2", "bus"),
    }  # fmt: skip
    assert ("small", "ferry") in found  # what finds least comes first
    assert len(found) == 4 + 6
    rests = [one for one in store.alerts.all() if one.capped]
    assert sum(one.rest for one in rests) == 40 * 3 + 1 - 6
    assert store.stories.waiting() == 0
    alert(options, "again")
    assert told(store) == found


def test_searches_may_name_those_of_a_crowd_and_a_crowd_theirs(
    store: Store, options: Settings
) -> None:
    written(store, "ferry", "tram")
    store.searches.put(
        [
            *(saved(f"many{n}", f"nothing{n}", "many") for n in range(6)),
            saved("boats", "@ships", "many"),
            saved("ships", "ferry", "many"),
            saved("mine", "@boats", "ann"),
            saved("rails", "tram", "ann"),
            saved("theirs", "@rails", "many"),
        ]
    )
    assert alert(options, "run").notes["searches_switched_off"] == 0
    assert told(store) == {
        ("boats", "ferry"), ("ships", "ferry"), ("mine", "ferry"),
        ("rails", "tram"), ("theirs", "tram"),
    }  # fmt: skip


def test_a_search_of_a_crowd_that_cannot_be_asked_or_is_over_is_switched_off(
    store: Store, options: Settings
) -> None:
    written(store, "ferry")
    store.searches.put(
        [
            *(saved(f"many{n}", "ferry", "many") for n in range(6)),
            saved("wrong", "@nobody", "many"),
            saved("over", "ferry", "many", expires=utc_now()),
        ]
    )
    assert alert(options, "run").notes["searches_switched_off"] == 2
    assert {one.id for one in store.searches.all() if one.off} == {"wrong", "over"}
    assert {search for search, _ in told(store)} == {f"many{n}" for n in range(6)}
