"""The sources pages: what each outlet contributes, and how its feeds fare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from wirewatch.feeds.health import Health, health
from wirewatch.records import Feed, utc_now
from wirewatch.search.sources import Source, sources
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import page
from wirewatch.web.site.volume import spark

router = APIRouter()

SIZE = 50  # outlets a page
WORST = {Health.WELL: 0, Health.WARN: 1, Health.BAD: 2}
ORDERS = {
    "volume": "most stories",
    "wire": "most wire copy",
    "quiet": "longest unseen",
    "health": "worst health",
    "name": "name",
}


class Row:
    """An outlet: what is in the archive of it, and its feeds with their health."""

    def __init__(self, name: str, source: Source | None, feeds: list[tuple[Feed, Health, str]]):
        self.name = name
        self.source = source
        self.feeds = feeds
        self.worst = max((one[1] for one in feeds), key=WORST.__getitem__, default=Health.WELL)

    @property
    def words(self) -> str:
        """The health of its feeds in a line."""
        if not self.feeds:
            return "No feed of its own."
        troubled = [words for _, how, words in self.feeds if how is not Health.WELL]
        if not troubled:
            return self.feeds[0][2]
        return (
            troubled[0]
            if len(self.feeds) == 1
            else (f"{len(troubled)} of {len(self.feeds)} feeds: {troubled[0]}")
        )


@router.get("/sources")
def sources_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """Every outlet: volume, wire share, last seen, health."""
    name = request.query_params.get("name", "").strip()
    order = request.query_params.get("order", "volume")
    order = order if order in ORDERS else "volume"
    number = request.query_params.get("page", "1")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    rows = _rows(list(store.feeds.all()), sources(store))
    troubled = sum(row.worst is not Health.WELL for row in rows)
    wanted = [row for row in rows if name.casefold() in row.name.casefold()]
    wanted.sort(key=_key(order))
    return page(
        request,
        "sources.html",
        caller=caller,
        rows=wanted[(at - 1) * SIZE : at * SIZE],
        outlets=len(wanted),
        every=len(rows),
        troubled=troubled,
        at=at,
        pages=max(1, -(-len(wanted) // SIZE)),
        name=name,
        order=order,
        orders=ORDERS,
        spark=spark,
    )


@router.get("/source")
def source_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """One outlet, with each of its feeds."""
    outlet = request.query_params.get("outlet", "")
    rows = _rows(list(store.feeds.all()), sources(store))
    row = next((one for one in rows if one.name == outlet), None)
    if row is None:
        raise Problem("not-found", f"there is no outlet {outlet[:100]!r}")
    return page(request, "source.html", caller=caller, row=row, spark=spark)


def _rows(feeds: list[Feed], found: tuple[Source, ...]) -> list[Row]:
    now = utc_now()
    by_outlet: dict[str, list[tuple[Feed, Health, str]]] = defaultdict(list)
    for feed in feeds:
        by_outlet[feed.outlet or feed.title or feed.url].append((feed, *health(feed, now)))
    rows = [Row(one.outlet, one, by_outlet.pop(one.outlet, [])) for one in found]
    return rows + [Row(name, None, kept) for name, kept in by_outlet.items()]


def _key(order: str) -> Callable[[Row], tuple[float, str]]:
    """What rows are sorted by; by name where that is the same."""
    figures: dict[str, Callable[[Row, Source | None], float]] = {
        "volume": lambda _, source: -(source.stories if source else 0),
        "wire": lambda _, source: -(source.share if source else -1.0),
        "quiet": lambda _, source: source.last_seen.timestamp() if source else 0.0,
        "health": lambda row, _: -WORST[row.worst],
        "name": lambda _, __: 0.0,
    }
    return lambda row: (figures[order](row, row.source), row.name.casefold())
