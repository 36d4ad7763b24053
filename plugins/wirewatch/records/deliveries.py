"""Where alerts are sent, and what became of each message."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wirewatch.records.base import Record


class ChannelKind(StrEnum):
    """How a channel carries messages."""

    LOG = "log"
    MAIL = "mail"
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    APPRISE = "apprise"


class Channel(Record, frozen=True, kw_only=True):
    """A place where messages go; saved searches name it by its id."""

    id: str  # the file's or the form's slug; "log" is always there
    name: str
    kind: ChannelKind
    address: str = ""  # a mail address, an http(s) address, Apprise's address; "" of the log
    secret: str = ""  # that webhooks and unsubscribing are signed with; shown once, never logged
    owner: str = ""
    origin: str = "user"  # "file": kept in config/channels/; "user": kept in the index
    enabled: bool = True
    off: str = ""  # why it was switched off by the system, in words
    failures: int = 0  # refusals in a row that speak of the address: bounces
    setbacks: int = 0  # failures in a row, of whatever kind
    left: tuple[str, ...] = ()  # searches whose mail its reader does not want any more
    rests_until: datetime | None = None  # nothing is sent before: it failed, or asked for it
    created: datetime | None = None


class DeliveryState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"  # to be tried again
    DEAD = "dead"  # given up: its time is over, or its channel refuses it for good
    DROPPED = "dropped"  # no longer wanted: its search or channel is gone or switched off
    JOINED = "joined"  # a digest tells it


class DeliveryKind(StrEnum):
    """What a message tells."""

    ALERT = "alert"  # one alert, at once
    UPDATE = "update"  # what came to an alert that was told
    DIGEST = "digest"  # the alerts of a span of time
    REST = "rest"  # how many alerts passed the cap of an hour
    NOTICE = "notice"  # to a search's owner: it was switched off, and why
    TEST = "test"


class Try(Record, frozen=True, kw_only=True):
    """One attempt to send a message."""

    at: datetime
    error: str = ""  # in words; "" when it went


class Delivery(Record, frozen=True, kw_only=True):
    """One message to one channel: of an alert's revision, or of a digest's span."""

    id: str  # stable_id("delivery", what it tells, channel id, revision); the idempotency key
    kind: DeliveryKind = DeliveryKind.ALERT
    search_id: str
    channel: str  # the channel's id
    alerts: tuple[str, ...] = ()  # ids of the alerts it tells
    revision: int = 0  # of the alert
    text: str = ""  # of a notice, and of the rest: its words
    state: DeliveryState = DeliveryState.PENDING
    created: datetime
    searchable: datetime | None = None  # when the newest story that it tells became searchable
    next_try: datetime  # it is not sent before
    slot: datetime | None = None  # it was held back until then, and goes with others of its search
    since: datetime | None = None  # from when its hours count; None: from ``created``
    attempts: int = 0
    tries: tuple[Try, ...] = ()  # the newest last
    holder: str = ""  # who sends it now
    until: datetime | None = None  # how long the holder may take
    sent: datetime | None = None
    seconds: float | None = None  # from searchable to sent
    error: str = ""  # why the last attempt failed, or why it was dropped, in words
