"""``wirewatch index``: what it prints, and its exit codes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tests import makers
from wirewatch.cli import app
from wirewatch.records import Run, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es


@pytest.fixture(autouse=True)
def asked(options: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command looks at the test's own indices."""
    monkeypatch.setenv("ELASTICSEARCH_URL", options["elasticsearch.url"])
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_PREFIX", options["elasticsearch.prefix"])
    monkeypatch.setenv("WIREWATCH_STATE", options["state"])


def test_status_tells_every_index(store: Store) -> None:
    store.pages.discover([makers.page("p")])
    store.refresh()
    ran = CliRunner().invoke(app, ["index", "status", "--json"])
    assert ran.exit_code == 0
    told = {one["name"].removeprefix(f"{store.prefix}-"): one for one in json.loads(ran.stdout)}
    assert told["pages"]["documents"] == 1
    assert told["pages"]["bytes"] > 0
    assert {one["state"] for one in told.values()} == {"current"}
    assert told["stories-0000.00"]["version"] == told["stories-0000.00"]["wanted"] > 0
    table = CliRunner().invoke(app, ["index", "status"]).stdout
    assert f"{store.prefix}-pages-00000" in table


def test_migrate_says_what_became_of_each(store: Store) -> None:
    ran = CliRunner().invoke(app, ["index", "migrate", "runs", "--json"])
    assert ran.exit_code == 0
    [move] = json.loads(ran.stdout)
    assert (move["name"], move["what"]) == (f"{store.prefix}-runs", "current")
    assert CliRunner().invoke(app, ["index", "migrate", "runs"]).stdout.startswith(move["name"])


def test_an_unknown_index_is_an_error(store: Store) -> None:
    ran = CliRunner().invoke(app, ["index", "migrate", "storys"])
    assert ran.exit_code == 1
    assert "no index storys" in ran.stderr


def test_a_rebuild_that_is_refused_is_an_error(store: Store) -> None:
    store.runs.begin(Run(id="busy", kind="ingest", started=utc_now()))
    ran = CliRunner().invoke(app, ["index", "rebuild"])
    assert ran.exit_code == 1
    assert "busy is under way" in ran.stderr
