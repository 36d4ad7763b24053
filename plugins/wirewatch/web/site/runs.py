"""For operators: what was polled, fetched, rejected and retried, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.records import PageStatus, Reason, utc_now
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.site.render import base, page

router = APIRouter()

RUNS = 30
PAGES = 100  # of a status that are listed
STATUSES = {
    "discovered": "named by a feed, not fetched yet",
    "fetched": "fetched, not indexed yet",
    "retry": "failed, to be tried again",
    "indexed": "in the archive as a story",
    "rejected": "no article, or not for us",
    "dead": "given up",
}


@router.get("/runs")
def runs_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """The last runs stage by stage, and where every page stands."""
    return page(
        request,
        "runs.html",
        caller=caller,
        runs=store.runs.latest(RUNS),
        pages=store.pages.count(),
        feeds=store.feeds.count(),
        statuses=STATUSES,
    )


@router.get("/pages")
def pages_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """The pages of a status and a reason, newest first: was a story missed, and why."""
    status = request.query_params.get("status", "")
    reason = request.query_params.get("reason", "")
    status = status if status in {one.value for one in PageStatus} else ""
    reason = reason if reason in {one.value for one in Reason} else ""
    found = list(store.pages.all((status,) if status else (), reason=reason, limit=PAGES))
    return page(
        request,
        "pages.html",
        caller=caller,
        pages=found,
        status_of=status,
        reason_of=reason,
        statuses=STATUSES,
        counts=store.pages.count(),
        most=PAGES,
    )


@router.post("/pages/retry")
def retry(
    request: Request,
    store: TheStore,
    _: Annotated[Caller, Depends(needs("operate"))],
    page_id: Annotated[str, Form()],
) -> RedirectResponse:
    """Makes a rejected or dead page due again."""
    store.pages.retry([page_id], utc_now())
    return RedirectResponse(f"{base(request)}/pages?status=discovered", 303)
