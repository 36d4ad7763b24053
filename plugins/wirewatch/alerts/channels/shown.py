"""Channels as they are shown: how each fares, and nothing that is secret."""

from __future__ import annotations

from datetime import datetime

from wirewatch.alerts.channels import apprise
from wirewatch.records import Channel, ChannelKind, Record

HIDDEN = "…"  # in place of what is secret or somebody's own


class OpenChannel(Record, frozen=True, kw_only=True):
    """A channel as anybody may see it who reads."""

    id: str
    name: str
    kind: ChannelKind
    address: str  # enough to know it by: of a mail address its first letter, of a hook its host
    origin: str  # "file": kept in config/channels/; "user": kept in the index
    enabled: bool
    state: str  # how it fares, in words
    left: tuple[str, ...]  # searches whose mail its reader does not want any more
    created: datetime | None


def opened(channel: Channel) -> OpenChannel:
    """The channel without its secret and its address."""
    return OpenChannel(
        id=channel.id,
        name=channel.name,
        kind=channel.kind,
        address=address(channel),
        origin=channel.origin,
        enabled=channel.enabled,
        state=fares(channel),
        left=channel.left,
        created=channel.created,
    )


def address(channel: Channel) -> str:
    """Enough of its address to know it by."""
    if channel.kind == ChannelKind.MAIL:
        local, _, domain = channel.address.rpartition("@")
        return f"{local[:1]}{HIDDEN}@{domain}"
    scheme, colon, rest = channel.address.partition("://")
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    if channel.kind == ChannelKind.APPRISE:  # in whose place of a host a token may be
        host = ""
    return f"{scheme}://{host and f'{host}/'}{HIDDEN}" if colon else ""


def fares(channel: Channel) -> str:
    """How a channel fares, in words."""
    if channel.kind == ChannelKind.APPRISE and not apprise.installed():
        return f"{apprise.EXTRA} is not installed"
    if channel.off:
        return f"switched off: {channel.off}"
    if not channel.enabled:
        return "switched off"
    if channel.rests_until and channel.setbacks:
        return f"failed {channel.setbacks} times, again from {channel.rests_until:%H:%M} UTC"
    return "well"
