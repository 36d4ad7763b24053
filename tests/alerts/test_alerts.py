"""Saved searches against a real Elasticsearch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import flows, makers
from tests.makers import NOW
from wirewatch.alerts.raised import raised
from wirewatch.records import Cluster, Run, SavedSearch, Story
from wirewatch.settings import Settings
from wirewatch.store import Store


def story(identity: str, text: str, **fields: object) -> Story:
    return makers.story(identity, text, **{"run": "r1", "title": f"Report {identity}", **fields})


def asked(store: Store, *queries: str, runs: tuple[str, ...] = ("r1",)):
    searches = [
        SavedSearch(id=f"s{number}", name=query, query=query)
        for number, query in enumerate(queries)
    ]
    store.refresh()
    return raised(store, searches, runs, now=NOW)


@pytest.mark.es
def test_one_alert_a_cluster_and_the_lead_is_named(store: Store) -> None:
    store.stories.create(
        [
            story("copy1", "Dockers strike", cluster_id="lead", lead=False),
            story("lead", "Dockers strike at the port"),
            story("copy2", "Dockers strike again", cluster_id="lead", lead=False),
            story("other", "Bakers strike"),
            story("rain", "It rains"),
        ]
    )
    alerts, refused = asked(store, "strike", "port", "snow")
    assert refused == {}
    assert {(a.search_id, a.cluster_id, a.story_id) for a in alerts} == {
        ("s0", "lead", "lead"),
        ("s0", "other", "other"),
        ("s1", "lead", "lead"),
    }


@pytest.mark.es
def test_a_story_of_unknown_language_is_matched_too(store: Store) -> None:
    store.stories.create([story("t", "halalan bukas", language="und")])
    alerts, _ = asked(store, "halalan", "lang:und")
    assert [alert.search_id for alert in alerts] == ["s0", "s1"]


@pytest.mark.es
def test_only_stories_of_pending_runs_are_looked_at(store: Store) -> None:
    store.stories.create([story("old", "strike", run="r0"), story("new", "strike")])
    alerts, _ = asked(store, "strike")
    assert [alert.story_id for alert in alerts] == ["new"]
    alerts, _ = asked(store, "strike", runs=("r0", "r1"))
    assert {alert.story_id for alert in alerts} == {"old", "new"}


@pytest.mark.es
def test_many_searches_lose_none(store: Store) -> None:
    store.stories.create([story(f"t{number}", f"word{number} common") for number in range(60)])
    queries = [f"word{number}" for number in range(60)] + ["common"]
    alerts, _ = asked(store, *queries)
    assert len([a for a in alerts if a.search_id == "s60"]) == 60
    assert {(a.search_id, a.story_id) for a in alerts if a.search_id != "s60"} == {
        (f"s{number}", f"t{number}") for number in range(60)
    }


@pytest.mark.es
def test_more_matches_than_a_page_of_hits(store: Store) -> None:
    store.stories.create([story(f"t{number:04}", "strike") for number in range(1_201)])
    alerts, _ = asked(store, "strike")
    assert len(alerts) == 1_201


@pytest.mark.es
def test_a_saved_search_may_name_another(store: Store) -> None:
    store.stories.create([story("a", "Dockers strike"), story("b", "Bakers strike")])
    alerts, refused = asked(store, "strike", "@s0 AND dockers", "@gone")
    assert {(a.search_id, a.story_id) for a in alerts} == {("s0", "a"), ("s0", "b"), ("s1", "a")}
    assert "gone" in refused["s2"]


@pytest.mark.es
def test_a_search_that_cannot_be_read_stops_no_other(store: Store) -> None:
    store.stories.create([story("t", "strike")])
    alerts, refused = asked(store, "(((", "strike")
    assert [alert.search_id for alert in alerts] == ["s1"]
    assert list(refused) == ["s0"]


@pytest.mark.es
def test_a_merged_cluster_is_not_told_of_again(store: Store) -> None:
    """The event was alerted under the id of a cluster that then merged into another."""
    store.stories.create([story("a", "strike", cluster_id="gone", run="r0")])
    first, _ = asked(store, "strike", runs=("r0",))
    store.alerts.create(first)
    store.clusters.write(
        [
            (Cluster(id="gone", lead="a", first=NOW, last=NOW, redirect="kept"), None),
            (Cluster(id="kept", lead="b", first=NOW, last=NOW), None),
        ]
    )
    store.stories.create([story("b", "strike", cluster_id="kept")])
    assert asked(store, "strike") == ([], {})


@pytest.mark.es
def test_batches_that_arrive_together_lose_and_repeat_nothing(
    store: Store, options: Settings, tmp_path: Path
) -> None:
    """Asset events coalesce: two runs announced, one alert run; killed before the runs are done."""

    config = tmp_path / "config"
    (config / "searches").mkdir(parents=True)
    (config / "elasticsearch").symlink_to(options.config_dir / "elasticsearch")
    (config / "searches" / "s.toml").write_text(
        '[[search]]\nid = "strikes"\nname = "Strikes"\nquery = "strike"\n'
    )
    own = options.with_options(config_dir=str(config))
    for number in range(2):
        store.runs.begin(Run(id=f"r{number}", kind="ingest", started=NOW))
        store.stories.create([story(f"t{number}", "strike", run=f"r{number}")])
        store.runs.update(f"r{number}", alerts="pending")
    store.refresh()
    first = flows.alert(own)
    assert (first["runs"], first["alerts"], first["sent"]) == (2, 2, 2)
    for number in range(2):  # as if killed before it said that it was done
        store.runs.update(f"r{number}", alerts="pending")
    again = flows.alert(own)
    assert (again["alerts"], again["alerts_known"], again["sent"]) == (0, 2, 0)
