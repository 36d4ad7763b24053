"""How fast a channel is sent to, how long it is left alone after a failure, what it learns."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from wirewatch.alerts.channels import apprise
from wirewatch.alerts.channels.tools import LONGEST_WAIT, Answer
from wirewatch.records import Channel, ChannelKind, replace
from wirewatch.settings import Settings

# Seconds between two messages, as those who run the services ask for: Slack one a second a hook,
# Teams four a second. Our own webhooks set their pace by answering.
PAUSES = {
    ChannelKind.SLACK: 1.0,
    ChannelKind.TEAMS: 0.25,
    ChannelKind.APPRISE: 1.0,
}
BOUNCES = 3  # refusals of an address in a row that switch it off; between them it rests longest
SPREAD = 0.1  # share by which a pause is longer by chance, so that channels do not come together


def patience(channel: Channel, settings: Settings) -> float:
    """Seconds one try may take."""
    if channel.kind == ChannelKind.MAIL:
        return float(settings["mail.timeout"])
    start = apprise.START if channel.kind == ChannelKind.APPRISE else 0.0
    return float(settings["alerts.timeout"] + start)


def pause(channel: Channel) -> float:
    """Seconds to wait after a message that went."""
    return PAUSES.get(channel.kind, 0.0)


def backoff(attempts: int, settings: Settings) -> float:
    """Seconds to wait after so many failures: doubled each time, up to a longest."""
    first, longest = settings["alerts.backoff"], settings["alerts.longest_backoff"]
    wait = min(first * 2 ** min(attempts - 1, 30), longest)
    return float(wait * random.uniform(1, 1 + SPREAD))


def rests(channel: Channel, now: datetime) -> bool:
    """Whether nothing is to be sent to it now.

    A time that lies further ahead than any pause was set by a clock that was wrong.
    """
    if channel.off or channel.rests_until is None:
        return False
    ahead = channel.rests_until - now
    return timedelta(0) < ahead <= timedelta(seconds=LONGEST_WAIT)


def learnt(channel: Channel, answer: Answer, now: datetime, settings: Settings) -> Channel:
    """The channel after a try: it rests after a failure; 410 and bounces switch it off."""
    if not answer.error:
        return replace(channel, failures=0, setbacks=0, rests_until=None)
    failures = channel.failures + 1 if answer.bounced else channel.failures
    off = channel.off
    if answer.gone:
        off = f"{now:%Y-%m-%d %H:%M} UTC: {answer.error}"
    elif failures >= BOUNCES:
        off = f"{now:%Y-%m-%d %H:%M} UTC: refused {failures} times: {answer.error}"
    wait = max(backoff(channel.setbacks + 1, settings), answer.after)
    if answer.bounced:  # a server that is set up wrong for a minute must not cost the address
        wait = max(wait, settings["alerts.longest_backoff"])
    return replace(
        channel,
        failures=failures,
        off=off[:500],
        setbacks=channel.setbacks + 1,
        rests_until=now + timedelta(seconds=wait),
    )
