"""``/counts`` and ``/terms``: how much there is of something over time, and what it is about."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from wirewatch.records import Record
from wirewatch.search.counts import Counts
from wirewatch.search.counts import counts as counted
from wirewatch.search.terms import terms as significant
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.parameters import Facet, Q, Reader
from wirewatch.web.api.route import StrictRoute
from wirewatch.web.context import TheStore

router = APIRouter(route_class=StrictRoute, tags=["figures"])


class Volumes(Record, frozen=True, kw_only=True):
    """The volume of each query, over the same points in time."""

    interval: str
    time_zone: str
    unit: str
    by: str
    volumes: tuple[Counts, ...]  # one a query, in the order asked


@router.get(
    "/counts",
    summary="Count over time",
    responses=gives(
        Volumes(
            interval="day",
            time_zone="Europe/Berlin",
            unit="stories",
            by="published",
            volumes=(examples.COUNTS,),
        ),
        "A row of points for each query, empty ones included; with `split` one for each of the "
        "facet's commonest values as well.",
    ),
)
def counts(
    store: TheStore,
    _: Reader,
    q: Annotated[
        list[str] | None,
        Query(
            description="A query; up to five, to compare them. None: every story.",
            examples=[["ferry", "train"]],
        ),
    ] = None,
    interval: Literal["hour", "day", "week", "month"] = "day",
    time_zone: Annotated[
        str,
        Query(
            description="Whose days these are; a name of the IANA list.",
            max_length=100,
            examples=["Europe/Berlin"],
        ),
    ] = "UTC",
    unit: Annotated[
        Literal["stories", "clusters"],
        Query(description="A cluster counts wherever a story of it matches."),
    ] = "stories",
    share: Annotated[
        bool, Query(description="Give the share of everything in that time, too (0 to 1).")
    ] = False,
    split: Annotated[Facet | None, Query(description="Count by this, too.")] = None,
    values: Annotated[int, Query(ge=1, le=20, description="Values of the split.")] = 5,
    by: Annotated[
        Literal["published", "seen"], Query(description="The time that counts.")
    ] = "published",
) -> Response:
    """How many stories or clusters match, by hour, day, week or month."""
    volumes = counted(
        store,
        q or ["*"],
        interval=interval,
        time_zone=time_zone,
        unit=unit,
        share=share,
        split=split or "",
        values=values,
        by=by,
    )
    return answer(
        Volumes(interval=interval, time_zone=time_zone, unit=unit, by=by, volumes=volumes)
    )


@router.get(
    "/terms",
    summary="What a query is about",
    responses=gives(
        examples.TERMS,
        "Words, topics, outlets and authors that are commoner in what the query finds than "
        "elsewhere, the most significant first.",
    ),
)
def terms(
    store: TheStore,
    _: Reader,
    q: Q,
    size: Annotated[int, Query(ge=1, le=100, description="Terms of each kind.")] = 25,
) -> Response:
    """Words and topics significant for a query against the rest."""
    return answer(significant(store, q, size=size))
