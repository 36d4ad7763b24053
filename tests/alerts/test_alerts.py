"""Alerts raised by the stories that are marked, against a real Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import flows, makers
from tests.makers import NOW
from wirewatch.alerts.raising import Raised, raise_alerts
from wirewatch.records import (
    Alert,
    Cluster,
    Copies,
    Delivery,
    DeliveryKind,
    SavedSearch,
    Story,
    Unmatched,
    replace,
)
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.stories import Stories

pytestmark = pytest.mark.es

HOUR = timedelta(hours=1)


def story(identity: str, text: str, **fields: object) -> Story:
    given = {"title": f"Report {identity}", "outlet": f"Paper {identity}", "unmatched": "new"}
    return makers.story(identity, text, **{**given, **fields})


def write(store: Store, *stories: Story) -> None:
    """The stories and their clusters, as a run leaves them."""
    store.stories.create(stories)
    by_cluster: dict[str, list[Story]] = {}
    for one in stories:
        by_cluster.setdefault(one.cluster_id, []).append(one)
    for key, own in by_cluster.items():
        lead = next((one.id for one in own if one.lead), own[0].id)
        place(store, makers.cluster(*own, id=key, lead=lead))


def place(store: Store, cluster: Cluster) -> None:
    """The cluster, whatever was there under its id."""
    there = store.clusters.read([cluster.id])
    version = there[cluster.id][1] if there else None
    assert store.clusters.write([(cluster, version)]).done == [cluster.id]


def join(store: Store, cluster_id: str, *stories: Story) -> None:
    """Adds stories to a cluster that is there."""
    store.stories.create(stories)
    before = store.clusters.get([cluster_id])[cluster_id]
    outlets = before.outlets + len(stories)
    ids = (*before.stories, *(one.id for one in stories))
    place(store, replace(before, stories=ids, outlets=outlets))


def copy(identity: str, cluster: str, text: str = "Tram drivers strike", **fields: object) -> Story:
    return story(identity, text, **{"cluster_id": cluster, "lead": False, **fields})


def saved(query: str, **fields: Any) -> SavedSearch:
    return SavedSearch(**{"id": "s", "name": query, "query": query, **fields})


def raise_for(store: Store, *searches: SavedSearch, now: datetime = NOW) -> Raised:
    return raise_alerts(store, searches, now)


def alerts(store: Store) -> list[Alert]:
    return sorted(store.alerts.all(), key=lambda one: (one.search_id, one.created))


def messages(store: Store, kind: DeliveryKind = DeliveryKind.ALERT) -> list[Delivery]:
    return [one for one, _ in store.deliveries.find() if one.kind == kind]


def test_one_alert_a_cluster_and_the_lead_is_named(store: Store) -> None:
    write(
        store,
        copy("copy1", "lead"),
        story("lead", "Tram drivers strike at the depot", description="They want more pay."),
        copy("copy2", "lead", title="Trams stand still"),
        story("other", "Bakers strike"),
        story("rain", "It rains"),
    )
    queries = ("strike", "depot", "snow")
    done = raise_for(store, *(saved(query, id=query) for query in queries))
    assert done.refused == {}
    found = alerts(store)
    assert {(a.search_id, a.cluster_id, a.story_id) for a in found} == {
        ("strike", "lead", "lead"),
        ("strike", "other", "other"),
        ("depot", "lead", "lead"),
    }
    [told] = [a for a in found if a.search_id == "depot"]
    assert told.excerpt == "They want more pay."
    assert (told.outlets, told.own_headlines) == (3, 2)
    assert set(told.stories) == {"lead", "copy1", "copy2"}
    assert {one.alerts for one in messages(store)} == {(a.id,) for a in found}
    assert store.stories.waiting() == 0


def test_without_a_description_the_text_is_shown(store: Store) -> None:
    write(store, story("t", "Bakers strike. " * 60))
    raise_for(store, saved("strike"))
    [told] = alerts(store)
    assert told.excerpt.startswith("Bakers strike. Bakers")
    assert len(told.excerpt) <= 300


def test_a_story_of_unknown_language_is_matched_too(store: Store) -> None:
    write(store, story("t", "halalan bukas", language="und"))
    raise_for(store, saved("halalan", id="a"), saved("lang:und", id="b"))
    assert [alert.search_id for alert in alerts(store)] == ["a", "b"]


def test_stories_without_a_mark_raise_nothing(store: Store) -> None:
    """Those that an earlier version wrote: their alerts went out."""
    write(store, story("old", "strike", unmatched=None), story("new", "strike"))
    raise_for(store, saved("strike"))
    assert [alert.story_id for alert in alerts(store)] == ["new"]
    assert raise_for(store, saved("strike")).counts["stories"] == 0


def test_many_searches_lose_none(store: Store) -> None:
    write(store, *(story(f"t{number}", f"word{number} common") for number in range(60)))
    queries = [f"word{number}" for number in range(60)] + ["common"]
    raise_for(store, *(saved(query, id=f"s{n}") for n, query in enumerate(queries)))
    found = alerts(store)
    assert len([a for a in found if a.search_id == "s60"]) == 60
    assert {(a.search_id, a.story_id) for a in found if a.search_id != "s60"} == {
        (f"s{number}", f"t{number}") for number in range(60)
    }


def test_more_stories_than_a_round(store: Store) -> None:
    write(store, *(story(f"t{number:04}", "strike") for number in range(1_201)))
    raise_for(store, saved("strike", cap=5_000))
    assert store.alerts.count() == 1_201


def test_alerts_come_in_the_order_of_their_stories(store: Store) -> None:
    times = {"b": 3, "d": 1, "a": 2, "c": 4}
    write(
        store,
        *(story(one, "strike", published=NOW - n * HOUR) for one, n in times.items()),
        story("lead", "It rains", published=NOW - 9 * HOUR),
        copy("copy", "lead", published=NOW - 8 * HOUR),
    )
    raise_for(store, saved("strike"))
    assert [alert.story_id for alert in alerts(store)] == ["c", "b", "a", "d", "copy"]


def test_a_saved_search_may_name_another(store: Store) -> None:
    write(store, story("a", "Tram drivers strike"), story("b", "Bakers strike"))
    named = saved("strike", id="s0", enabled=False)
    done = raise_for(store, named, saved("@s0 AND tram", id="s1"), saved("@gone", id="s2"))
    assert [(a.search_id, a.story_id) for a in alerts(store)] == [("s1", "a")]
    assert "gone" in done.refused["s2"]


# Once per event


def test_a_copy_that_comes_later_joins_the_alert(store: Store) -> None:
    write(store, story("a", "strike at the depot"))
    search = saved("depot")
    raise_for(store, search)
    join(store, "a", copy("b", "a", title="Trams stand still"))
    done = raise_for(store, search, now=NOW + HOUR)
    [told] = alerts(store)
    assert (told.outlets, told.own_headlines, told.revision) == (2, 1, 1)
    assert told.detail == "now 2 outlets, 1 with an own headline"
    assert done.counts["joined"] == 1
    assert messages(store, DeliveryKind.UPDATE) == []


def test_an_update_is_sent_where_it_is_asked_for(store: Store) -> None:
    write(store, story("a", "strike"))
    search = saved("strike", updates=True)
    raise_for(store, search)
    join(store, "a", copy("b", "a"))
    raise_for(store, search, now=NOW + HOUR)
    raise_for(store, search, now=NOW + 2 * HOUR)
    [update] = messages(store, DeliveryKind.UPDATE)
    assert update.revision == 1


def test_a_merged_cluster_is_not_told_of_again(store: Store) -> None:
    """The event was alerted under the id of a cluster that then merged into another."""
    write(store, story("a", "strike"), story("b", "rain"))
    search = saved("strike")
    raise_for(store, search)
    first, second = store.clusters.get(["a"])["a"], store.clusters.get(["b"])["b"]
    place(store, replace(second, stories=("a", "b"), outlets=2))
    place(store, replace(first, stories=(), redirect="b"))
    join(store, "b", copy("c", "b"))
    raise_for(store, search)
    [told] = alerts(store)
    assert told.outlets == 3


def test_a_merge_in_progress_tells_nothing_twice(store: Store) -> None:
    """The cluster that stays has the other's stories; the other does not redirect yet."""
    write(store, story("a", "strike"), story("b", "rain"))
    search = saved("strike")
    raise_for(store, search)
    second = store.clusters.get(["b"])["b"]
    place(store, replace(second, stories=("a", "b"), outlets=2))
    join(store, "b", copy("c", "b"))
    raise_for(store, search)
    assert len(alerts(store)) == 1


