"""``wirewatch channels`` and ``wirewatch alerts`` as a person calls them."""

from __future__ import annotations

import json

import pytest

from tests.alerts.receivers import raised, search
from tests.cli.test_commands import Call, wirewatch  # noqa: F401 - a fixture
from wirewatch.records import DeliveryState, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

SENT = DeliveryState.SENT
HOOK = "https://93.184.216.34/services/T0KEN"


def test_a_channel_is_made_listed_and_removed(wirewatch: Call, options: Settings) -> None:  # noqa: F811
    refused = wirewatch("channels", "add", "desk", "webhook", "http://10.1.2.3/hook")
    assert (refused.returncode, "private address" in refused.stderr) == (2, True)
    assert wirewatch("channels", "add", "desk", "mail", "ann@desk.example").returncode == 2
    made = wirewatch("channels", "add", "desk", "webhook", HOOK)
    assert made.stdout.startswith("whsec_")
    assert wirewatch("channels", "add", "desk", "webhook", HOOK).returncode == 1
    for listed in (wirewatch("channels", "list"), wirewatch("channels", "list", "--json")):
        assert "desk" in listed.stdout
        assert made.stdout.strip() not in listed.stdout
        assert "T0KEN" not in listed.stdout
    assert wirewatch("channels", "test", "log").stdout.strip() == "sent"
    missing = wirewatch("channels", "test", "nobody")
    assert (missing.returncode, "no channel nobody" in missing.stderr) == (1, True)
    with connect(options) as store:
        search(store, "desk")
    used = wirewatch("channels", "remove", "desk")
    assert (used.returncode, "s send to desk" in used.stderr) == (1, True)
    with connect(options) as store:
        search(store, "log")
    assert wirewatch("channels", "remove", "desk").returncode == 0


def test_status_tells_what_was_given_up_and_retry_queues_it(
    wirewatch: Call,  # noqa: F811
    options: Settings,
) -> None:
    with connect(options) as store:
        raised(store, search(store, "log"), 3)
        first, second, _ = store.deliveries.find()
        store.deliveries.save_all(
            [
                (replace(first[0], state=DeliveryState.DEAD, error="no such desk"), first[1]),
                (
                    replace(second[0], state=DeliveryState.SENT, sent=utc_now(), seconds=61.0),
                    second[1],
                ),
            ]
        )
    told = wirewatch("alerts", "status").stdout
    assert "log: 3 raised: 1 dead, 1 pending, 1 sent; well" in told
    assert "half within 61 s" in told
    assert "no such desk" in told
    figures = json.loads(wirewatch("alerts", "status", "--json").stdout)
    assert figures["messages"]["log"] == {"dead": 1, "pending": 1, "sent": 1}
    assert wirewatch("alerts", "retry").stdout.strip() == "1"
    assert wirewatch("alerts", "deliver").stdout.split() == ["0", "digests", "2", "sent"]
