"""How messages are carried, a module a kind of channel; each sends one message and says how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wirewatch.alerts.channels import apprise, log, mail, slack, teams, webhook
from wirewatch.alerts.channels.tools import Answer, Tools, opened
from wirewatch.alerts.messages import Message
from wirewatch.records import Channel, ChannelKind

LOG = Channel(id="log", name="The log", kind=ChannelKind.LOG, origin="file")  # is always there

Send = Callable[[Channel, Message, Tools], Awaitable[Answer]]

CARRIERS: dict[ChannelKind, Send] = {
    ChannelKind.LOG: log.send,
    ChannelKind.MAIL: mail.send,
    ChannelKind.WEBHOOK: webhook.send,
    ChannelKind.SLACK: slack.send,
    ChannelKind.TEAMS: teams.send,
    ChannelKind.APPRISE: apprise.send,
}

__all__ = ["CARRIERS", "LOG", "Answer", "Send", "Tools", "carry", "opened"]


async def carry(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Sends a message once; what hinders it is in the answer, and never raised."""
    carrier = CARRIERS.get(channel.kind)
    if carrier is None:
        return Answer(error=f"channels of the kind {channel.kind} cannot be used here")
    return await carrier(channel, message, tools)
