"""The saved searches that come with it find in the sample newsroom what they are named for."""

from __future__ import annotations

import pytest

from newsroom.server import Newsroom
from tests import flows
from tests.e2e.compare import Found
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

ECONOMY, LABOUR = "medtop:04000000", "medtop:09000000"
NAMED_FOR = {
    "interest-rates": {ECONOMY},
    "labour-disputes": {LABOUR},
    "ports-and-shipping": {ECONOMY, LABOUR},  # the dockers' strike is both
}


def test_each_finds_what_it_is_named_for_and_nothing_else(
    ingested: Settings, room: Newsroom
) -> None:
    flows.alert(ingested)
    with connect(ingested) as store:
        found = Found(store, room.truth())
        alerts = list(store.alerts.all())
    truth = {story.id: expected for expected, story in found.indexed()}
    assert {one.search_id for one in alerts} == NAMED_FOR.keys()
    wrong = [
        (one.search_id, one.title)
        for one in alerts
        if NAMED_FOR[one.search_id].isdisjoint(truth[one.story_id].topics)
    ]
    assert wrong == []
    assert all(one.why for one in alerts)
