"""What batch files hold between the stages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from wirewatch.batches import Batches
from wirewatch.records import Article, Cluster, Location, Page, Record, Story


class Fetched(Record, frozen=True, kw_only=True):
    """A page with where its bytes are for this run.

    They are in the archive, or beside the batch where the page asks not to be archived.
    """

    page: Page
    seen: datetime  # when it was fetched
    held: Location | None = None  # None: it was looked at again, and is gone
    before: Page | None = None  # an indexed page that was looked at again, as it was claimed


class Asked(Record, frozen=True, kw_only=True):
    """What came of asking for a page: it goes on, or is left for a reason."""

    page: Page  # as it is now
    fetched: Fetched | None = None  # what goes on
    why: str = ""  # the outcome of a page that is left


class Extracted(Record, frozen=True, kw_only=True):
    """An article with the page it was read from."""

    page: Page
    seen: datetime  # when it was fetched
    article: Article | None = None  # None: the page was looked at again, and is gone


class StoryRow(Record, frozen=True, kw_only=True, tag="story"):
    """A new story, and the pages that have it (more than one under one canonical URL)."""

    story: Story
    pages: tuple[Page, ...]


class JoinedRow(Record, frozen=True, kw_only=True, tag="joined"):
    """A page whose story an earlier run indexed from another page."""

    story_id: str
    page: Page


class ClusterRow(Record, frozen=True, kw_only=True, tag="cluster"):
    """A cluster's new state, and the version of the document that it replaces."""

    cluster: Cluster
    version: tuple[int, int] | None = None  # None: it is new


class MovedRow(Record, frozen=True, kw_only=True, tag="moved"):
    """A story of an earlier run of which the cluster or the lead changed."""

    story: Story


class RetaggedRow(Record, frozen=True, kw_only=True, tag="retagged"):
    """A story of an earlier run of which the topics changed with its copies."""

    story: Story


Row = StoryRow | JoinedRow | ClusterRow | MovedRow | RetaggedRow


def read_rows(batches: Batches, file: str) -> Iterator[Row]:
    """The rows of a placed or tagged batch file."""
    kind = cast(type[Row], Row)  # a union of tagged records decodes as well as one of them
    return batches.read(file, kind)
