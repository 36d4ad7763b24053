"""The inbox: what saved searches found, what is new since one last looked, and where it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.alerts import saved
from wirewatch.records import Alert, Delivery, DeliveryState, utc_now
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.security.login import own_path
from wirewatch.web.site.render import base, page

router = APIRouter()

SIZE = 50  # alerts a page: what a person reads in one go
CHIPS = 40  # saved searches that are offered as filters
LOOKED_COOKIE = "wirewatch-looked"  # when alerts were last called seen in this browser
YEAR = 31_536_000  # seconds that it is remembered
MUTES = {"day": 1, "week": 7}  # days
SHOWN = ("", "new", "starred", "dismissed")

Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]


@router.get("/alerts")
def inbox(request: Request, store: TheStore, caller: Reader) -> Response:
    """Alerts, newest first, a page at a time: all, new, starred or dismissed, and by search."""
    asked = request.query_params
    show = asked.get("show", "")
    if show not in SHOWN:
        raise Problem("bad-parameter", f"show is one of {', '.join(SHOWN[1:])}, or left out")
    search = asked.get("search", "")
    looked = _instant(request.cookies.get(LOOKED_COOKIE, ""))
    found = store.lists.alerts(
        size=SIZE,
        after=_after(asked.get("before", "")),
        search=(search,) if search else (),
        starred=True if show == "starred" else None,
        dismissed=show == "dismissed",
        since=looked if show == "new" else None,
    )
    searches = {one.id: one for one in store.searches.of({a.search_id for a in found.rows})}
    following = ""
    if found.after is not None:
        given = {"show": show, "search": search, "before": "~".join(map(str, found.after))}
        following = urlencode({key: value for key, value in given.items() if value})
    return page(
        request,
        "alerts.html",
        caller=caller,
        alerts=found.rows,
        total=found.total,
        following=following,
        paged="before" in asked,
        show=show,
        search=search,
        searches=searches,
        looked=looked,
        by_search=store.alerts.by_search(looked, CHIPS),
        states=_states(store.deliveries.of_alerts([alert.id for alert in found.rows])),
        passages=_passages,
    )


@router.post("/alerts/seen")
def seen(request: Request, _: Reader, until: Annotated[str, Form()] = "") -> RedirectResponse:
    """Remembers in this browser that the alerts up to an instant were looked at."""
    when = _instant(until) or utc_now()
    answer = RedirectResponse(f"{base(request)}/alerts", 303)
    answer.set_cookie(
        LOOKED_COOKIE,
        when.isoformat(),
        max_age=YEAR,
        path=base(request) or "/",
        samesite="lax",
        httponly=True,
    )
    return answer


@router.post("/alerts/{alert_id}")
def mark(
    request: Request,
    store: TheStore,
    _: Writer,
    alert_id: str,
    act: Annotated[str, Form()],
    back: Annotated[str, Form()] = "/alerts",
) -> RedirectResponse:
    """Stars an alert, dismisses it, or takes that back."""
    marks = {
        "star": {"starred": True},
        "unstar": {"starred": False},
        "dismiss": {"dismissed": True},
        "restore": {"dismissed": False},
    }
    if act not in marks:
        raise Problem("bad-parameter", f"act is one of {', '.join(marks)}")
    if not store.alerts.mark(alert_id, marks[act]):
        raise Problem("not-found", f"there is no alert {alert_id[:100]!r}")
    return RedirectResponse(base(request) + own_path(back), 303)


@router.post("/searches/{search_id}/mute")
def mute(
    request: Request,
    store: TheStore,
    _: Writer,
    search_id: str,
    span: Annotated[str, Form()],
    back: Annotated[str, Form()] = "/alerts",
) -> RedirectResponse:
    """Tells nothing of a saved search for a day or a week; what it finds is told afterwards."""
    if span not in (*MUTES, "end"):
        raise Problem("bad-parameter", f"span is one of {', '.join(MUTES)} and end")
    until = None if span == "end" else utc_now() + timedelta(days=MUTES[span])
    try:
        saved.mute(store, search_id, until)
    except KeyError as error:
        raise Problem("not-found", f"there is no saved search {search_id[:100]!r}") from error
    return RedirectResponse(base(request) + own_path(back), 303)


def _passages(alert: Alert) -> list[tuple[str, str, list[tuple[str, bool]]]]:
    """Of each passage its field, its outlet, and its pieces with whether they matched."""
    return [(one.field, one.outlet, _pieces(one.text, one.marks)) for one in alert.why]


def _pieces(text: str, marks: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    pieces = []
    at = 0
    for begin, end in marks:
        pieces += [(text[at:begin], False), (text[begin:end], True)]
        at = end
    return [(words, match) for words, match in [*pieces, (text[at:], False)] if words]


def _states(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """The deliveries of each alert, by channel and then by time."""
    found: defaultdict[str, list[Delivery]] = defaultdict(list)
    for one in sorted(deliveries, key=lambda d: (d.channel, d.created, d.id)):
        for alert in one.alerts if one.state != DeliveryState.JOINED else ():  # its digest is there
            found[alert].append(one)
    return dict(found)


def _instant(text: str) -> datetime | None:
    """An aware instant as the cookie or the form has it; None for anything else."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def _after(text: str) -> list[str | int]:
    """Where a page goes on: the time and the id of the last alert before it."""
    if not text:
        return []
    time, tilde, identity = text.partition("~")
    if not tilde or not time.isdecimal() or len(time) > 15 or len(identity) > 64:
        raise Problem("bad-parameter", "before is what the link to the next page says")
    return [int(time), identity]
