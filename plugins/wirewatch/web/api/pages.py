"""``/pages``: was a story missed, and why; and another try."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wirewatch.records import Page, PageStatus, Reason, Record, utc_now
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import ID, ListParameters, Nothing, Operator, Reader, Values
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem

MOST = 10_000  # pages made due by one request: a bulk write of some seconds

router = APIRouter(tags=["operation"])


class PageParameters(ListParameters):
    """Of the list of pages."""

    status: tuple[PageStatus, ...] = Field(default=(), description="Only these; may be repeated.")
    reason: tuple[Reason, ...] = Field(default=(), description="Only these; may be repeated.")
    host: Values = ()
    feed: Values = ()
    run: Values = ()


class PageList(Record, frozen=True, kw_only=True):
    """A page of the list of pages."""

    total: int  # pages that pass the filters
    cursor: str  # of the next page; "" on the last
    pages: tuple[Page, ...]


class Retry(BaseModel):
    """Which pages to try again: these, or those with a reason."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "server_error"}]}
    )

    ids: list[Annotated[str, Field(pattern=ID)]] = Field(default_factory=list, max_length=MOST)
    reason: Reason | None = None


class Retried(Record, frozen=True, kw_only=True):
    """What became of each page that was named."""

    due: int  # again, with their attempts forgotten
    left_alone: int  # indexed, or being worked on
    unknown: tuple[str, ...]  # ids of no page
    more: bool  # whether there are others with that reason: ask again


@router.get(
    "/pages",
    summary="List pages",
    responses=gives(
        PageList(total=1, cursor="", pages=(examples.PAGE,)),
        "The newest discovered first, with the reason in words of those that are no story.",
    ),
)
def pages(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[PageParameters, Query()],
) -> Response:
    """Where each page stands, and why."""
    after = opened(request, asked)
    found = store.lists.pages(size=asked.size, after=after, **asked.filters())
    following = sealed(request, asked, found.after)
    return answer(PageList(total=found.total, cursor=following, pages=found.rows))


@router.post(
    "/pages/retry",
    summary="Try pages again",
    responses=gives(
        Retried(due=1, left_alone=0, unknown=(), more=False),
        "How many are due again, and which are not.",
    ),
)
def retry(store: TheStore, _: Operator, body: Retry, _asked: Nothing) -> Response:
    """Makes rejected, dead and waiting pages due again."""
    if bool(body.ids) == (body.reason is not None):
        raise Problem("bad-body", "give either ids or a reason")
    named, more = list(dict.fromkeys(body.ids)), False
    if body.reason is not None:
        found = [one.id for one in islice(store.pages.all(reason=body.reason.value), MOST + 1)]
        named, more = found[:MOST], len(found) > MOST
    outcome = store.pages.retry(named, utc_now())
    return answer(
        Retried(
            due=len(outcome.done),
            left_alone=len(outcome.unchanged) + len(outcome.conflicts),
            unknown=tuple(outcome.refused),
            more=more,
        )
    )
