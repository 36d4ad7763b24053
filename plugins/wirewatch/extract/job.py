"""What goes into extraction and what comes out instead of an article."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records import Page, Reason, Record


class Further(Record, frozen=True, kw_only=True):
    """A further page of the same article, in its order."""

    url: str
    body: bytes
    content_type: str = ""


class Job(Record, frozen=True, kw_only=True):
    """One fetched page to extract; ``page.id`` is the job's id."""

    page: Page
    body: bytes
    content_type: str = ""  # of the HTTP header, with its charset parameter
    url: str  # where the bytes came from, after redirects
    fetched: datetime
    more: tuple[Further, ...] = ()


class Rejection(Record, frozen=True, kw_only=True):
    """Why a page gave no article."""

    page_id: str
    reason: Reason
    detail: str  # the reason in plain words, with the figures
    title: str = ""  # of a paywall's stub: what the page shows to everybody
    summary: str = ""
