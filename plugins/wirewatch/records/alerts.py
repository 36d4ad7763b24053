"""Saved searches, and what matched them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from wirewatch.records.base import Record

# What the ids of saved searches and channels are made of: people type them, queries name them.
SLUG = r"[a-z0-9][a-z0-9-]{0,63}"


class SearchKind(StrEnum):
    """What a saved search waits for."""

    MATCH = "match"  # a new cluster
    OUTLETS = "outlets"  # a cluster that passes a number of outlets
    CHANGE = "change"  # an alerted story that was corrected, withdrawn or revised
    SPIKE = "spike"  # more matches in an hour than its own past lets expect
    SILENCE = "silence"  # no match for a number of hours


class Every(StrEnum):
    """How often a saved search tells what it found."""

    ONCE = "at once"
    HOUR = "hourly"
    DAY = "daily"
    WEEK = "weekly"


class Copies(StrEnum):
    """What becomes of a match by a copy whose lead does not match."""

    BELOW = "below"  # told, and ranked below
    NOT = "not"  # left out


class SavedSearch(Record, frozen=True, kw_only=True):
    """A query somebody keeps: what it waits for, and how it is told."""

    id: str  # the file's or the form's slug; never used again
    name: str
    query: str
    owner: str = ""
    kind: SearchKind = SearchKind.MATCH
    threshold: int = 0  # outlets, least matches of a spike, or hours of silence, by kind
    copies: Copies = Copies.BELOW
    channels: tuple[str, ...] = ("log",)  # ids of channels
    every: Every = Every.ONCE
    hour: int = 8  # of the day in ``zone`` at which a daily or weekly digest goes out
    weekday: int = 0  # of a weekly digest; 0: Monday
    zone: str = "UTC"  # IANA time zone of the schedule and of the quiet hours
    quiet: tuple[int, ...] = ()  # hour at which quiet begins and at which it ends; () for none
    muted_until: datetime | None = None
    updates: bool = False  # tells what comes to an alert that was told
    age_limit: int = 7  # days: older stories raise no alert
    cap: int = 60  # alerts an hour; the rest is one message
    expires: datetime | None = None
    enabled: bool = True
    off: str = ""  # why it was switched off by the system, in words
    deleted: datetime | None = None  # it stays as a mark, so that its id is never used again
    origin: str = "file"  # "file": kept in config/searches/; "user": kept by a person in the index
    created: datetime | None = None


class Passage(Record, frozen=True, kw_only=True):
    """A piece of a story that a saved search matched."""

    field: str  # "title" or "text"
    text: str
    marks: tuple[tuple[int, int], ...] = ()  # where the matched words begin and end in ``text``
    story_id: str = ""
    outlet: str = ""
    is_copy: bool = False  # the lead does not match


class Alert(Record, frozen=True, kw_only=True):
    """An event that a saved search waited for: one per search and root cluster."""

    id: str  # stable_id("alert", search id, root cluster id), and the kind's occasion, if any
    search_id: str
    search_name: str
    kind: SearchKind = SearchKind.MATCH
    owner: str = ""
    cluster_id: str = ""  # "" where it tells of no single report
    story_id: str = ""  # the cluster's lead where it matched, else the earliest copy that did
    title: str
    url: str = ""
    outlet: str = ""
    language: str = ""
    published: datetime | None = None
    excerpt: str = ""
    topics: tuple[str, ...] = ()  # names
    copy_only: bool = False  # the lead does not match, only this copy does
    why: tuple[Passage, ...] = ()
    detail: str = ""  # in words: "passed 10 outlets", "corrected: …", "12 in an hour, 2 expected"
    stories: tuple[str, ...] = ()  # ids: the copies that matched, then what else came
    outlets: int = 1
    own_headlines: int = 0
    revision: int = 0  # raised when something came to it
    capped: bool = False  # it tells by number what is beyond the cap of its hour
    rest: int = 0  # events that it tells by number
    created: datetime
    updated: datetime | None = None
    searchable: datetime | None = None  # when its story could first be found
    starred: bool = False
    dismissed: bool = False


class MatchingCosts(Record, frozen=True, kw_only=True):
    """What matching the costliest saved searches took; what is old counts for less."""

    id: str = "matching"  # there is one such document
    stories: float = 0.0  # that were matched
    # That these took, by the id of the saved search.
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
