"""What matching costs: split among the searches that share it, kept, and told."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tests import makers
from tests.makers import NOW
from wirewatch.alerts.costs import HALF, KEPT, SHOWN, Spent, costliest, note
from wirewatch.alerts.match import match
from wirewatch.alerts.raising import raise_alerts
from wirewatch.cli import app
from wirewatch.local.airflow.server import settings_environ
from wirewatch.records import SavedSearch, replace
from wirewatch.settings import Settings
from wirewatch.store import Store


def saved(name: str, query: str = "ferry", **fields: object) -> SavedSearch:
    return SavedSearch(**{"id": name, "name": name.title(), "query": query, **fields})


def test_what_several_share_is_split_among_them() -> None:
    spent = Spent()
    spent.split(6.0, [0, 1])
    spent.split(1.0, [1])
    spent.searches["alone"] = 0.5
    found = spent.by_search({"one": {0}, "two": {0, 1}, "alone": (), "three": {0}})
    assert found == pytest.approx({"one": 1.0, "two": 5.0, "alone": 0.5, "three": 1.0})
    assert sum(found.values()) == pytest.approx(7.5)


@pytest.mark.es
def test_every_search_that_is_asked_has_its_share(store: Store) -> None:
    stories = [makers.story(f"t{n}", "The ferry to Rhodes is late", title="A") for n in range(3)]
    store.stories.create(stories)
    store.refresh()
    searches = [
        saved("word"), saved("same"), saved("value", "outlet:nobody"), saved("near", '"a b"~3'),
        saved("off", enabled=False), saved("wrong", "@nobody"),
    ]  # fmt: skip
    seconds = match(store, searches, [one.id for one in stories], now=NOW).seconds
    assert seconds.keys() == {"word", "same", "value", "near"}
    assert min(seconds.values()) > 0


@pytest.mark.es
def test_the_costliest_are_known_and_what_is_old_fades(store: Store) -> None:
    store.searches.put([saved(f"s{n:03}") for n in range(KEPT + 20)])
    note(store, {f"s{n:03}": n / 100 for n in range(KEPT + 20)}, 500)
    assert len(store.costs.get().seconds) == KEPT
    first = costliest(store)
    assert [one.id for one in first] == [f"s{KEPT + 19 - n:03}" for n in range(SHOWN)]
    assert first[0].seconds == pytest.approx((KEPT + 19) / 100 * 2)  # for 1,000 stories
    note(store, {"s000": 1_000.0}, HALF)
    assert costliest(store)[0].id == "s000"
    assert store.costs.get().seconds[f"s{KEPT + 19:03}"] == pytest.approx((KEPT + 19) / 200)
    store.searches.put([replace(saved("s000"), enabled=False)])
    assert "s000" not in {one.id for one in costliest(store)}
    note(store, {"s001": 5.0}, 0)  # without stories nothing was measured
    assert "s001" not in store.costs.get().seconds


@pytest.mark.es
def test_an_operator_is_told_which_cost_most(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert costliest(store) == []
    store.searches.put([saved("ferries", owner="ann"), saved("trams", "tram*")])
    store.stories.create([makers.story("t", "The ferry is late", unmatched="new")])
    raise_alerts(store, store.searches.all(), NOW)
    for name, value in settings_environ(options).items():
        monkeypatch.setenv(name, value)
    runner = CliRunner()
    told = json.loads(runner.invoke(app, ["alerts", "status", "--json"]).output)["costliest"]
    assert {one["id"] for one in told} == {"ferries", "trams"}
    assert [one["seconds"] for one in told] == sorted((s["seconds"] for s in told), reverse=True)
    assert "ferries (Ferries, of ann) takes " in runner.invoke(app, ["alerts", "status"]).output
