"""For operators without Grafana: troubles, flow, freshness, queues, feeds, hosts, disks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.alerts.again import again
from wirewatch.feeds.health import health
from wirewatch.records import DeliveryState, PageStatus, Reason, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.progress import backlogs
from wirewatch.store.standing import Step
from wirewatch.troubles.looking import BY_NAME
from wirewatch.upkeep import measurements
from wirewatch.upkeep.disk import disks
from wirewatch.upkeep.measurements import Outlook
from wirewatch.web.context import Caller, TheSettings, TheStore, TheTroubles, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import address, base, page

router = APIRouter()

DAYS = 7  # of flow, today among them
LISTED = 10  # hosts, and feeds of each state
AT_ONCE = 1_000  # pages that one press of the button makes due again

# Reasons that reading a page gives, and that writing it gives; all others come of fetching it.
READING = frozenset(
    {
        Reason.EMPTY,
        Reason.TOO_SHORT,
        Reason.INDEX_PAGE,
        Reason.CONSENT_WALL,
        Reason.LOGIN,
        Reason.PAYWALL,
        Reason.SOFT_404,
        Reason.EXTRACTION_FAILED,
        Reason.EXTRACTION_DIED,
    }
)
STAGES = ("fetch", "extract", "index")
WAITING = (PageStatus.DISCOVERED, PageStatus.FETCHED)

Reader = Annotated[Caller, Depends(needs("read"))]
Operator = Annotated[Caller, Depends(needs("operate"))]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the flow: what became of pages at a stage, by the day they were found."""

    stage: str
    status: PageStatus
    reason: Reason | None
    counts: tuple[int, ...]  # a day each


@router.get("/operations")
def operations(
    request: Request,
    store: TheStore,
    settings: TheSettings,
    caller: Reader,
    troubles: TheTroubles,
) -> Response:
    """How the installation stands, on one page."""
    now = utc_now()
    days = [f"{now - timedelta(days=ago):%Y-%m-%d}" for ago in reversed(range(DAYS))]
    since = datetime.fromisoformat(f"{days[0]}T00:00:00+00:00")
    steps = store.standing.flow(since)
    silent = store.lists.feeds(size=LISTED, state=("silent",))
    failing = store.lists.feeds(size=LISTED, state=("failing",))
    return page(
        request,
        "operations.html",
        caller=caller,
        troubles=[(one, BY_NAME[one.kind]) for one in troubles],
        days=[datetime.fromisoformat(day) for day in days],
        found=_by_day(steps, days),
        flow=_rows(steps, days),
        stages=STAGES,
        newest=store.standing.latest("stories", "first_seen"),
        fetched=store.standing.latest("pages", "fetched"),
        backlogs=backlogs(store, now),
        runs=store.runs.newest_by_kind(),
        feeds=[(one, *health(one, now)) for one in (*failing.rows, *silent.rows)],
        silent=silent.total,
        failing=failing.total,
        dead_messages=_dead_messages(store),
        dead_pages=_dead_pages(store),
        failing_hosts=store.standing.failing_hosts(since, LISTED),
        slow_hosts=store.standing.slowest_hosts(LISTED),
        disks=_disks(store, settings, now),
        done=_done(request),
        most=AT_ONCE,
        address=address,
    )


@router.post("/operations/messages")
def send_again(
    request: Request, store: TheStore, _: Operator, channel: Annotated[str, Form()]
) -> RedirectResponse:
    """Queues the messages of a channel again that were given up."""
    return _back(request, again(store, utc_now(), channel=channel[:100]))


@router.post("/operations/pages")
def try_again(
    request: Request, store: TheStore, _: Operator, reason: Annotated[str, Form()]
) -> RedirectResponse:
    """Makes pages due again that died of a reason, the newest of them."""
    if reason not in {one.value for one in Reason}:
        raise Problem("bad-parameter", f"there is no reason {reason[:100]!r}")
    dead = store.pages.all((PageStatus.DEAD.value,), reason=reason, limit=AT_ONCE)
    outcome = store.pages.retry([one.id for one in dead], utc_now())
    return _back(request, len(outcome.done))


def _back(request: Request, done: int) -> RedirectResponse:
    return RedirectResponse(f"{base(request)}/operations?done={done}#given-up", 303)


def _done(request: Request) -> int | None:
    """How many were queued again just now; None where nobody asked for it."""
    given = request.query_params.get("done", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _by_day(steps: Sequence[Step], days: Sequence[str]) -> list[int]:
    counts: dict[str, int] = defaultdict(int)
    for one in steps:
        counts[one.day] += one.pages
    return [counts[day] for day in days]


def _rows(steps: Sequence[Step], days: Sequence[str]) -> list[Row]:
    """By stage, then by what became of the pages; the commonest first."""
    counts: dict[tuple[PageStatus, Reason | None], dict[str, int]] = defaultdict(dict)
    for one in steps:
        # What waits to be fetched says why it was put off only where that is a failure.
        reason = None if one.status in WAITING else one.reason
        by_day = counts[one.status, reason]
        by_day[one.day] = by_day.get(one.day, 0) + one.pages
    rows = [
        Row(
            stage=_stage(status, reason),
            status=status,
            reason=reason,
            counts=tuple(by_day.get(day, 0) for day in days),
        )
        for (status, reason), by_day in counts.items()
    ]
    order = list(PageStatus)
    return sorted(
        rows,
        key=lambda one: (
            STAGES.index(one.stage), order.index(one.status), -sum(one.counts), one.reason or "",
        ),
    )  # fmt: skip


def _stage(status: PageStatus, reason: Reason | None) -> str:
    """The stage at which pages stand."""
    if status == PageStatus.INDEXED or reason == Reason.INDEXING_FAILED:
        return "index"
    return "extract" if status == PageStatus.FETCHED or reason in READING else "fetch"


def _dead_messages(store: Store) -> dict[str, int]:
    """Messages that were given up, by channel."""
    dead = DeliveryState.DEAD.value
    return {name: told[dead] for name, told in store.deliveries.count().items() if dead in told}


def _dead_pages(store: Store) -> dict[str, int]:
    """Pages that were given up, by reason; the commonest first."""
    return dict(store.pages.count().get(PageStatus.DEAD.value, {}))


def _disks(store: Store, settings: Settings, now: datetime) -> list[Outlook]:
    looks, _ = measurements.past(settings)
    there = disks(settings, store.es)
    return measurements.outlooks(looks, there, now, settings["disk.reserve"])
