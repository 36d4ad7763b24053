"""Channels that a person makes: checked before they are kept."""

from __future__ import annotations

import re

from wirewatch.alerts.channels import CARRIERS, LOG
from wirewatch.alerts.channels.webhook import new_secret
from wirewatch.fetch.guard import Guard, Guarded
from wirewatch.records import Channel, ChannelKind, stable_id, utc_now
from wirewatch.settings import Settings

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
LONGEST = 2_000  # characters of an address


class BadChannel(ValueError):
    """What a channel is given is wrong; the message says what."""


def made(
    channel_id: str, kind: ChannelKind, address: str, name: str, settings: Settings
) -> Channel:
    """A new channel with a secret of its own. Raises BadChannel.

    An address that may not be reached is refused here: messages to it would never go.
    """
    if not _ID.fullmatch(channel_id) or channel_id == LOG.id:
        raise BadChannel(
            f"the id {channel_id[:100]!r} must be up to 64 small letters, digits and hyphens, "
            f"and not {LOG.id}"
        )
    if kind not in CARRIERS or kind == ChannelKind.LOG:
        kinds = ", ".join(one for one in CARRIERS if one != ChannelKind.LOG)
        raise BadChannel(f"channels of the kind {kind} cannot be made; these can: {kinds}")
    if len(address) > LONGEST or not address.startswith(("http://", "https://")):
        raise BadChannel("the address must begin with http:// or https://")
    try:
        Guard(settings["alerts.allow"]).check_url(address)
    except (Guarded, ValueError) as error:
        raise BadChannel(f"{error}; alerts.allow opens hosts of your own") from error
    return Channel(
        id=channel_id,
        name=name or channel_id,
        kind=kind,
        address=address,
        secret=new_secret(),
        created=utc_now(),
    )


def of_address(address: str) -> Channel:
    """The channel for a webhook whose address a saved search of an earlier version names itself."""
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return Channel(
        id=f"hook-{stable_id('channel', address)[:12]}",
        name=host,
        kind=ChannelKind.WEBHOOK,
        address=address,
        secret=new_secret(),
        created=utc_now(),
    )
