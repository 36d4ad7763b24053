"""The whole of wirewatch on this machine by one command: the demo, real feeds, and stopping it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console

from wirewatch.feeds import opml
from wirewatch.local import (
    airflow,
    elasticsearch,
    follow,
    paths,
    processes,
    sample,
    summary,
    website,
)
from wirewatch.local.doctor import doctor
from wirewatch.local.elasticsearch import NoElasticsearch
from wirewatch.local.paths import Trouble
from wirewatch.records import Feed, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

# In the order in which they are unpaused: ingest sets off alerts, whose messages deliver sends.
DAGS = ("deliver", "alerts", "ingest")
# The sample newsroom's pages are too young to be looked at again; reprocess only runs by hand.
MORE_DAGS = ("maintain", "reprocess", "revisit", "watch")
ALERTS_SECONDS = 300  # for the alerts of a run to be matched
STAY_SECONDS = 5.0  # between two looks whether all runs
STOP_SECONDS = 30.0  # before what was asked to stop is killed
DONE, FAILED, NO_ELASTICSEARCH = 0, 1, 3  # exit codes of the command


def demo(settings: Settings, console: Console) -> int:
    """Bring the sample newsroom's pages through the whole pipeline and show what came of them.

    Returns 0 when the run succeeded and its stories can be searched, 3 without Elasticsearch, else
    1. What was started keeps running.
    """
    return _code(lambda: _demo(settings, console), console)


def up(settings: Settings, console: Console) -> int:
    """Run everything on the feeds of ``config/feeds.opml``, on schedule; exit codes as the demo."""
    return _code(lambda: _up(settings, console), console)


def _code(work: Callable[[], int], console: Console) -> int:
    try:
        return work()
    except NoElasticsearch as trouble:
        console.print(f"wirewatch: {trouble}")
        return NO_ELASTICSEARCH
    except Trouble as trouble:
        console.print(f"wirewatch: {trouble}")
        return FAILED


def _demo(settings: Settings, console: Console) -> int:
    begun = time.monotonic()
    if not _fit(settings, console):
        return FAILED
    found = elasticsearch.ensure(settings, console.print)
    port = sample.ensure(settings, console.print)
    options = sample.options(settings.with_options(elasticsearch__url=found.url), port)
    _add_feeds(options, opml.read(sample.opml(port).encode()), console)
    running = airflow.ensure(options, console.print)
    client = airflow.client(running)
    _unpause(client, DAGS)
    run = follow.follow(client, follow.begin(client, "ingest"), console, options["airflow.timeout"])
    set_off = follow.followers(client, run, ALERTS_SECONDS)
    good = run.state == "success" and all(one.state == "success" for one in set_off)
    if not good:
        console.print(f"The run {run.id} ended as {run.state}; its logs: {running.url}/dags/ingest")
    searchable = summary.report(options, console)
    addresses = {
        "Search and API": website.ensure(options, console.print),
        "Airflow": f"{running.url} (user {running.user}, password in {running.password_file})",
        "Elasticsearch": found.url,
        "sample newsroom": f"http://127.0.0.1:{port} (its outlets are hosts under .localhost)",
    }
    _addresses(addresses, console)
    console.print(f"{'Search it:':<17}.venv/bin/wirewatch search 'QUERY'")
    console.print(f"Done in {time.monotonic() - begun:.0f} s.")
    return DONE if good and searchable else FAILED


def _up(settings: Settings, console: Console) -> int:
    if not _fit(settings, console):
        return FAILED
    file = settings.config_dir / "feeds.opml"
    try:
        feeds = opml.read(file.read_bytes())
    except FileNotFoundError:
        feeds = ()
        console.print(f"There is no {file}: only the feeds added before are polled")
    except opml.BadOPML as error:
        raise Trouble(f"{file}: {error}") from error
    sample.stop(settings)  # the demo's; its Airflow is started anew for the real feeds
    found = elasticsearch.ensure(settings, console.print)
    options = settings.with_options(elasticsearch__url=found.url)
    _add_feeds(options, feeds, console)
    running = airflow.ensure(options, console.print)
    _unpause(airflow.client(running), (*DAGS, *MORE_DAGS))
    console.print(f"Feeds are polled by the schedule {options['run.schedule']!r}.")
    addresses = {
        "Search and API": website.ensure(options, console.print),
        "Airflow": f"{running.url} (user {running.user}, password in {running.password_file})",
        "Elasticsearch": found.url,
    }
    _addresses(addresses, console)
    return DONE


def _fit(settings: Settings, console: Console) -> bool:
    """Whether this machine has what is needed; what it lacks is printed."""
    lacking = [check for check in doctor(settings) if not check.ok]
    for check in lacking:
        console.print(f"{check.name}: {check.found}. To do: {check.advice}")
    return not lacking


def _add_feeds(settings: Settings, feeds: Iterable[Feed], console: Console) -> None:
    now = utc_now()
    with connect(settings) as store:
        outcome = store.feeds.add(replace(feed, added=now) for feed in feeds)
        outcome.raise_refused("feeds")
    console.print(f"{len(outcome.done)} feeds added, {len(outcome.conflicts)} were there already")


def _unpause(client: airflow.Client, dags: Sequence[str]) -> None:
    follow.wait_for_dags(client, frozenset(dags))
    for dag in dags:
        client.pause(dag, False)


def _addresses(addresses: dict[str, str], console: Console) -> None:
    for name, address in addresses.items():
        console.print(f"{name + ':':<17}{address}", soft_wrap=True)
    console.print(f"{'Stop it all:':<17}make down")


def stay(settings: Settings, console: Console) -> int:
    """Waits until anything that runs here is gone, says what, and returns 1.

    For whoever starts it all again then, as systemd does.
    """
    run = paths.run_folder(settings)
    there = processes.running(run)
    while all(one.alive for one in there):
        time.sleep(STAY_SECONDS)
    for one in there:
        if not one.alive:
            console.print(f"wirewatch: {one.name} is gone; {one.log} ends:")
            console.print(processes.tail(Path(one.log)), soft_wrap=True)
    return FAILED


def down(settings: Settings) -> tuple[str, ...]:
    """Stop all that was started here, what is left of it included; the names of what was running.

    Raises Trouble when something cannot be stopped.
    """
    run = paths.run_folder(settings)
    names = sorted(file.stem for file in run.glob("*.json"))
    # Airflow first: its tasks write to Elasticsearch and read from the newsroom.
    names.sort(key=lambda name: name != airflow.NAME)
    stopped = []
    for name in names:
        first = signal.SIGINT if name == airflow.NAME else signal.SIGTERM
        if processes.stop(run, name, first=first, patience=STOP_SECONDS):
            stopped.append(name)
    return tuple(stopped)
