"""How who reads a mail ends it: a link that only mail to that channel has (RFC 8058).

It is signed with the channel's own secret, so a mail of one channel ends nothing of another.
"""

from __future__ import annotations

import hmac
from urllib.parse import quote, urlencode

from wirewatch.records import Channel, replace
from wirewatch.signing import Purpose, token
from wirewatch.store import Store

PATH = "/unsubscribe"
MOST = 500  # searches a channel remembers; who left more wants no mail at all
BY_READER = "its reader unsubscribed"


def link(page: str, channel: Channel, search_id: str) -> str:
    """The address that ends a search's mail to the channel; "" where none can be given.

    ``page``: where the pages are reached. Without a search it ends all mail to the channel.
    """
    if not page or not channel.secret:
        return ""
    rest = f"?{urlencode({'search': search_id})}" if search_id else ""
    return f"{page}{PATH}/{quote(channel.id, safe='')}/{_token(channel, search_id)}{rest}"


def genuine(channel: Channel, search_id: str, given: str) -> bool:
    """Whether the token is of a mail to this channel about this search."""
    right = _token(channel, search_id)
    return bool(channel.secret) and hmac.compare_digest(given.encode(), right.encode())


def gone(channel: Channel, search_id: str) -> bool:
    """Whether its reader wants no more mail about this search."""
    return channel.off == BY_READER or search_id in channel.left


def leave(store: Store, channel_id: str, search_id: str) -> Channel | None:
    """The channel without mail about the search, or about anything; None when there is none.

    Doing it twice changes nothing. Raises ConflictError as the store does.
    """
    return store.channels.change(channel_id, lambda one: _left(one, search_id))


def come_back(store: Store, channel_id: str, search_id: str) -> Channel | None:
    """The channel as before its reader left; None when there is none. Raises ConflictError."""
    return store.channels.change(channel_id, lambda one: _back(one, search_id))


def _left(channel: Channel, search_id: str) -> Channel:
    if search_id and len(channel.left) < MOST:
        return replace(channel, left=tuple(sorted({*channel.left, search_id})))
    return channel if channel.off else replace(channel, off=BY_READER)


def _back(channel: Channel, search_id: str) -> Channel:
    left = tuple(one for one in channel.left if one != search_id)
    off = "" if channel.off == BY_READER else channel.off
    return replace(channel, left=left, off=off)


def _token(channel: Channel, search_id: str) -> str:
    # Ids have no space, so no two pairs have one token.
    return token(f"{channel.id} {search_id}", channel.secret.encode(), Purpose.UNSUBSCRIBE)
