"""Saved searches checked, kept, deleted and brought from files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.alerts.files import load, sync
from wirewatch.alerts.raising import raise_alerts
from wirewatch.alerts.saved import Refused, discard, keep
from wirewatch.alerts.searches import BadSearches, read_search
from wirewatch.alerts.switching import expired, switch_off
from wirewatch.records import Channel, ChannelKind, DeliveryKind, SavedSearch, replace
from wirewatch.settings import Settings, project_root
from wirewatch.store import Store

DEEP = "(" * 40 + "x" + ")" * 40


def problems(**fields: Any) -> str:
    return "\n".join(read_search({"id": "s", "name": "S", "query": "ferry", **fields})[1])


def test_the_searches_that_come_with_it_are_good() -> None:
    assert len(load(project_root() / "config" / "searches")) >= 3


def test_a_folder_without_files_has_none(tmp_path: Path) -> None:
    assert load(tmp_path) == ()


def test_every_problem_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        """
[[search]]
id = "Bad Id"
name = "A"
query = "x"
colour = "red"

[[search]]
id = "ok"
name = "B"
query = "(open"
channels = ["carrier pigeon"]
"""
    )
    (tmp_path / "b.toml").write_text('[[search]]\nid = "fine"\nname = "C"\nquery = "x"\n')
    (tmp_path / "c.toml").write_text('[[search]]\nid = "fine"\nname = "D"\nquery = "x"\n')
    (tmp_path / "d.toml").write_text("not toml")
    (tmp_path / "e.toml").write_text("search = 3")
    with pytest.raises(BadSearches) as caught:
        load(tmp_path)
    told = "\n".join(caught.value.problems)
    for expected in (
        "a.toml: search 1: there is no key 'colour'",
        "'Bad Id'",
        "'carrier pigeon'",
        "a.toml: search 2: query:",
        "'fine' is used twice",
        "d.toml: not valid TOML",
        "e.toml: searches are tables",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "rumour"}, "kind: 'rumour' is none of match, outlets, change, spike, silence"),
        ({"cap": "many"}, "cap: expected a whole number, got a text"),
        ({"cap": 0}, "cap must be 1 to"),
        ({"hour": 24}, "hour must be 0 to 23"),
        ({"weekday": 7}, "weekday must be 0 (Monday) to 6"),
        ({"zone": "Europe/Atlantis"}, "no time zone 'Europe/Atlantis'"),
        ({"zone": "../../etc/passwd"}, "no time zone"),
        ({"zone": "Z" * 5_000}, "no time zone"),
        ({"quiet": [22]}, "quiet must be two hours"),
        ({"quiet": [7, 7]}, "quiet for ever"),
        ({"quiet": [22, 99]}, "quiet must be two hours"),
        ({"expires": datetime(2030, 1, 1)}, "expires must say its offset"),  # noqa: DTZ001
        ({"age_limit": 0}, "age_limit must be 1 to"),
        ({"kind": "outlets"}, "the number of outlets"),
        ({"kind": "spike", "threshold": 1}, "the least number of reports"),
        ({"kind": "silence", "threshold": 5_000}, "the number of hours"),
        ({"threshold": 4}, "says nothing to the kind match"),
        ({"channels": []}, "at least one channel"),
        ({"channels": ["log"] * 11}, "10 are the most"),
        ({"name": "n" * 201}, "1 to 200 characters"),
        ({"query": "*"}, "finds every new story"),
        ({"query": "seen:7d"}, "finds every new story"),
        ({"query": "ferry OR *"}, "finds every new story"),
        ({"query": "-ferry", "kind": "change"}, "finds every new story"),
        ({"query": DEEP}, "query: "),
    ],
)
def test_what_is_wrong_is_told_in_words(fields: dict[str, Any], words: str) -> None:
    assert words in problems(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "spike", "threshold": 5, "query": "*"},
        {"kind": "silence", "threshold": 12, "query": "*"},
        {"kind": "outlets", "threshold": 10},
        {"query": "outlet:herald seen:1d"},
        {"quiet": [22, 7], "zone": "Asia/Kathmandu", "every": "daily", "hour": 6},
        {"expires": datetime(2030, 1, 1, tzinfo=UTC), "muted_until": "2027-01-01T00:00:00+02:00"},
    ],
)
def test_what_is_right_has_no_problem(fields: dict[str, Any]) -> None:
    assert problems(**fields) == ""


def person(**fields: Any) -> SavedSearch:
    return SavedSearch(**{"id": "ferries", "name": "Ferries", "query": "ferry", **fields})


@pytest.mark.es
def test_an_id_is_never_used_again(store: Store) -> None:
    keep(store, person(owner="ida"), new=True)
    with pytest.raises(Refused, match="is a saved search ferries already"):
        keep(store, person(), new=True)
    discard(store, "ferries")
    assert list(store.searches.all()) == []
    assert store.lists.searches(size=10).total == 0
    with pytest.raises(Refused, match="was the id of a saved search that was deleted"):
        keep(store, person(), new=True)
    for gone in (lambda: discard(store, "ferries"), lambda: keep(store, person(), new=False)):
        with pytest.raises(KeyError):
            gone()


@pytest.mark.es
def test_a_change_keeps_the_owner_and_switches_on_again(store: Store) -> None:
    made = keep(store, person(owner="ida"), new=True)
    switch_off(store, {"ferries": "it was refused"}, NOW)
    kept = keep(store, person(query="ferry OR boat"), new=False)
    assert (kept.owner, kept.created, kept.off, kept.enabled) == ("ida", made.created, "", True)


@pytest.mark.es
def test_channels_must_be_there_and_switched_on(store: Store) -> None:
    store.channels.create(
        Channel(id="hook", name="Hook", kind=ChannelKind.WEBHOOK, address="https://a.example/x")
    )
    keep(store, person(channels=("hook", "log")), new=True)
    with pytest.raises(BadSearches, match="no channel 'pager'; there is log, hook"):
        keep(store, person(id="b", channels=("pager",)), new=True)
    store.channels.change("hook", lambda one: replace(one, off="410 Gone"))
    with pytest.raises(BadSearches, match="hook is switched off: 410 Gone"):
        keep(store, person(id="b", channels=("hook",)), new=True)


@pytest.mark.es
def test_everything_by_way_of_another_search_is_refused(store: Store) -> None:
    keep(store, person(id="any", kind="silence", threshold=3, query="*"), new=True)
    with pytest.raises(BadSearches, match="finds every new story"):
        keep(store, person(query="@any"), new=True)
    with pytest.raises(BadSearches, match="is over already"):
        keep(store, person(expires=NOW - timedelta(days=900)), new=True)


@pytest.mark.es
def test_searches_of_files_come_and_go_with_them(store: Store, tmp_path: Path) -> None:
    def files(**queries: str) -> list[str]:
        (tmp_path / "s.toml").write_text(
            "".join(
                f'[[search]]\nid = "{one}"\nname = "{one}"\nquery = "{query}"\n'
                for one, query in queries.items()
            )
        )
        return sync(store, tmp_path, NOW)

    def kept() -> list[tuple[str, str]]:
        return [(one.id, one.query) for one in store.searches.all()]

    keep(store, person(id="mine"), new=True)
    assert files(a="x", b="y") == []
    assert files(b="z") == []
    assert kept() == [("b", "z"), ("mine", "ferry")]
    assert files(a="x", b="z") == []  # put back
    assert kept() == [("a", "x"), ("b", "z"), ("mine", "ferry")]
    files(b="z")
    [problem] = files(a="another", b="z")
    assert "another search had that id" in problem
    [problem] = files(b="z", mine="x")
    assert "a person made" in problem
    [problem] = files(b="(((")
    assert "query" in problem
    assert kept() == [("b", "z"), ("mine", "ferry")]  # nothing is taken for deleted meanwhile


@pytest.mark.es
def test_a_search_that_cannot_be_asked_is_switched_off_and_its_owner_told(
    store: Store, options: Settings
) -> None:
    """A valid query that Elasticsearch refuses stops no other."""
    bad = person(id="bad", query="topic:" + "x" * 990)
    lost = person(id="lost", query="@nobody")
    good = person()
    store.searches.put([bad, good, lost])
    store.stories.create([makers.story("t", "ferry", unmatched="new")])
    done = raise_alerts(store, store.searches.all(), NOW)
    assert sorted(switch_off(store, done.refused, NOW)) == ["bad", "lost"]
    assert [one.search_id for one in store.alerts.all()] == ["ferries"]
    read = {one.id: one for one in store.searches.all()}
    assert (read["bad"].enabled, read["ferries"].enabled) == (False, True)
    assert "Elasticsearch refuses it" in read["bad"].off
    told = {one.search_id: one for one, _ in store.deliveries.find()
            if one.kind == DeliveryKind.NOTICE}  # fmt: skip
    assert told.keys() == {"bad", "lost"}
    assert "switched off" in told["lost"].text
    assert switch_off(store, done.refused, NOW) == []


@pytest.mark.es
def test_an_owner_is_told_again_when_it_happens_again(store: Store) -> None:
    search = person()
    for _ in range(2):
        store.searches.put([search])
        assert switch_off(store, {search.id: "it was refused"}, NOW) == [search.id]
    assert len(store.deliveries.find()) == 2


def test_a_search_whose_time_is_over_has_expired() -> None:
    over, on = person(expires=NOW), person(id="on", expires=NOW + timedelta(hours=1))
    assert expired([over, on, person(id="off", expires=NOW, enabled=False)], NOW) == {
        "ferries": "it expired on 2026-11-23 12:00 UTC"
    }