def test_the_id_of_a_merged_cluster_still_leads_to_its_alert(store: Store) -> None:
    """A late story names the cluster that was merged away, and the event was told by the other."""
    write(store, story("a", "strike"), story("b", "rain", unmatched=None))
    search = saved("strike")
    first, second = store.clusters.get(["a"])["a"], store.clusters.get(["b"])["b"]
    place(store, replace(first, stories=("a", "b", "late"), outlets=3))
    place(store, replace(second, stories=(), redirect="a"))
    raise_for(store, search)
    store.stories.create([copy("late", "b")])
    raise_for(store, search)
    [told] = alerts(store)
    assert told.cluster_id == "a"


def test_a_part_that_was_split_off_is_no_news(store: Store) -> None:
    write(store, story("a", "strike"), copy("b", "a"))
    search = saved("strike")
    raise_for(store, search)
    whole = store.clusters.get(["a"])["a"]
    place(store, replace(whole, stories=("a",), outlets=1))
    place(store, replace(whole, id="b", lead="b", stories=("b",), outlets=1))
    join(store, "b", copy("c", "b"))
    raise_for(store, search)
    assert len(alerts(store)) == 1


def test_a_story_that_is_being_placed_waits_for_its_cluster(store: Store) -> None:
    write(store, story("a", "rain", unmatched=None))
    store.stories.create([copy("b", "a", indexed=NOW)])
    search = saved("strike")
    done = raise_for(store, search, now=NOW + timedelta(seconds=5))
    assert (alerts(store), done.counts["stories_waiting"]) == ([], 1)
    raise_for(store, search, now=NOW + timedelta(days=1))  # its run died
    [told] = alerts(store)
    assert told.cluster_id == "a"


