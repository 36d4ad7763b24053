"""How a feed fares, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import makers
from wirewatch.feeds.health import Health, health
from wirewatch.records import Feed, FeedState

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


def feed(**fields: object) -> Feed:
    return makers.feed("f", **fields)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("given", "how", "words"),
    [
        (feed(), Health.WARN, "Not polled yet."),
        (
            feed(last_poll=ago(minutes=4), interval=900, last_new=ago(hours=3)),
            Health.WELL,
            "Polled 4 minutes ago, every 15 minutes; last new entry 3 hours ago.",
        ),
        (
            feed(last_poll=ago(minutes=4), note="malformed: 2 entries lost"),
            Health.WARN,
            "Polled 4 minutes ago; no entry yet. Malformed: 2 entries lost.",
        ),
        (
            feed(
                last_poll=ago(minutes=4), state=FeedState.FAILING, failures=3, error="HTTP 503",
                last_success=ago(days=3), next_poll=NOW + timedelta(minutes=30),
            ),
            Health.BAD,
            "Failed 3 times in a row, last well 3 days ago: HTTP 503. Tried again in 30 minutes.",
        ),
        (
            feed(last_poll=ago(minutes=4), failures=1, error="no answer"),
            Health.WARN,
            "Failed once: no answer.",
        ),
        (
            feed(last_poll=ago(minutes=4), state=FeedState.SILENT, note="silent since Monday"),
            Health.WARN,
            "Answers, but is silent since Monday.",
        ),
        (
            feed(last_poll=ago(minutes=4), state=FeedState.GONE, error="answered 410"),
            Health.BAD,
            "Not polled any more: answered 410.",
        ),
    ],
)  # fmt: skip
def test_every_state_has_its_sentence(given: Feed, how: Health, words: str) -> None:
    assert health(given, NOW) == (how, words)
