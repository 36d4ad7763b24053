"""The trends page: what rises now against its own past."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from wirewatch.search.language import BadQuery
from wirewatch.search.trends import WINDOWS, trends
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.site.render import page
from wirewatch.web.site.state import State
from wirewatch.web.site.volume import spark

router = APIRouter()

SHOWN = 15  # of a kind
KINDS = {
    "topic": "Topics",
    "word": "Words",
    "outlet": "Outlets",
    "agency": "Agencies",
    "country": "Countries",
}


@router.get("/trends")
def trends_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """What is commoner in the last days than its own eight weeks before explain."""
    query = request.query_params.get("q", "")
    given = request.query_params.get("days", "1")
    days = int(given) if given in {str(one) for one in WINDOWS} else WINDOWS[0]
    shown: dict[str, Any] = {
        "query": query,
        "days": days,
        "windows": WINDOWS,
        "caller": caller,
        "kinds": KINDS,
        "shown": SHOWN,
        "spark": spark,
        "found": None,
        "problem": "",
    }
    try:
        found = trends(store, query if query.strip() else "*", days=days)
    except BadQuery as error:
        return page(request, "trends.html", status=400, **{**shown, "problem": str(error)})
    return page(request, "trends.html", **{**shown, "found": found, "link": _link(query, days)})


def _link(query: str, days: int) -> Any:
    """The search for a value of a kind in those days."""
    state = State(q=query, time=f"{days * 24}h")

    def made(kind: str, value: str) -> str:
        if kind == "word":
            both = f'({query}) "{value}"' if query.strip() else f'"{value}"'
            return State(q=both, time=state.time).link()
        return state.adding(kind, value).link()

    return made
