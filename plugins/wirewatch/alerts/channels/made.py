"""Channels that a person makes: checked before they are kept."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from ada_url import URL

from wirewatch.alerts.channels import CARRIERS, LOG, apprise
from wirewatch.alerts.channels.webhook import new_secret
from wirewatch.fetch import urls
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver
from wirewatch.mailboxes import mailbox
from wirewatch.records import SLUG, Channel, ChannelKind, stable_id, utc_now
from wirewatch.settings import Settings

LONGEST = 2_000  # characters of an address
LONGEST_NAME = 200  # characters of a name
LOOK_UP = 5.0  # seconds that name servers may take while a person waits


class BadChannel(ValueError):
    """What a channel is given is wrong; the message says what."""


def made(
    channel_id: str, kind: ChannelKind, address: str, name: str, settings: Settings
) -> Channel:
    """A new channel with a secret of its own. Raises BadChannel.

    An address that may not be reached is refused here: messages to it would never go.
    """
    address = checked(channel_id, kind, address, name, settings)
    reached(kind, address, settings)
    return Channel(
        id=channel_id,
        name=name or channel_id,
        kind=kind,
        address=address,
        secret=new_secret(),
        created=utc_now(),
    )


def checked(channel_id: str, kind: ChannelKind, address: str, name: str, settings: Settings) -> str:
    """The address as it is kept. Raises BadChannel for whatever is wrong without asking anybody."""
    if not re.fullmatch(SLUG, channel_id) or channel_id == LOG.id:
        raise BadChannel(
            f"the id {channel_id[:100]!r} must be up to 64 small letters, digits and hyphens, "
            f"and not {LOG.id}"
        )
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadChannel(f"the name must have up to {LONGEST_NAME} characters in one line")
    if kind not in CARRIERS or kind == ChannelKind.LOG:
        kinds = ", ".join(one for one in CARRIERS if one != ChannelKind.LOG)
        raise BadChannel(f"channels of the kind {kind} cannot be made; these can: {kinds}")
    address = address.strip()
    if len(address) > LONGEST:
        raise BadChannel(f"the address must have up to {LONGEST} characters")
    if kind == ChannelKind.MAIL:
        return _mailed(address, settings)
    if kind == ChannelKind.APPRISE:
        if words := apprise.wrong(address):
            raise BadChannel(words)
        return address
    return _posted(address, settings)


def reached(kind: ChannelKind, address: str, settings: Settings) -> None:
    """Raises BadChannel when a name leads to where nothing may be sent, or Apprise knows no such.

    A name that nobody knows just now passes: the first message tells.
    """
    if kind == ChannelKind.APPRISE and (words := apprise.unknown(address, settings)):
        raise BadChannel(words)
    if kind not in POSTED:
        return

    asked = URL(address)

    async def look_up() -> None:
        resolver = GuardedResolver(Guard(settings["alerts.allow"]), LOOK_UP)
        try:
            await resolver.resolve(asked.hostname, int(asked.port or PORTS[asked.protocol]))
        finally:
            await resolver.close()

    with suppress(OSError):
        try:
            asyncio.run(look_up())
        except Guarded as error:
            raise BadChannel(f"{error}; alerts.allow opens hosts of your own") from error


POSTED = frozenset({ChannelKind.WEBHOOK, ChannelKind.SLACK, ChannelKind.TEAMS})
PORTS = {"http:": 80, "https:": 443}


def _posted(address: str, settings: Settings) -> str:
    if not address.startswith(("http://", "https://")):
        raise BadChannel("the address must begin with http:// or https://")
    try:
        address = urls.absolute(address)
        Guard(settings["alerts.allow"]).check_url(address)
    except (Guarded, ValueError) as error:
        raise BadChannel(f"{error}; alerts.allow opens hosts of your own") from error
    return address


def _mailed(address: str, settings: Settings) -> str:
    if not settings["mail.host"]:
        raise BadChannel("there is no mail server: set mail.host and mail.from")
    try:
        return mailbox(address)
    except ValueError as error:
        raise BadChannel(str(error)) from error


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
