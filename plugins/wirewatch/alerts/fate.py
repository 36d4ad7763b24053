"""What becomes of a message before it is sent: dropped, given up, put off, or none of these."""

from __future__ import annotations

from datetime import datetime

from wirewatch.alerts.schedule import resumes
from wirewatch.alerts.unsubscribe import BY_READER, gone
from wirewatch.records import (
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    SavedSearch,
    replace,
)

OF_A_SEARCH = frozenset(
    {DeliveryKind.ALERT, DeliveryKind.UPDATE, DeliveryKind.DIGEST, DeliveryKind.REST}
)
HELD = frozenset({DeliveryKind.ALERT, DeliveryKind.UPDATE})  # what a digest may tell


def fate(
    delivery: Delivery, search: SavedSearch | None, channel: Channel | None, now: datetime
) -> Delivery | None:
    """The message as it is to be kept instead of being sent; None when it is to be sent now."""
    unwanted = _unwanted(delivery, search, channel)
    if unwanted:
        return replace(delivery, state=DeliveryState.DROPPED, error=unwanted, slot=None)
    if channel is not None and channel.off:
        words = f"its channel was switched off: {channel.off}"
        return replace(delivery, state=DeliveryState.DEAD, error=words, slot=None)
    if search is None or delivery.kind not in OF_A_SEARCH:
        return None
    later = resumes(search, now)
    if later <= now:
        return None
    held = delivery.kind in HELD and not delivery.attempts  # what was tried may have arrived
    state = DeliveryState.FAILED if delivery.attempts else DeliveryState.PENDING
    slot = later if held else None
    return replace(delivery, state=state, next_try=later, since=later, slot=slot)


def _unwanted(delivery: Delivery, search: SavedSearch | None, channel: Channel | None) -> str:
    """Why nobody wants the message any more, in words; "" when somebody does."""
    if channel is None:
        return f"there is no channel {delivery.channel} any more"
    if not channel.enabled:
        return "its channel was switched off"
    if gone(channel, delivery.search_id):
        return BY_READER
    if delivery.kind not in OF_A_SEARCH:
        return ""
    if search is None or search.deleted:
        return "its saved search was deleted"
    if not search.enabled:
        return "its saved search was switched off"
    if delivery.channel not in search.channels:
        return "its saved search does not send to this channel any more"
    return ""
