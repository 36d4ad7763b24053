"""The queue of messages: a real Elasticsearch, real receivers, and clocks that the tests set."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests import makers, sites
from tests.alerts.receivers import OK, Clock, Receiver, channel, only, raised, search, states
from tests.makers import NOW
from wirewatch.alerts.channels.webhook import new_secret, signature
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.outbox import queued, trial
from wirewatch.alerts.raising import raise_alerts
from wirewatch.records import (
    DeliveryState,
    Every,
    replace,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

pytestmark = pytest.mark.es


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(alerts__allow="127.0.0.1:*", alerts__timeout=3)


def test_a_webhook_gets_a_signed_message_once(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    secret = new_secret()
    channel(store, "hook", hook.url, secret=secret)
    [alert] = raised(store, search(store, "hook", "log"), 1)
    assert deliver(store, options, clock=clock)["sent"] == 2
    assert deliver(store, options, clock=clock)["sent"] == 0
    [(key, body)] = hook.got
    [headers] = hook.headers
    assert headers["Idempotency-Key"] == key
    expected = signature(secret, key, headers["webhook-timestamp"], headers["body"].encode())
    assert headers["webhook-signature"] == expected
    assert body["type"] == "alerts.alert"
    assert body["data"]["search"] == {"id": "s", "name": "Strikes"}
    assert body["data"]["alerts"][0]["id"] == alert.id


def test_a_day_of_errors_loses_nothing_and_does_not_hammer(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    """200 alerts to a receiver that answers 500 for longer than a day."""
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 200)
    hook.answer = lambda _: sites.Answer("out of order", 500)
    for _ in range(30):
        deliver(store, options, clock=clock)
        clock.ahead(minutes=50)
    assert hook.asked == 30  # one message at a time is tried, however many wait
    assert states(store)["dead"] == 0
    [channel_now] = store.channels.all()
    assert channel_now.setbacks == hook.asked
    hook.answer = lambda _: OK
    clock.ahead(minutes=17)
    deliver(store, options, clock=clock)
    clock.ahead(minutes=17)
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 200}
    assert len(hook.titles) == 200
    assert max(hook.titles.values()) == 1


def test_after_three_days_a_message_is_dead_and_can_be_queued_again(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    from wirewatch.alerts.again import again

    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 5)
    hook.answer = lambda _: sites.Answer("out of order", 500)
    for _ in range(20):
        deliver(store, options, clock=clock)
        clock.ahead(hours=4)
    assert states(store) == {"dead": 5}
    for one, _ in store.deliveries.find():
        assert "500: out of order" in one.error
    hook.answer = lambda _: OK
    assert again(store, clock(), states=[DeliveryState.DEAD]) == 5
    assert deliver(store, options, clock=clock)["sent"] == 5
    assert states(store) == {"sent": 5}


def test_one_message_that_is_refused_does_not_stop_the_others(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 20)
    hook.answer = lambda asked: sites.Answer("no", 422) if b"Tram 3 " in asked.body else OK
    for _ in range(5):
        deliver(store, options, clock=clock)
        clock.ahead(minutes=5)
    assert states(store) == {"sent": 19, "failed": 1}


def test_retry_after_is_heeded(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 2)
    hook.answer = lambda _: sites.Answer("slow down", 429, headers={"Retry-After": "3600"})
    deliver(store, options, clock=clock)
    hook.answer = lambda _: OK
    clock.ahead(minutes=59)
    deliver(store, options, clock=clock)
    assert hook.asked == 1
    clock.ahead(minutes=2)
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 2}


def test_a_receiver_that_is_gone_is_switched_off(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 3)
    hook.answer = lambda _: sites.Answer("no such hook", 410)
    deliver(store, options, clock=clock)
    deliver(store, options, clock=clock)
    assert hook.asked == 1
    assert "410" in store.channels.get("hook").off  # type: ignore[union-attr]
    assert states(store) == {"dead": 3}


def test_redirects_and_private_addresses_are_refused(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "leads", hook.url)
    hook.answer = lambda _: sites.Answer(status=307, headers={"Location": hook.url + "/other"})
    raised(store, search(store, "leads"), 1)
    deliver(store, options, clock=clock)
    assert hook.asked == 1
    assert "redirects are not taken" in only(store).error
    hook.answer = lambda _: OK
    clock.ahead(hours=1)
    deliver(store, options.with_options(alerts__allow=""), clock=clock)
    assert hook.got == []
    assert "alerts.allow" in only(store).error
    assert "T0KEN" not in only(store).error


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"deleted": NOW}, "deleted"),
        ({"enabled": False}, "switched off"),
        ({"channels": ("log",)}, "does not send to this channel"),
    ],
)
def test_what_nobody_wants_any_more_is_dropped_and_says_why(
    store: Store, options: Settings, hook: Receiver, clock: Clock, changed: dict, words: str
) -> None:
    channel(store, "hook", hook.url)
    of = search(store, "hook")
    raised(store, of, 1)
    store.searches.put([replace(of, **changed)])
    deliver(store, options, clock=clock)
    assert hook.got == []
    assert only(store).state == DeliveryState.DROPPED
    assert words in only(store).error


def test_a_channel_that_vanished_is_told(store: Store, options: Settings, clock: Clock) -> None:
    raised(store, search(store, "nowhere"), 1)
    assert deliver(store, options, clock=clock)["dropped"] == 1
    assert "there is no channel nowhere" in only(store).error


def test_what_was_raised_together_is_sent_in_the_order_of_the_stories(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    hours = [7, 2, 5, 9, 1, 8, 3, 6, 4]
    store.stories.create(
        makers.story(
            f"t{number}", "Tram strike", title=f"Tram {number}", unmatched="new",
            published=NOW - timedelta(hours=number),
        )
        for number in hours
    )  # fmt: skip
    raise_alerts(store, [search(store, "hook")], NOW)
    deliver(store, options, clock=clock)
    assert list(hook.titles) == [f"Tram {number}" for number in sorted(hours, reverse=True)]


def test_a_message_waits_for_its_alert(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    """Messages are queued before the alerts are written; whoever writes them may have died."""
    channel(store, "hook", hook.url)
    of = search(store, "hook")
    alert = makers.alert(makers.story("t"), "s", id="late")
    store.deliveries.create(queued(of, alert, NOW))
    deliver(store, options, clock=clock)
    assert hook.asked == 0
    store.alerts.create([alert])
    clock.ahead(minutes=1)
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 1}


def test_two_workers_repeat_nothing(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 100)
    counts: list[Counter[str]] = []

    def work() -> None:
        with connect(options, prepare=False) as own:
            counts.append(deliver(own, options, clock=clock))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 100}
    assert len(hook.got) == len(hook.titles) == 100
    assert sum(one["sent"] for one in counts) == 100


def test_a_receiver_that_hangs_holds_up_no_other(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    """The good one has everything before the other's first try has timed out."""
    release = threading.Event()
    had: list[int] = []

    def hangs(_: sites.Request) -> sites.Answer:
        release.wait(30)
        return OK

    with sites.serve(hangs) as site:
        channel(store, "good", hook.url)
        channel(store, "hangs", f"http://127.0.0.1:{site.port}/")
        raised(store, search(store, "good", "hangs"), 50)

        def answer(_: sites.Request) -> sites.Answer:
            had.append(len(site.asked))
            return OK

        hook.answer = answer
        counts = deliver(store, options, clock=clock)
        release.set()
    assert counts["sent"] == 50
    assert counts["failed"] == 1
    assert len(hook.titles) == 50
    assert max(had) <= 1  # the hanging one was asked once all that time


