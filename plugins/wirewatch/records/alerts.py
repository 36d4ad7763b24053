"""Saved searches, and what matched them."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records.base import Record


class SavedSearch(Record, frozen=True, kw_only=True):
    """A query somebody keeps, and where its alerts go."""

    id: str  # the file's or the form's slug
    name: str
    query: str
    channels: tuple[str, ...] = ("log",)  # "log" or a webhook's http(s) URL
    enabled: bool = True
    origin: str = "file"  # "file": kept in config/searches/; "user": kept by a person in the index
    created: datetime | None = None


class Alert(Record, frozen=True, kw_only=True):
    """A new cluster that matched a saved search: one per search and cluster."""

    id: str  # stable_id("alert", search id, cluster id)
    search_id: str
    search_name: str
    cluster_id: str
    story_id: str
    title: str
    url: str
    outlet: str = ""
    created: datetime
    sent: tuple[str, ...] = ()  # the channels that have it
    delivered: datetime | None = None  # when the last of its channels had it
    attempts: int = 0
    error: str = ""  # why the last attempt failed, in words
