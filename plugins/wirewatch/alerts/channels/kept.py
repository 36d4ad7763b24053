"""Channels that people keep: changed and deleted, never so that a saved search sends nowhere."""

from __future__ import annotations

from elasticsearch import ConflictError

from wirewatch.alerts.channels import LOG
from wirewatch.alerts.channels.made import checked, made, reached
from wirewatch.alerts.saved import Refused
from wirewatch.alerts.unsubscribe import BY_READER
from wirewatch.records import Channel, ChannelKind, replace
from wirewatch.store import Store

NAMED = 5  # searches that a refusal names


def keep(store: Store, channel_id: str, kind: ChannelKind, address: str, name: str) -> Channel:
    """A new channel with its secret, kept. Raises BadChannel, and Refused for a known id."""
    channel = made(channel_id, kind, address, name, store.settings)
    try:
        store.channels.create(channel)
    except ConflictError as error:
        raise Refused(f"there is a channel {channel_id} already") from error
    return channel


def change(
    store: Store, channel_id: str, *, name: str = "", address: str = "", enabled: bool | None = None
) -> Channel:
    """The channel with other values; "" and None leave one as it is. At another address it is as
    new.

    Raises KeyError when there is none, BadChannel, and Refused for one of a file.
    """
    before = _own(store, channel_id)
    address = checked(
        channel_id, before.kind, address or before.address, name or before.name, store.settings
    )
    if address != before.address:
        reached(before.kind, address, store.settings)

    def changed(one: Channel) -> Channel:
        after = replace(
            one, name=name or one.name, enabled=one.enabled if enabled is None else enabled
        )
        if address == one.address:
            return after
        return replace(_fresh(after), address=address, left=())

    return _there(store.channels.change(channel_id, changed), channel_id)


def switch_on(store: Store, channel_id: str) -> Channel:
    """The channel, used again. Raises KeyError when there is none.

    Raises Refused where its reader wants no mail: only they take that back.
    """

    def changed(one: Channel) -> Channel:
        if one.off == BY_READER:
            raise Refused(f"{channel_id}: {BY_READER}; the link in each mail takes that back")
        return replace(_fresh(one), enabled=True)

    return _there(store.channels.change(channel_id, changed), channel_id)


def discard(store: Store, channel_id: str) -> None:
    """Deletes a channel; what waits for it is dropped, with the reason.

    Raises KeyError when there is none, and Refused for one of a file and one that is sent to.
    """
    _own(store, channel_id)
    users = [
        one.id for one in store.searches.all() if channel_id in one.channels and not one.deleted
    ]
    if users:
        more = f" and {len(users) - NAMED} more" if len(users) > NAMED else ""
        raise Refused(f"{', '.join(users[:NAMED])}{more} send to {channel_id}: change them first")
    if not store.channels.delete(channel_id):
        raise KeyError(channel_id)


def _own(store: Store, channel_id: str) -> Channel:
    """The channel that a person keeps. Raises KeyError for none, and Refused for one of a file."""
    if channel_id == LOG.id:
        raise Refused(f"{LOG.id} is always there")
    found = _there(store.channels.get(channel_id), channel_id)
    if found.origin == "file":
        raise Refused(f"{channel_id} is kept in a file of config/channels/: change it there")
    return found


def _fresh(channel: Channel) -> Channel:
    """The channel without what was learnt of it."""
    return replace(channel, off="", failures=0, setbacks=0, rests_until=None)


def _there(channel: Channel | None, channel_id: str) -> Channel:
    if channel is None:
        raise KeyError(channel_id)
    return channel
