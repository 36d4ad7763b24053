"""What a search gives back."""

from __future__ import annotations

from msgspec import field

from wirewatch.records import Record, Story
from wirewatch.search.lexer import Note


class Piece(Record, frozen=True, kw_only=True):
    """A stretch of a highlighted text, and whether it is what matched. Plain text: escape it."""

    text: str
    match: bool = False


class Highlight(Record, frozen=True, kw_only=True):
    """Where a story matched: a whole title, or a passage of its text."""

    field: str  # "title" or "text"
    pieces: tuple[Piece, ...]


class Hit(Record, frozen=True, kw_only=True):
    """One line of a result: a story, or a cluster shown by one of its stories."""

    story: Story  # without its text; the cluster's lead when that matches, else the first match
    score: float = 0.0  # of the best match in the cluster; 0 where only filters were asked
    highlights: tuple[Highlight, ...] = ()
    matching: int = 1  # stories of the cluster that match; 1 when not collapsed
    copies: int = 1  # stories of the cluster in all; 1 when not collapsed
    outlets: int = 1  # outlets that have it; 1 when not collapsed


class Count(Record, frozen=True, kw_only=True):
    """How many matching stories have a value."""

    value: str
    stories: int
    within: str = ""  # of a topic: the nearest one above it that is among the values


class Results(Record, frozen=True, kw_only=True):
    """One page of a result, with the figures of the whole."""

    query: str  # as understood
    stories: int  # exact
    clusters: int
    clusters_approximate: bool = False  # past 3,000 the count may be off by a few hundredths
    hits: tuple[Hit, ...] = ()
    facets: dict[str, tuple[Count, ...]] = field(default_factory=dict)
    cursor: str = ""  # of the next page; "" on the last one, or when paging was not asked for
    notes: tuple[Note, ...] = ()  # what of the query may be meant otherwise
    took: int = 0  # milliseconds the server took over all requests of this page
