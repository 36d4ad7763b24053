"""What becomes of a page that could not be fetched: when it is tried again, and when never."""

from __future__ import annotations

from datetime import datetime, timedelta

from wirewatch.fetch.answers import Failure, Response
from wirewatch.records import Page, PageStatus, Reason, replace
from wirewatch.settings import Settings

# Final at once, and the page itself is at fault: another try would say the same.
REJECTED = frozenset(
    {
        Reason.BAD_URL,
        Reason.GUARDED,
        Reason.ROBOTS,
        Reason.NOT_TEXT,
        Reason.TOO_LARGE,
        Reason.EMPTY,
    }
)
# Final at once: the server knows of no such page.
DEAD = frozenset(
    {
        Reason.NOT_FOUND,
        Reason.GONE,
        Reason.CLIENT_ERROR,
        Reason.REDIRECT_LOOP,
        Reason.TOO_MANY_REDIRECTS,
    }
)
# Answers of the 4xx kind that speak of the moment, not of the page (RFC 9110 sections 15.5.9 and
# 15.5.20, RFC 8470): they are tried again as a server's own error is.
PASSING = frozenset({408, 421, 425})
# 401, 402, 403, 451 are often a passing block of a crawler, so they get a second chance only.
FORBIDDEN_ATTEMPTS = 2
LONGEST = timedelta(hours=12)  # between two tries: news that is older is hardly read any more
SOON = timedelta(seconds=1)  # a page that never had its turn is due in the next run


def came_damaged(answer: Response | Failure) -> bool:
    """Whether the answer was cut off or no valid HTTP: the next one is often whole."""
    return isinstance(answer, Failure) and answer.reason == Reason.PROTOCOL and answer.attempted


def outcome(page: Page, failure: Failure, now: datetime, settings: Settings) -> Page:
    """The page after a failed fetch: ``rejected``, ``dead``, or ``retry`` with its next attempt.

    Waits double from ``fetch.backoff`` seconds; after ``fetch.attempts`` tries the page is dead
    with its last answer. A page that was not asked for at all loses no attempt.
    """
    asked = failure.attempted
    attempts = page.attempts + (1 if asked else 0)
    most = settings["fetch.attempts"]
    if failure.reason == Reason.FORBIDDEN:
        most = min(most, FORBIDDEN_ATTEMPTS)
    status = PageStatus.RETRY
    detail = failure.detail
    next_attempt: datetime | None = None
    if failure.reason in REJECTED:
        status = PageStatus.REJECTED
    elif failure.reason in DEAD and failure.status not in PASSING:
        status = PageStatus.DEAD
    elif asked and attempts >= most:
        status = PageStatus.DEAD
        detail = f"{detail} (attempt {attempts} of {most})"
    else:
        wait = SOON
        if asked:
            doubled = settings["fetch.backoff"] * 2 ** min(attempts - 1, 16)
            wait = min(timedelta(seconds=doubled), LONGEST)
        if failure.retry_after is not None:
            asked_for = timedelta(seconds=failure.retry_after)
            wait = asked_for if failure.reason == Reason.RATE_LIMITED else max(wait, asked_for)
        next_attempt = now + max(wait, SOON)
    return replace(
        page,
        status=status,
        attempts=attempts,
        next_attempt=next_attempt,
        lease=None,
        http_status=failure.status or page.http_status,
        final_url=failure.final_url or page.final_url,
        reason=failure.reason,
        detail=detail,
    )
