"""``wirewatch channels`` and ``wirewatch alerts``: where alerts go, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, NoReturn, TypeVar

import typer

from wirewatch.alerts.again import again
from wirewatch.alerts.channels import LOG, files, kept
from wirewatch.alerts.channels.made import BadChannel
from wirewatch.alerts.channels.shown import fares, opened
from wirewatch.alerts.costs import costliest
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.outbox import trial
from wirewatch.alerts.saved import Refused
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.records import Channel, ChannelKind, DeliveryState, utc_now
from wirewatch.store import Store, connect

T = TypeVar("T")

WATCH = 365 * 86_400.0  # seconds: until somebody stops it

channels = typer.Typer(help="Where alerts go.", no_args_is_help=True)
alerts = typer.Typer(help="Messages of alerts: sent, waiting, given up.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of a channel.")]


@channels.command("list")
def list_channels(as_json: AsJson = False) -> None:
    """Lists the channels, with how they fare."""
    with connect(options()) as store:
        _read_files(store)
        found = _all(store)
    if as_json:
        print_json([opened(one) for one in found])
        return
    shown_ones = [opened(one) for one in found]
    print_table(
        ("id", "kind", "name", "address", "kept in", "state"),
        [(c.id, c.kind, c.name, c.address, c.origin, c.state) for c in shown_ones],
    )


@channels.command("add")
def add_channel(
    channel_id: Annotated[str, typer.Argument(metavar="ID", help="As saved searches name it.")],
    kind: Annotated[ChannelKind, typer.Argument(help="How it carries messages.")],
    address: Annotated[str, typer.Argument(help="A mail address, or a hook's http(s) address.")],
    name: Annotated[str, typer.Option(help="What people call it; else its id.")] = "",
) -> None:
    """Adds a channel. Prints the secret that a webhook's messages are signed with, this once."""
    with connect(options()) as store:
        channel = _done(lambda: kept.keep(store, channel_id, kind, address, name), channel_id)
    out.print(channel.secret if kind == ChannelKind.WEBHOOK else f"added {channel.id}")


@channels.command("remove")
def remove_channel(channel_id: Id) -> None:
    """Removes a channel. What waits for it is dropped, with the reason."""
    with connect(options()) as store:
        _done(lambda: kept.discard(store, channel_id), channel_id)


@channels.command("on")
def switch_on(channel_id: Id) -> None:
    """Switches a channel on again that was switched off for its failures."""
    with connect(options()) as store:
        _done(lambda: kept.switch_on(store, channel_id), channel_id)


@channels.command("test")
def test_channel(channel_id: Id) -> None:
    """Sends a message of its own to a channel, and says what came of it."""
    given = options()
    with connect(given) as store:
        _read_files(store)
        if channel_id != LOG.id and store.channels.get(channel_id) is None:
            _missing(channel_id)
        message = trial(channel_id, utc_now())
        store.deliveries.create([message]).raise_refused("messages")
        deliver(store, given)
        found = store.deliveries.read(message.id)
    assert found is not None  # noqa: S101  # messages are never deleted here
    if found[0].state != DeliveryState.SENT:
        err.print(f"wirewatch: not sent: {shown(found[0].error) or 'the channel rests'}")
        raise typer.Exit(1)
    out.print("sent")


@alerts.command("deliver")
def deliver_alerts(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until it is stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sends what is due; with --watch at once whatever comes to be due."""
    given = options()
    with connect(given) as store:
        counts = deliver(store, given, seconds=WATCH if watch else 0, watch=watch)
    if as_json:
        print_json(dict(counts))
        return
    for state, count in sorted(counts.items()):
        out.print(f"{count:>6} {state}")


@alerts.command("retry")
def retry(
    channel: Annotated[str, typer.Option(help="Only those of this channel.")] = "",
    search: Annotated[str, typer.Option(help="Only those of this saved search.")] = "",
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Also those that wait for a further try.")
    ] = False,
) -> None:
    """Queues messages again that were given up. Prints how many."""
    states = (DeliveryState.DEAD, DeliveryState.FAILED) if waiting else (DeliveryState.DEAD,)
    with connect(options()) as store:
        out.print(again(store, utc_now(), states=states, channel=channel, search=search))


@alerts.command("status")
def status(as_json: AsJson = False) -> None:
    """Counts the messages by channel and state, and says how long they took, what was given up, and
    which saved searches cost most to match.
    """
    with connect(options()) as store:
        counts = store.deliveries.count()
        waits = store.deliveries.waits(utc_now() - timedelta(days=1))
        dead = [one for one, _ in store.deliveries.find(states=(DeliveryState.DEAD,))][-5:]
        states = {one.id: fares(one) for one in _all(store)}
        costly = costliest(store)
    if as_json:
        seconds = {kind: {"half": one.half, "most": one.most} for kind, one in waits.items()}
        found = {"messages": counts, "channels": states, "seconds": seconds, "given_up": dead}
        print_json({**found, "costliest": costly})
        return
    for channel in sorted({*counts, *states}):
        told = counts.get(channel, {})
        by_state = ", ".join(f"{n} {state}" for state, n in sorted(told.items()))
        raised = f"{sum(told.values())} raised: {by_state}" if told else "no message"
        out.print(f"{channel}: {raised}; {states.get(channel, 'no such channel')}")
    for kind, wait in sorted(waits.items()):
        words = f"half within {wait.half:,.0f} s, 95 of 100 within {wait.most:,.0f} s"
        out.print(f"the last 24 hours, from searchable to sent, {wait.count} {kind}: {words}")
    for one in dead:
        out.print(f"given up: {one.id} of {one.search_id} to {one.channel}: {shown(one.error)}")
    for search in costly:
        whose = f", of {shown(search.owner)}" if search.owner else ""
        took = f"{search.seconds:.3f} s to match with 1,000 stories"
        out.print(f"{search.id} ({shown(search.name)}{whose}) takes {took}")


def _all(store: Store) -> list[Channel]:
    return [LOG, *store.channels.all()]


def _read_files(store: Store) -> None:
    """Takes over the channels of files, and says what is wrong in them."""
    for problem in files.sync(store, store.settings):
        err.print(f"wirewatch: {shown(problem)}")


def _done(work: Callable[[], T], channel_id: str) -> T:
    """What the work gives; its refusal becomes a line and an exit code."""
    try:
        return work()
    except KeyError:
        _missing(channel_id)
    except BadChannel as error:
        err.print(f"wirewatch: {shown(str(error))}")
        raise typer.Exit(2) from error
    except Refused as error:
        err.print(f"wirewatch: {shown(str(error))}")
        raise typer.Exit(1) from error


def _missing(channel_id: str) -> NoReturn:
    err.print(f"wirewatch: there is no channel {channel_id}; see wirewatch channels list")
    raise typer.Exit(1)