def test_a_match_by_a_copy_alone_says_so(store: Store) -> None:
    write(store, story("a", "It rains", unmatched=None), copy("b", "a", text="A bell strikes noon"))
    raise_for(store, saved("bell", id="told"), saved("bell", id="not", copies=Copies.NOT))
    [told] = alerts(store)
    assert (told.search_id, told.story_id, told.copy_only) == ("told", "b", True)
    assert [one.is_copy for one in told.why] == [True]


# Marks


def test_a_story_revised_while_it_is_matched_keeps_its_mark(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, story("a", "rain"))
    original: Callable[..., Any] = Stories.mark_matched
    late = [story("a", "strike")]

    def meanwhile(self: Stories, versions: Any) -> Any:
        if late:
            self.change([(late.pop(), self.read(["a"])["a"][1])])
        return original(self, versions)

    monkeypatch.setattr(Stories, "mark_matched", meanwhile)
    raise_for(store, saved("strike"))
    assert [one.story_id for one in alerts(store)] == ["a"]
    assert store.stories.waiting() == 0


def test_a_story_that_is_revised_is_matched_again(store: Store) -> None:
    write(store, story("a", "rain"))
    raise_for(store, saved("strike"))
    assert alerts(store) == []
    read, version = store.stories.read(["a"])["a"]
    revised = makers.changed(read, text="strike", unmatched="revised")
    store.stories.change([(revised, version)])
    raise_for(store, saved("strike"))
    assert [one.story_id for one in alerts(store)] == ["a"]


# How much, and how old


def test_old_stories_raise_nothing(store: Store) -> None:
    write(
        store,
        story("old", "strike", published=NOW - timedelta(days=400), indexed=NOW),
        story("late", "strike", published=NOW - timedelta(days=6), indexed=NOW),
    )
    raise_for(store, saved("strike", id="week"), saved("strike", id="long", age_limit=500))
    assert [(a.search_id, a.story_id) for a in alerts(store)] == [
        ("long", "old"), ("long", "late"), ("week", "late"),
    ]  # fmt: skip


