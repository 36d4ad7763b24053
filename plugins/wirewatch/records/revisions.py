"""Later versions of a story."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wirewatch.records.base import Record


class RevisionKind(StrEnum):
    """What became of a story's page."""

    FIRST = "first"  # not a change: what the page said before the first one
    CHANGED = "changed"
    CORRECTION = "correction"  # with a note that was not there before
    WITHDRAWAL = "withdrawal"
    VANISHED = "vanished"
    RETURNED = "returned"  # it had vanished, and says what it said before


class Edit(Record, frozen=True, kw_only=True):
    """One place where words differ."""

    at: int  # in words from the beginning of the older text; -1: in the title
    removed: str = ""  # words parted by blanks, cut where they are long
    added: str = ""


class Change(Record, frozen=True, kw_only=True):
    """What differs between two versions of a story, in words."""

    words_added: int = 0
    words_removed: int = 0
    words_moved: int = 0  # removed in one place and added in another; in neither count above
    title: bool = False  # whether the title changed
    edits: tuple[Edit, ...] = ()
    edits_left_out: int = 0  # beyond the number kept


class Revision(Record, frozen=True, kw_only=True):
    """A later version of a story, or the end of its page; number 0 is the version before them."""

    id: str  # stable_id("revision", story id, number)
    story_id: str
    cluster_id: str
    number: int
    kind: RevisionKind
    seen: datetime  # when it was fetched
    language: str = "und"
    title: str = ""  # title and text are empty where there was no page to read
    text: str = ""
    note: str = ""  # the correction or withdrawal note, in the page's own words
    change: Change | None = None
    run: str = ""
