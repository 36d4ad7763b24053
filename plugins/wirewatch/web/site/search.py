"""The search page: the box, the filters, the volume, the reports."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from wirewatch.records import Story, utc_now
from wirewatch.search.cluster_copies import copies
from wirewatch.search.cursor import BadCursor
from wirewatch.search.language import BadQuery, Note, limits_from
from wirewatch.search.request import BadRequest, prepare
from wirewatch.search.results import Hit, Results
from wirewatch.search.search import search
from wirewatch.store import Store
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.security.identity import guards
from wirewatch.web.site import state as states
from wirewatch.web.site.render import country_name, language_name, page
from wirewatch.web.site.state import FIELDS, State
from wirewatch.web.site.volume import Volume, volume

router = APIRouter()

SIZE = 20  # reports a page
VALUES = 8  # of a facet: those below are found by a query
NAMES = {
    "topic": "Topic",
    "outlet": "Outlet",
    "agency": "Agency",
    "language": "Language",
    "country": "Country",
    "author": "Author",
}
# Spans that are asked for most, by what stands after published:.
SPANS = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, in words, and the address without it."""

    name: str
    value: str
    link: str
    against: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: how many stories, and the addresses with and against it."""

    value: str
    shown: str
    stories: int
    link: str
    against: str
    chosen: bool
    within: bool  # another value that is shown above it


@router.get("/")
def search_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """The reports that match, with what narrows them."""
    given = states.read(request.query_params.multi_items())
    cursor = request.query_params.get("cursor", "")
    shown: dict[str, Any] = {
        "state": given,
        "chips": _chips(given),
        "sorts": _sorts(given),
        "spans": [(name, given.at(span).link(), given.time == span) for span, name in SPANS],
        "always": given.at("").link(),
        "days": _days(given),
        "figures": bool(request.query_params.get("figures")),
        "help": not request.query_params or "help" in request.query_params,
        "caller": caller,
        "headline": headline,
        "passages": passages,
    }
    try:
        return page(
            request,
            "search.html",
            **shown,
            **_found(store, given, cursor, guards(request).secret),
            wrong=None,
        )
    except BadQuery as error:
        status, wrong, notice = 400, _located(given, error), ""
    except BadCursor as error:
        status, wrong, notice = 410, None, str(error)
    except BadRequest as error:
        status, wrong, notice = 400, None, str(error)
    return page(
        request,
        "search.html",
        status=status,
        **shown,
        results=None,
        facets=[],
        drawn=None,
        copies={},
        asked="",
        notes=(),
        next="",
        first_page=True,
        wrong=wrong,
        notice=notice,
    )


def _found(store: Store, given: State, cursor: str, secret: bytes) -> dict[str, Any]:
    """What a search page shows beside the search itself."""
    now = utc_now()
    limits = limits_from(store.settings)
    notes: tuple[Note, ...] = ()
    if given.q.strip():
        # So that errors and notes have the column of what was typed.
        notes = prepare(store, given.q, now=now).notes
    asked = given.query(limits)
    results = search(
        store,
        asked,
        sort=given.sort,
        collapse=given.collapse,
        size=SIZE,
        cursor=cursor,
        pages=True,
        facets=tuple(FIELDS),
        facet_values=VALUES,
        now=now,
        secret=secret,
    )
    return {
        "results": results,
        "asked": asked,
        "notes": notes,
        "facets": _facets(given, results),
        "drawn": None if cursor else _volume(store, asked),
        "copies": _copies(store, results),
        "next": given.link(cursor=results.cursor) if results.cursor else "",
        "notice": "",
        "first_page": not cursor,
    }


def _volume(store: Store, asked: str) -> Volume | None:
    try:
        return volume(store, asked, now=utc_now())
    except BadRequest:  # stories of more than 166 years: a date that somebody made up
        return None


def _copies(store: Store, results: Results) -> dict[str, tuple[Story, ...]]:
    """The first copies of each report that has some, without the one that is shown."""
    wanted = [hit.story.cluster_id for hit in results.hits if hit.copies > 1]
    found = copies(store, wanted)
    shown = {hit.story.id for hit in results.hits}
    return {
        cluster: tuple(story for story in stories if story.id not in shown)
        for cluster, stories in found.items()
    }


def _facets(given: State, results: Results) -> list[tuple[str, str, list[Choice]]]:
    facets = []
    for name in FIELDS:
        choices = [
            Choice(
                value=one.value,
                shown=_shown(name, one.value),
                stories=one.stories,
                link=(
                    given.dropping(name, one.value)
                    if (name, one.value) in given.having
                    else given.adding(name, one.value)
                ).link(),
                against=given.barring(name, one.value).link(),
                chosen=(name, one.value) in given.having,
                within=bool(one.within),
            )
            for one in results.facets.get(name, ())
        ]
        if choices:
            facets.append((name, NAMES[name], choices))
    return facets


def _shown(name: str, value: str) -> str:
    """A facet's value as a person calls it."""
    if name == "language":
        return language_name(value)
    return country_name(value) if name == "country" else value


def _chips(given: State) -> list[Chip]:
    chips = []
    if given.q.strip():
        chips.append(Chip("query", given.q, changed(given, q="").link()))
    chips += [
        Chip(NAMES[name].lower(), _shown(name, value), given.dropping(name, value).link())
        for name, value in given.having
    ]
    chips += [
        Chip(
            NAMES[name].lower(),
            _shown(name, value),
            given.dropping(name, value).link(),
            against=True,
        )
        for name, value in given.without
    ]
    if given.time:
        chips.append(Chip("published", given.time, given.at("").link()))
    return chips


def _sorts(given: State) -> list[tuple[str, str, bool]]:
    """The orders and ways to show copies: name, address, whether it is in force."""
    return [
        ("Newest first", changed(given, sort="newest").link(), given.sort == "newest"),
        ("Best first", changed(given, sort="relevance").link(), given.sort == "relevance"),
        (
            "One line a report",
            changed(given, collapse="cluster").link(),
            given.collapse == "cluster",
        ),
        ("Every copy", changed(given, collapse="none").link(), given.collapse == "none"),
    ]


def _days(given: State) -> tuple[str, str]:
    """The two days of the form, as far as the time in force has days."""
    low, _, high = (
        given.time.partition("..") if ".." in given.time else (given.time, "", given.time)
    )
    begin, end = (one if len(one) == 10 and one[4] == "-" else "" for one in (low, high))
    return begin, end


def _located(given: State, error: BadQuery) -> dict[str, Any]:
    """The query cut at the column that is wrong, for marking it."""
    at = min(max(error.column - 1, 0), len(given.q))
    end = at
    while end < len(given.q) and not given.q[end].isspace():
        end += 1
    return {
        "message": error.message,
        "expected": error.expected,
        "column": error.column,
        "before": given.q[:at],
        "marked": given.q[at:end],
        "after": given.q[end:],
    }


def headline(hit: Hit) -> list[tuple[str, bool]]:
    """The title of a hit in pieces, each with whether it matched."""
    for one in hit.highlights:
        if one.field == "title":
            return [(piece.text, piece.match) for piece in one.pieces]
    return [(hit.story.article.title, False)]


def passages(hit: Hit) -> list[list[tuple[str, bool]]]:
    """The passages of the text that matched, in pieces."""
    return [
        [(piece.text, piece.match) for piece in one.pieces]
        for one in hit.highlights
        if one.field == "text"
    ]
