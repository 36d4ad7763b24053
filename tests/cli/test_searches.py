"""``wirewatch searches`` as a person calls it."""

from __future__ import annotations

import json

import pytest

from tests.alerts.receivers import search
from tests.cli.test_commands import Call, wirewatch  # noqa: F401 - a fixture
from wirewatch.records import Every, SearchKind, replace
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es


def test_a_search_is_made_listed_changed_and_removed(wirewatch: Call, options: Settings) -> None:  # noqa: F811
    made = wirewatch(
        "searches", "add", "trams", '"tram line" OR trolleybus', "name=Trams at night",
        "kind=outlets", "threshold=3", "quiet=[22, 7]", "zone=Europe/Vienna", "every=daily",
    )  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "kept trams\n"), made.stderr
    with connect(options) as store:
        kept, _ = store.searches.read("trams") or pytest.fail("it is not there")
    assert (kept.name, kept.query) == ("Trams at night", '"tram line" OR trolleybus')
    assert (kept.kind, kept.threshold) == (SearchKind.OUTLETS, 3)
    assert (kept.every, kept.zone, kept.quiet) == (Every.DAY, "Europe/Vienna", (22, 7))
    assert kept.channels == ("log",)
    assert kept.origin == "user"
    listed = wirewatch("searches", "list")
    head, line = listed.stdout.splitlines()
    assert head.split("\t")[:3] == ["id", "kind", "name"]
    assert line.split("\t") == [
        "trams", "outlets", "Trams at night", '"tram line" OR trolleybus', "log", "daily",
        "user", "on",
    ]  # fmt: skip
    changed = wirewatch("searches", "change", "trams", "query=tram", "threshold=4", "updates=true")
    assert changed.returncode == 0, changed.stderr
    shown = json.loads(wirewatch("searches", "show", "trams", "--json").stdout)
    assert (shown["query"], shown["threshold"], shown["updates"]) == ("tram", 4, True)
    assert shown["zone"] == "Europe/Vienna"
    assert "muted until" in wirewatch("searches", "mute", "trams", "--days", "2").stdout
    assert "muted until" in wirewatch("searches", "list").stdout
    assert wirewatch("searches", "mute", "trams", "--days", "0").stdout == "not muted\n"
    assert wirewatch("searches", "off", "trams").returncode == 0
    assert json.loads(wirewatch("searches", "list", "--json").stdout)[0]["enabled"] is False
    assert wirewatch("searches", "on", "trams").returncode == 0
    assert wirewatch("searches", "remove", "trams").returncode == 0
    again = wirewatch("searches", "add", "trams", "tram")
    assert (again.returncode, "was the id of a saved search" in again.stderr) == (1, True)
    assert json.loads(wirewatch("searches", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["zone=Mars/Olympus"], "no time zone 'Mars/Olympus'"),
        (["threshold=many", "kind=spike"], "threshold: expected a whole number, got a text"),
        (["kind=never"], "kind: 'never' is none of match, outlets, change, spike, silence"),
        (["channels=desk"], "channels: expected a list, got a text"),
        (["expires=tomorrow"], "expires: expected an instant, as 2026-11-28T08:00:00Z"),
        (["muted_until=2026-12-01"], "expected an instant, as 2026-11-28T08:00:00Z, got a day"),
        (["id=other"], "id: a search keeps the id that it was made with"),
        (["colour=blue"], "there is no key 'colour'"),
        (["loud"], "write KEY=VALUE"),
        (["channels=['nobody']"], "there is no channel 'nobody'"),
        (["expires=2020-01-01T00:00:00Z"], "is over already"),
    ],
)
def test_what_is_wrong_is_refused_in_words_and_nothing_is_kept(
    wirewatch: Call,  # noqa: F811
    options: Settings,
    values: list[str],
    words: str,
) -> None:
    refused = wirewatch("searches", "add", "trams", "tram", *values)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert words in refused.stderr
    with connect(options) as store:
        assert store.searches.read("trams") is None


def test_a_search_of_a_file_and_one_that_is_not_there_stay_as_they_are(
    wirewatch: Call,  # noqa: F811
    options: Settings,
) -> None:
    with connect(options) as store:
        made = search(store, "log", id="ours")
        store.searches.put([replace(made, origin="file")]).raise_refused("searches")
    for words in (["off", "ours"], ["remove", "ours"]):
        told = wirewatch("searches", *words)
        assert (told.returncode, "kept in a file" in told.stderr) == (1, True)
    for words in (["show", "none"], ["on", "none"], ["remove", "none"]):
        told = wirewatch("searches", *words)
        assert (told.returncode, "there is no saved search none" in told.stderr) == (1, True)


def test_a_search_that_was_switched_off_for_its_fault_goes_on(
    wirewatch: Call,  # noqa: F811
    options: Settings,
) -> None:
    with connect(options) as store:
        made = search(store, "log", id="worn")
        off = replace(made, origin="user", enabled=False, off="its query was refused")
        store.searches.put([off]).raise_refused("searches")
    assert "off: its query was refused" in wirewatch("searches", "list").stdout
    assert wirewatch("searches", "on", "worn").returncode == 0
    assert wirewatch("searches", "list").stdout.rstrip().endswith("on")


def test_a_long_line_in_a_pipe_is_one_line(wirewatch: Call) -> None:  # noqa: F811
    query = " OR ".join(f"tramway{number}" for number in range(60))
    assert wirewatch("searches", "add", "long", query, "name=Very long").returncode == 0
    lines = wirewatch("searches", "list").stdout.splitlines()
    assert len(lines) == 2
    assert query in lines[1]
    assert f"query        {query}" in wirewatch("searches", "show", "long").stdout.splitlines()
