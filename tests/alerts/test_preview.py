"""What a search would have sent: against what it does send."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests import makers
from tests.makers import NOW
from wirewatch.alerts.preview import Preview, preview
from wirewatch.alerts.raising import raise_alerts
from wirewatch.alerts.searches import BadSearches
from wirewatch.cli import app
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import Copies, Revision, RevisionKind, SavedSearch, SearchKind, Story
from wirewatch.revisions.story import revision_id
from wirewatch.search.language import BadQuery
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def story(name: str, ago: timedelta, text: str = "Ferry", **fields: Any) -> Story:
    seen = NOW - ago
    given = {"first_seen": seen, "indexed": seen, "outlet": f"Paper {name}", "title": name}
    return makers.story(name, text, **{**given, **fields})


def write(store: Store, *stories: Story) -> None:
    store.stories.create(stories)
    for key in {one.cluster_id for one in stories}:
        own = [one for one in stories if one.cluster_id == key]
        store.clusters.write([(makers.cluster(*own, id=key, lead=key), None)])
    store.refresh()


def search(**fields: Any) -> SavedSearch:
    return SavedSearch(**{"id": "preview", "name": "Ferries", "query": "ferry", **fields})


def titles(found: Preview) -> list[str]:
    return [one.title for one in found.listed]


@pytest.fixture
def filled(store: Store) -> Store:
    """Reports, some with copies, over ten days."""
    write(
        store,
        story("today", HOUR),
        story("copy", HOUR / 2, cluster_id="today", lead=False),
        story("early", 3 * DAY, "Ferry and pier"),
        story("before", 9 * DAY),
        story("late-copy", 2 * DAY, cluster_id="before", lead=False),
        story("rain", DAY, "Rain"),
        story("rain-copy", DAY, "A ferry in the rain", cluster_id="rain", lead=False),
        story("archive", DAY, published=NOW - 400 * DAY),
    )
    return store


def test_what_was_told_before_and_old_stories_are_left_out(filled: Store) -> None:
    found = preview(filled, search(), NOW)
    assert titles(found) == ["today", "rain-copy", "early"]
    assert [one.copy_only for one in found.listed] == [False, True, False]
    assert (found.alerts, found.by_number, found.listed[0].outlets) == (3, 0, 2)
    days = {one.day: one.alerts for one in found.days}
    assert len(days) == 8
    assert {day for day, count in days.items() if count} == {
        "2026-11-20", "2026-11-22", "2026-11-23",
    }  # fmt: skip
    assert titles(preview(filled, search(copies=Copies.NOT), NOW)) == ["today", "early"]


def test_it_is_what_the_alerts_would_be(filled: Store) -> None:
    """The same stories, marked and matched by the stage itself."""
    foreseen = preview(filled, search(), NOW)
    for name, (read, version) in filled.stories.read(
        ["today", "copy", "early", "late-copy", "rain", "rain-copy", "archive"]
    ).items():
        marked = makers.changed(read, unmatched="new")
        assert filled.stories.change([(marked, version)]).done == [name]
    write(filled, story("told", 9 * DAY))
    raise_alerts(filled, [search()], NOW)
    alerts = {one.story_id for one in filled.alerts.all()}
    assert alerts - {"late-copy", "before"} == {one.story_id for one in foreseen.listed}


def test_beyond_the_cap_and_the_number_looked_at(filled: Store, options: Settings) -> None:
    write(
        filled, *(story(f"t{n:03}", HOUR + timedelta(seconds=n + 1), "Tunnel") for n in range(130))
    )
    found = preview(filled, search(query="tunnel", cap=30), NOW)
    assert (found.alerts, found.by_number, len(found.listed)) == (130, 100, 130)
    filled.settings = options.with_options(alerts__preview=100)
    found = preview(filled, search(query="tunnel"), NOW)
    assert (found.alerts, found.since) == (100, NOW - HOUR - timedelta(seconds=100))


def test_days_that_count_back_are_the_matchers(filled: Store) -> None:
    """``seen:1h`` is true of every new story when it comes."""
    assert "early" in titles(preview(filled, search(query="ferry seen:1h"), NOW))


def test_outlets_count_when_the_last_one_comes(store: Store) -> None:
    write(
        store,
        story("a", 8 * DAY),
        *(story(f"a{n}", DAY - n * HOUR, cluster_id="a", lead=False) for n in range(4)),
        story("b", DAY),
    )
    [told] = preview(store, search(kind=SearchKind.OUTLETS, threshold=4), NOW).listed
    assert (told.title, told.at) == ("a", NOW - DAY + 2 * HOUR)
    assert preview(store, search(kind=SearchKind.OUTLETS, threshold=6), NOW).alerts == 0


def test_changes_are_foreseen(store: Store) -> None:
    write(store, story("a", 3 * DAY, revisions=1, revised=NOW - DAY), story("b", DAY))
    store.revisions.create(
        [
            Revision(
                id=revision_id("a", 1), story_id="a", cluster_id="a", number=1,
                kind=RevisionKind.CORRECTION, seen=NOW - DAY, note="An earlier version was wrong",
            )
        ]
    )  # fmt: skip
    store.refresh()
    [told] = preview(store, search(kind=SearchKind.CHANGE), NOW).listed
    assert (told.title, told.at) == ("a", NOW - DAY)
    assert told.detail.startswith("corrected by Paper a (version 1): An earlier")


def test_spikes_and_silences_are_foreseen(store: Store) -> None:
    store.stories.create(
        [
            story("first", 60 * DAY),
            *(story(f"s{n}", 2 * DAY + timedelta(minutes=n)) for n in range(1, 20)),
        ]
    )
    store.refresh()
    [told] = preview(store, search(kind=SearchKind.SPIKE, threshold=5), NOW).listed
    assert told.title == "19 reports in an hour, 0 expected"
    silent = preview(store, search(kind=SearchKind.SILENCE, threshold=24), NOW).listed
    assert [one.at for one in silent] == [NOW - DAY, NOW - 7 * DAY]


def test_a_search_that_is_wrong_is_refused_as_at_keeping(store: Store) -> None:
    with pytest.raises(BadSearches, match="finds every new story"):
        preview(store, search(query="*"), NOW)
    with pytest.raises(BadQuery):
        preview(store, search(query="@nobody"), NOW)


def test_the_command_shows_a_file(
    store: Store, options: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_environ(options).items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "mine.toml"
    file.write_text('[[search]]\nid = "mine"\nname = "Mine"\nquery = "ferry"\n')
    runner = CliRunner()
    told = runner.invoke(app, ["alerts", "preview", str(file), "--json"])
    assert json.loads(told.output)["mine"]["alerts"] == 0
    assert "mine: 0 alerts" in runner.invoke(app, ["alerts", "preview", str(file)]).output
    assert runner.invoke(app, ["alerts", "preview", "nobody"]).exit_code == 1
    assert list(store.searches.all()) == []
