"""What becomes of an indexed page that is looked at again.

It stays ``indexed``, with the time of its next look; its story keeps what it was until ``revise``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wirewatch.fetch.answers import Failure
from wirewatch.records import Page, Reason, replace
from wirewatch.revisions.schedule import next_revisit
from wirewatch.settings import Settings

MISSING = "missing"  # not found, for the first time: looked for again before it is called vanished
# A page that was not found, and of which later looks tell nothing (the host is down), is looked for
# no longer than this outside its ages.
LOOKED_FOR = timedelta(days=1)
# The host had no time for it in this run: it is due again in the next, not at the next age.
LATER = frozenset({Reason.POSTPONED, Reason.RATE_LIMITED})


def conditional(page: Page, settings: Settings, now: datetime) -> bool:
    """Whether a page is asked for only if it changed.

    Servers send the same ETag for a changed page: the last look does not believe them. A page that
    was missing is asked for whole: its story may have been called vanished.
    """
    last = next_revisit(page.discovered, settings["revisit.ages"], now) is None
    return not last and page.missing_since is None


def confirmed(page: Page, settings: Settings, now: datetime) -> bool:
    """Whether a page that is not found now was not found long enough ago either."""
    pause = timedelta(seconds=settings["revisit.confirm"])
    return page.missing_since is not None and now - page.missing_since >= pause


def missing(page: Page, settings: Settings, now: datetime, detail: str) -> Page:
    """The page handed back, not found: when it is looked for again.

    One 404 is no end: servers answer so while they are changed over, or for a moment.
    """
    since = page.missing_since or now
    return replace(
        page,
        lease=None,
        missing_since=since,
        revisit_at=since + timedelta(seconds=settings["revisit.confirm"]),
        detail=f"looked at again: {detail}; looked for once more before it counts as vanished",
    )


def failed(page: Page, failure: Failure, settings: Settings, now: datetime) -> Page:
    """The page handed back, not read: its story stays as it is."""
    after = released(page, settings, now, f"looked at again: {failure.detail}")
    if failure.reason in LATER and not failure.attempted:
        return replace(after, revisit_at=page.revisit_at)
    return after


def released(page: Page, settings: Settings, now: datetime, detail: str = "") -> Page:
    """The page handed back, with the time of its next look."""
    due = next_revisit(page.discovered, settings["revisit.ages"], now)
    if page.missing_since is not None and now - page.missing_since < LOOKED_FOR:
        due = now + timedelta(seconds=settings["revisit.confirm"])
    return replace(page, lease=None, revisit_at=due, detail=detail)
