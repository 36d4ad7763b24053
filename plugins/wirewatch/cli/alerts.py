"""``wirewatch channels`` and ``wirewatch alerts``: where alerts go, and what became of them."""

from __future__ import annotations

from typing import Annotated

import typer
from elasticsearch import ConflictError

from wirewatch.alerts.again import again
from wirewatch.alerts.channels import CARRIERS, LOG
from wirewatch.alerts.channels.made import BadChannel, made
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.outbox import trial
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.records import Channel, ChannelKind, DeliveryState, replace, to_dict, utc_now
from wirewatch.store import Store, connect

WATCH = 365 * 86_400.0  # seconds: until somebody stops it
HIDDEN = "…"  # in place of a secret, and of an address's path, in which one may be

channels = typer.Typer(help="Where alerts go.", no_args_is_help=True)
alerts = typer.Typer(help="Messages of alerts: sent, waiting, given up.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of a channel.")]


@channels.command("list")
def list_channels(as_json: AsJson = False) -> None:
    """Lists the channels, with how they fare."""
    with connect(options()) as store:
        found = [LOG, *store.channels.all()]
    if as_json:
        print_json([_open(one) for one in found])
        return
    rows = [(one.id, one.kind, one.name, _fares(one)) for one in found]
    print_table(("id", "kind", "name", "state"), rows)


@channels.command("add")
def add_channel(
    channel_id: Annotated[str, typer.Argument(metavar="ID", help="As saved searches name it.")],
    kind: Annotated[ChannelKind, typer.Argument(help="How it carries messages.")],
    address: Annotated[str, typer.Argument(help="The webhook's http(s) address.")],
    name: Annotated[str, typer.Option(help="What people call it; else its id.")] = "",
) -> None:
    """Adds a channel. Prints the secret that signs its messages, this once."""
    given = options()
    try:
        channel = made(channel_id, kind, address, name, given)
    except BadChannel as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(2) from error
    with connect(given) as store:
        try:
            store.channels.create(channel)
        except ConflictError as error:
            err.print(f"wirewatch: there is a channel {channel_id} already")
            raise typer.Exit(1) from error
    out.print(channel.secret)


@channels.command("remove")
def remove_channel(channel_id: Id) -> None:
    """Removes a channel. What waits for it is dropped, with the reason."""
    with connect(options()) as store:
        users = [one.id for one in store.searches.all() if channel_id in one.channels]
        if users:
            err.print(f"wirewatch: {', '.join(users[:5])} send to {channel_id}: change them first")
            raise typer.Exit(1)
        if not store.channels.delete(channel_id):
            _missing(channel_id)


@channels.command("on")
def switch_on(channel_id: Id) -> None:
    """Switches a channel on again that was switched off for its failures."""
    with connect(options()) as store:
        changed = store.channels.change(
            channel_id,
            lambda one: replace(
                one, enabled=True, off="", failures=0, setbacks=0, rests_until=None
            ),
        )
    if changed is None:
        _missing(channel_id)


@channels.command("test")
def test_channel(channel_id: Id) -> None:
    """Sends a message of its own to a channel, and says what came of it."""
    given = options()
    with connect(given) as store:
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
    """Counts the messages by channel and state, and names what was given up last."""
    with connect(options()) as store:
        counts = store.deliveries.count()
        dead = [one for one, _ in store.deliveries.find(states=(DeliveryState.DEAD,))][-5:]
        states = {one.id: _fares(one) for one in _all(store)}
    if as_json:
        print_json({"messages": counts, "channels": states, "given_up": dead})
        return
    for channel in sorted({*counts, *states}):
        told = ", ".join(f"{n} {state}" for state, n in sorted(counts.get(channel, {}).items()))
        out.print(f"{channel}: {told or 'no message'}; {states.get(channel, 'no such channel')}")
    for one in dead:
        out.print(f"given up: {one.id} of {one.search_id} to {one.channel}: {shown(one.error)}")


def _all(store: Store) -> list[Channel]:
    return [LOG, *store.channels.all()]


def _fares(channel: Channel) -> str:
    """How a channel fares, in words."""
    if channel.kind not in CARRIERS:
        return "this installation cannot carry its kind"
    if channel.off:
        return f"switched off: {channel.off}"
    if not channel.enabled:
        return "switched off"
    if channel.rests_until and channel.setbacks:
        return f"failed {channel.setbacks} times, again from {channel.rests_until:%H:%M} UTC"
    return "well"


def _open(channel: Channel) -> dict[str, object]:
    """The channel without what is secret."""
    scheme, _, rest = channel.address.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    address = f"{scheme}://{host}/{HIDDEN}" if host else ""
    return {**to_dict(channel), "secret": HIDDEN if channel.secret else "", "address": address}


def _missing(channel_id: str) -> None:
    err.print(f"wirewatch: there is no channel {channel_id}; see wirewatch channels list")
    raise typer.Exit(1)