def test_a_digest_tells_what_came_since_the_last(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    clock.now = datetime.fromisoformat("2026-03-28T10:00:00+00:00")
    of = search(store, "hook", every=Every.DAY, hour=7, zone="Europe/Berlin")
    first = raised(store, of, 3, clock())
    deliver(store, options, clock=clock)
    assert hook.got == []
    clock.now = datetime.fromisoformat("2026-03-29T04:59:00+00:00")  # summer time has begun
    deliver(store, options, clock=clock)
    assert hook.got == []
    clock.ahead(minutes=2)  # 07:01 in Berlin
    deliver(store, options, clock=clock)
    deliver(store, options, clock=clock)
    [(_, body)] = hook.got
    assert body["type"] == "alerts.digest"
    assert [one["id"] for one in body["data"]["alerts"]] == [alert.id for alert in first]
    second = raised(store, of, 1, clock())
    clock.ahead(days=1)
    deliver(store, options, clock=clock)
    assert [one["id"] for one in hook.got[1][1]["data"]["alerts"]] == [second[0].id]
    assert states(store) == {"sent": 2, "joined": 4}


def test_a_digest_whose_maker_died_is_told_once(
    store: Store, options: Settings, hook: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died between writing the digest and marking what that tells; more came meanwhile."""
    from wirewatch.alerts.digest import gather

    channel(store, "hook", hook.url)
    of = search(store, "hook", every=Every.HOUR)
    raised(store, of, 3)
    clock.ahead(hours=2)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store.deliveries, "save_all", dies)
        with pytest.raises(KeyboardInterrupt):
            gather(store, "hook", clock())
    late = makers.alert(makers.story("late", title="Tram 9 stands still"), "s", id="late")
    store.alerts.create([late])
    store.deliveries.create(queued(of, late, NOW))
    deliver(store, options, clock=clock)
    assert hook.titles == Counter({f"Tram {number} stands still": 1 for number in (0, 1, 2, 9)})


def test_quiet_hours_and_a_mute_are_caught_up_in_one_message(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    clock.now = datetime.fromisoformat("2026-11-20T23:30:00+00:00")
    of = search(store, "hook", quiet=(22, 6), zone="Asia/Kolkata")  # it is 05:00 there
    raised(store, of, 4, clock())
    deliver(store, options, clock=clock)
    assert hook.got == []
    clock.ahead(hours=1, minutes=1)
    deliver(store, options, clock=clock)
    [(_, body)] = hook.got
    assert len(body["data"]["alerts"]) == 4
    raised(store, of, 2, clock())
    store.searches.put([replace(of, muted_until=clock() + timedelta(hours=3))])
    deliver(store, options, clock=clock)
    assert len(hook.got) == 1
    clock.ahead(hours=3, minutes=1)
    deliver(store, options, clock=clock)
    assert [len(body["data"]["alerts"]) for _, body in hook.got] == [4, 2]


def test_a_clock_that_was_set_back_stops_no_channel(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    raised(store, search(store, "hook"), 2)
    hook.answer = lambda _: sites.Answer("no", 503)
    clock.ahead(days=30)
    deliver(store, options, clock=clock)
    hook.answer = lambda _: OK
    clock.now = NOW + timedelta(minutes=1)
    deliver(store, options, clock=clock)
    assert states(store)["sent"] == 1  # the other was tried, and waits for its own time


def test_a_test_message_belongs_to_no_search(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    channel(store, "hook", hook.url)
    store.deliveries.create([trial("hook", clock()), trial("log", clock()), trial("no", clock())])
    raised(store, search(store, "hook"), 2)
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 4, "dropped": 1}
    assert sorted(body["type"] for _, body in hook.got) == [
        "alerts.alert", "alerts.alert", "alerts.test",
    ]  # fmt: skip


def test_a_fault_of_ours_in_one_queue_leaves_the_others_to_go_on(
    store: Store, options: Settings, hook: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wirewatch.alerts import deliver as room

    channel(store, "hook", hook.url)
    channel(store, "bad", hook.url)
    raised(store, search(store, "hook", "bad"), 3)
    gather = room.gather

    def faulty(store: Store, name: str, now: datetime) -> int:
        if name == "bad":
            raise LookupError("no such thing")
        return gather(store, name, now)

    monkeypatch.setattr(room, "gather", faulty)
    with pytest.raises(LookupError):  # told, after all others went
        deliver(store, options, clock=clock)
    assert states(store) == {"sent": 3, "pending": 3}
    monkeypatch.setattr(room, "gather", gather)
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 6}
