"""The log as a channel: a line an alert."""

from __future__ import annotations

import logging

from wirewatch.alerts.channels.tools import Answer, Tools
from wirewatch.alerts.messages import Message, facts, one_line
from wirewatch.records import Channel

log = logging.getLogger("wirewatch.alerts")

TITLE = 300  # characters


async def send(_channel: Channel, message: Message, _tools: Tools) -> Answer:
    """Writes the message's lines; it always goes."""
    name = one_line(message.search_name, TITLE)
    for alert in message.alerts:
        title = one_line(alert.title, TITLE)
        log.info("%s: %s (%s) %s", name, title, facts(alert), one_line(alert.url, 2_000))
    if message.text:
        log.info("%s: %s", name, one_line(message.text, 2_000))
    return Answer()
