"""Each trouble caused on a real store: its message read, received once, and cleared once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests import makers
from tests.alerts.receivers import channel
from tests.sites import Answer, serve
from tests.troubles.conftest import Installation
from tests.upkeep.worn import put
from wirewatch.local import paths, processes
from wirewatch.records import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    PageStatus,
    Run,
    Trouble,
    Unmatched,
    replace,
    utc_now,
)
from wirewatch.store import names
from wirewatch.troubles import disk, looking, tasks
from wirewatch.troubles.kinds import View
from wirewatch.upkeep import measurements
from wirewatch.upkeep.disk import disks
from wirewatch.upkeep.measurements import Measured

pytestmark = pytest.mark.es

HOUR = timedelta(hours=1)


def run(name: str, ago: timedelta, state: str = "done", **fields: object) -> Run:
    started = utc_now() - ago
    finished = None if state == "running" else started + timedelta(minutes=1)
    return Run(id=name, kind="ingest", state=state, started=started, finished=finished, **fields)  # type: ignore[arg-type]


def test_a_failed_run(installation: Installation) -> None:
    store = installation.store
    why = ("extract failed: the disk is gone",)
    told = installation.caused(
        "run-failed",
        lambda: put(store, "runs", run("bad", HOUR, "failed", problems=why)),
        lambda: put(store, "runs", run("good", HOUR / 2)),
    )
    assert "failed: extract failed: the disk is gone. What to do: its page in Airflow" in told


def test_a_run_that_takes_too_long(installation: Installation) -> None:
    store = installation.store
    told = installation.caused(
        "run-long",
        lambda: put(store, "runs", run("long", 3 * HOUR, "running")),
        lambda: put(store, "runs", run("long", 3 * HOUR)),
    )
    assert "has not ended for 3 hours" in told


def test_a_run_that_is_late_by_the_usual_distance(installation: Installation) -> None:
    store = installation.store
    hourly = [run(f"scheduled__{ago}", ago * HOUR) for ago in range(2, 9)]
    put(store, "runs", *hourly, run("manual__1", HOUR / 2))
    assert installation.found("run-late") == []  # two hours, where one is usual
    told = installation.caused(
        "run-late",
        lambda: put(
            store, "runs", *(replace(one, started=one.started - 2 * HOUR) for one in hourly)
        ),
        lambda: put(store, "runs", run("scheduled__new", HOUR / 2)),
    )
    assert "no scheduled run of ingest has begun since"[1:] in told


def test_no_story_for_longer_than_usual(installation: Installation) -> None:
    store, now = installation.store, utc_now()

    def seen(*ago: timedelta) -> None:
        made = [makers.story(f"s{one}", first_seen=now - one) for one in ago]
        store.stories.create(made).raise_refused("stories")
        store.refresh()

    told = installation.caused(
        "no-story",
        lambda: seen(*(hour * HOUR for hour in range(5, 100))),
        lambda: seen(timedelta(minutes=1)),
    )
    assert "which is longer than usual" in told


def test_pages_that_nobody_fetches(installation: Installation) -> None:
    store, now = installation.store, utc_now()
    waiting = [makers.page(f"p{n}", discovered=now - 8 * HOUR) for n in range(3)]
    told = installation.caused(
        "pages-stuck",
        lambda: (store.pages.discover(waiting), store.refresh()),
        lambda: put(
            store,
            "pages",
            makers.page("done", discovered=now, fetched=now, status=PageStatus.INDEXED),
        ),
    )
    assert "Pages due: 3, the" in told and "none was fetched for 6 hours" in told


def message(name: str, state: DeliveryState, channel: str, ago: timedelta) -> Delivery:
    when = utc_now() - ago
    return Delivery(
        id=name, search_id="s", channel=channel, state=state, created=when, next_try=when
    )


def test_messages_that_are_given_up(installation: Installation) -> None:
    store = installation.store
    dead = [message(f"m{n}", DeliveryState.DEAD, "desk", 2 * HOUR) for n in range(2)]
    told = installation.caused(
        "messages-dead",
        lambda: put(store, "deliveries", *dead),
        lambda: put(store, "deliveries", *(replace(m, state=DeliveryState.SENT) for m in dead)),
    )
    assert "Messages given up: 2 (desk: 2)" in told


def test_stories_that_no_saved_search_was_matched_with(installation: Installation) -> None:
    store, now = installation.store, utc_now()
    story = makers.story("s", indexed=now - 3 * HOUR, first_seen=now, unmatched=Unmatched.NEW)

    def matched() -> None:
        [(one, version)] = store.stories.read(["s"]).values()
        store.stories.change([(replace(one, unmatched=None), version)])
        store.refresh()

    told = installation.caused(
        "matching-stuck", lambda: (store.stories.create([story]), store.refresh()), matched
    )
    assert "Stories that wait for saved searches: 1" in told


def test_messages_that_are_not_sent(installation: Installation) -> None:
    store = installation.store
    rests = utc_now() + HOUR
    channel(store, "desk", installation.hook.url, setbacks=3, rests_until=rests)
    waiting = message("m", DeliveryState.PENDING, "desk", 2 * HOUR)
    told = installation.caused(
        "messages-stuck",
        lambda: put(store, "deliveries", waiting),
        lambda: put(store, "deliveries", replace(waiting, state=DeliveryState.SENT)),
    )
    assert "Messages that wait to be sent: 1" in told and "(desk: 1)" in told


def test_a_full_disk(installation: Installation) -> None:
    roomy = installation.options
    here = disks(roomy, installation.store.es)[0]
    reserve = here.free // 1_000_000 + 10_000

    def with_reserve(megabytes: int) -> None:
        installation.options = roomy.with_options(disk__reserve=min(megabytes, 10_000_000))

    # Both disks of the test are one: each has its message.
    with_reserve(reserve)
    full = {one.id for one in installation.found("disk-full")}
    told = [text for text in installation.texts() if "less than disk.reserve" in text]
    assert len(told) == len(full) >= 1
    assert told[0].startswith("Only ") and "wirewatch maintain --dry-run" in told[0]
    assert [text for text in installation.texts() if "disk.reserve" in text] == []
    with_reserve(0)
    over = [text for text in installation.texts() if "disk.reserve" in text]
    assert len(over) == len(full) and over[0].startswith("Over after")
    assert installation.texts() == []


def test_a_disk_that_fills_up(installation: Installation) -> None:
    options, now = installation.options, utc_now()
    there = disks(options, installation.store.es)
    free = {one.name: one.free for one in there}

    def filling(share: float) -> None:
        """Looks of three days, in each of which so much of what is free now was filled."""
        measurements.keep(
            options,
            [
                Measured(
                    at=now - days * timedelta(days=1),
                    disks=tuple(
                        replace(one, free=round(free[one.name] * (1 + share * days)))
                        for one in there[:1]
                    ),
                )
                for days in (3, 2, 1)
            ],
        )

    told = installation.caused("disk-soon", lambda: filling(0.5), lambda: filling(0))
    assert "at this rate" in told and "is full in 2 days" in told


@pytest.mark.parametrize("block", ["write", "read_only_allow_delete"])
def test_an_index_that_refuses_writes(installation: Installation, block: str) -> None:
    es, index = installation.store.es, served(installation, "pages")

    def blocked(on: bool | None) -> None:
        es.indices.put_settings(index=index, settings={f"index.blocks.{block}": on})

    try:
        told = installation.caused("writes-refused", lambda: blocked(True), lambda: blocked(None))
    finally:
        blocked(None)
    assert f"The index {index} takes no writes: index.blocks.{block} is set." in told


def test_an_index_that_is_moved_is_no_trouble(installation: Installation) -> None:
    es, index = installation.store.es, served(installation, "pages")
    following = names.numbered(names.plain(index), names.number(index) + 1)
    es.indices.add_block(index=index, block="write")
    es.indices.create(index=following)
    try:
        assert installation.found("writes-refused") == []
    finally:
        es.indices.delete(index=following)
        es.indices.put_settings(index=index, settings={"index.blocks.write": None})


def served(installation: Installation, noun: str) -> str:
    """The index behind an alias: its number rises when it is moved, as other tests do."""
    alias = f"{installation.store.prefix}-{noun}"
    return str(installation.store.templates.served()[alias]["index"])


def test_a_shard_that_is_missing(installation: Installation) -> None:
    es, index = installation.store.es, f"{installation.store.prefix}-lost"
    nowhere = {"index.routing.allocation.require._name": "no-such-node"}
    try:
        told = installation.caused(
            "shard-missing",
            lambda: es.indices.create(index=index, settings=nowhere, wait_for_active_shards=0),
            lambda: es.indices.delete(index=index),
        )
    finally:
        es.options(ignore_status=404).indices.delete(index=index)
    assert f"A shard of {index} is missing" in told


def test_a_dead_scheduler(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # that is for the outside
    heard = "2026-11-28T09:00:00.5+00:00"
    status = {"scheduler": "healthy"}

    def answer(_: object) -> Answer:
        health = {
            "metadatabase": {"status": "healthy"},
            "scheduler": {
                "status": status["scheduler"], "latest_scheduler_heartbeat": heard,
            },
            "triggerer": {"status": None, "latest_triggerer_heartbeat": None},
        }  # fmt: skip
        return Answer(json.dumps(health), kind="application/json")

    with serve(answer) as airflow:
        installation.options = installation.options.with_options(
            troubles__airflow=f"http://127.0.0.1:{airflow.port}"
        )
        told = installation.caused(
            "scheduler-dead",
            lambda: status.update(scheduler="unhealthy"),
            lambda: status.update(scheduler="healthy"),
        )
    assert told.startswith(
        "Airflow's scheduler is dead; it was last heard of 2026-11-28 09:00 UTC."
    )
    assert {one.path for one in airflow.asked} == {"/api/v2/monitor/health"}


def test_an_airflow_that_was_started_here_and_is_gone(installation: Installation) -> None:
    folder = paths.run_folder(installation.options)
    folder.mkdir(parents=True)
    port = paths.any_port()
    gone = processes.Process("airflow", 4_000_000, "", ("airflow",), "", {"port": str(port)})
    told = installation.caused(
        "airflow-away",
        lambda: processes.remember(folder, gone),
        lambda: (folder / "airflow.json").unlink(),  # as 'make down' does
    )
    assert f"Airflow does not answer at http://127.0.0.1:{port}" in told


def test_a_channel_that_is_not_there(installation: Installation) -> None:
    store = installation.store
    store.channels.create(Channel(id="desk", name="Desk", kind=ChannelKind.LOG))
    installation.options = installation.options.with_options(troubles__channels="ops,desk")
    told = installation.caused(
        "channel-missing",
        lambda: store.channels.change("desk", lambda one: replace(one, enabled=False)),
        lambda: store.channels.change("desk", lambda one: replace(one, enabled=True)),
    )
    assert told.startswith("The option troubles.channels names desk, which is switched off")
    store.channels.delete("desk")
    [missing] = installation.found("channel-missing")
    assert "desk, which is not there" in missing.what


def test_hosts_that_fail_all_at_once(installation: Installation) -> None:
    store = installation.store
    polled = {"taken": 0, "passed": 0, "feeds_our_network": 7}
    hosts = {"hosts_failing": 7, "hosts_well_before": 9}
    told = installation.caused(
        "network",
        lambda: put(store, "runs", run("out", HOUR, stages={"poll": {**polled, **hosts}})),
        lambda: put(store, "runs", run("in", HOUR / 2, stages={"poll": {"taken": 3}})),
    )
    assert told.startswith("7 of 9 hosts that had answered before failed at once")


def test_a_task_that_failed_without_an_account(installation: Installation) -> None:
    options = installation.options
    tasks.failed(options, "maintain", "maintain", "archive: no such folder")
    [told] = installation.texts()
    assert told.startswith(
        "The task maintain of the DAG maintain failed: archive: no such folder. What to do: "
    )
    tasks.failed(options, "maintain", "maintain", "archive: no such folder")  # the next day again
    assert installation.texts() == []
    tasks.worked(options, "alerts")  # another DAG
    assert installation.texts() == []
    tasks.worked(options, "maintain")
    [over] = installation.texts()
    assert over.startswith("Over after 1 minute: The task maintain")
    assert installation.texts() == []


def test_what_cannot_be_looked_at_is_a_trouble_and_holds_up_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: View) -> Iterator[Trouble]:
        raise OSError(5, "Input/output error")

    told = installation.caused(
        "not-looked",
        lambda: monkeypatch.setitem(looking.LOOKS, "disks", broken),
        lambda: monkeypatch.setitem(looking.LOOKS, "disks", disk.look),
    )
    assert "whether there is trouble with disks: [Errno 5] Input/output error" in told
