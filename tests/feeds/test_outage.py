"""When many hosts that fail are our own network's fault, and when they are not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.feeds.outage import OUTCOME, Hosts, Outage, held
from wirewatch.feeds.poll import Polled
from wirewatch.records import Feed, Reason, replace

WELL = {"last_success": NOW - timedelta(hours=1), "last_poll": NOW - timedelta(hours=1)}


def polled(host: str, reason: Reason | None = None, **fields: object) -> Polled:
    feed = makers.feed(f"http://{host}.example/f", **{**WELL, **fields})
    outcome = "failed" if reason else "unchanged"
    return Polled(before=feed, after=feed, outcome=outcome, reason=reason)


def outage(polls: Iterable[Polled], percent: float = 10) -> Outage | None:
    hosts = Hosts(NOW)
    for one in polls:
        hosts.note(one)
    return hosts.outage(percent)


def many(count: int, reason: Reason | None, name: str, **fields: object) -> list[Polled]:
    return [polled(f"{name}{number}", reason, **fields) for number in range(count)]


@pytest.mark.parametrize("reason", [Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TLS])
def test_every_host(reason: Reason) -> None:
    assert outage(many(3, reason, "a")) == Outage(failing=3, hosts=3)
    assert outage(many(2, reason, "a")) is None  # two may well fail by chance
    assert outage([*many(3, reason, "a"), polled("b")]) is None
    assert outage(many(3, reason, "a"), percent=0) is None


def test_a_tenth_of_them() -> None:
    fails = many(10, Reason.DNS, "a")
    assert outage([*fails, *many(90, None, "b")]) == Outage(failing=10, hosts=100)
    assert outage([*fails, *many(91, None, "b")]) is None
    assert outage([*fails[:9], *many(20, None, "b")]) is None  # nine are few


def test_what_says_nothing_of_the_network() -> None:
    answers = many(20, Reason.SERVER_ERROR, "a")
    assert outage(answers) is None
    failed_before = many(20, Reason.DNS, "a", failures=1)
    assert outage(failed_before) is None
    never_answered = many(20, Reason.DNS, "a", last_success=None)
    assert outage(never_answered) is None
    for_days = many(20, Reason.DNS, "a", last_success=NOW - timedelta(days=3), interval=3_600.0)
    assert outage(for_days) is None
    # One of a host's feeds answers: the host is well.
    assert outage([*many(3, Reason.TIMEOUT, "a"), *many(3, None, "a")]) is None


def test_feeds_stay_as_they_were_and_are_asked_again_soon() -> None:
    before = polled("a", Reason.DNS, interval=3_600.0).before
    failing: Feed = replace(
        before, failures=3, last_poll=NOW - timedelta(hours=2), next_poll=NOW - timedelta(hours=1)
    )
    polls = [Polled(before=one, outcome="failed", reason=Reason.DNS) for one in (before, failing)]
    well, ill = held(polls, NOW)
    assert well.outcome == ill.outcome == OUTCOME
    assert well.after == replace(before, next_poll=NOW + timedelta(minutes=1))
    assert ill.after == replace(failing, next_poll=NOW + timedelta(hours=1))  # as the last time