def test_beyond_the_cap_of_an_hour_one_message_tells_the_number(store: Store) -> None:
    write(store, *(story(f"t{n}", "strike", published=NOW - n * HOUR) for n in range(9)))
    search = saved("strike", cap=4)
    raise_for(store, search)
    single = [one for one in alerts(store) if not one.capped]
    [rest] = [one for one in alerts(store) if one.capped]
    assert [one.story_id for one in single] == ["t8", "t7", "t6", "t5"]
    assert (rest.rest, rest.title) == (5, "5 more in the hour from 12:00 UTC, beyond the cap")
    write(store, *(story(f"u{n}", "strike") for n in range(3)))
    raise_for(store, search, now=NOW + timedelta(minutes=40))
    [rest] = [one for one in alerts(store) if one.capped]
    assert rest.rest == 8
    [message] = messages(store, DeliveryKind.REST)
    assert (message.alerts, message.next_try > NOW + HOUR) == ((rest.id,), True)
    join(store, "t1", copy("copy", "t1"))  # told by number: no news
    raise_for(store, search, now=NOW + HOUR)
    assert len(alerts(store)) == 5
    write(store, story("v", "strike"))
    raise_for(store, search, now=NOW + HOUR)
    assert len(alerts(store)) == 6


def test_one_owner_who_asks_for_everything_takes_no_others_room(
    store: Store, options: Settings
) -> None:
    write(store, *(story(f"t{n:02}", f"strike {n}") for n in range(30)))
    store.settings = options.with_options(alerts__owner_cap=50)
    floods = [saved("*", id=f"flood{n:02}", owner="greedy", cap=20) for n in range(40)]
    modest = saved("strike", id="modest", owner="other")
    small = saved("strike AND 7", id="small", owner="greedy")
    done = raise_for(store, *floods, modest, small)
    found = alerts(store)
    single = [one for one in found if not one.capped]
    assert len([one for one in single if one.owner == "greedy"]) == 50
    assert len([one for one in single if one.search_id == "modest"]) == 30
    assert [one.story_id for one in single if one.search_id == "small"] == ["t07"]
    rests = [one for one in found if one.capped]
    # Two floods have their 20 and ten more each, one has nine, and all others are one number.
    assert sorted(one.rest for one in rests) == [10, 10, 21 + 37 * 30]
    assert done.counts["alerts_by_number"] == 40 * 30 - 49
    assert len(messages(store, DeliveryKind.REST)) == 3


def test_batches_that_arrive_together_lose_and_repeat_nothing(
    store: Store, options: Settings, tmp_path: Path
) -> None:
    """Asset events coalesce: two runs announced, one alert run; killed before marks are taken."""
    config = tmp_path / "config"
    (config / "searches").mkdir(parents=True)
    (config / "elasticsearch").symlink_to(options.config_dir / "elasticsearch")
    (config / "searches" / "s.toml").write_text(
        '[[search]]\nid = "strikes"\nname = "Strikes"\nquery = "@words"\n'
    )
    store.searches.put([saved("strike", id="words", origin="user", expires=NOW - HOUR)])
    own = options.with_options(config_dir=str(config))
    for number in range(2):
        write(store, story(f"t{number}", "strike", run=f"r{number}"))
    store.refresh()
    first = flows.alert(own)
    assert (first["stories"], first["alerts"], first["sent"]) == (2, 2, 3)  # a notice
    for identity, (read, version) in store.stories.read(["t0", "t1"]).items():
        assert read.unmatched is None, identity
        store.stories.change([(replace(read, unmatched=Unmatched.NEW), version)])
    store.refresh()
    again = flows.alert(own)
    assert (again["stories"], again["alerts"], again["sent"]) == (2, 0, 0)
    assert {one.id: one.enabled for one in store.searches.all()} == {
        "strikes": True,  # what it is made of expired, and is words still
        "words": False,
    }
