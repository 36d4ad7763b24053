"""``/counts`` and ``/terms``: how much there is of something over time, and what it is about."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from wirewatch.records import Record
from wirewatch.search.counts import Counts
from wirewatch.search.counts import counts as counted
from wirewatch.search.terms import terms as significant
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.parameters import Facet, Parameters, Q, Reader
from wirewatch.web.context import TheStore

router = APIRouter(tags=["figures"])


class CountParameters(Parameters):
    """Of counts over time."""

    q: tuple[str, ...] = Field(
        default=(),
        description="A query; up to five, to compare them. None: every story.",
        examples=[["ferry", "train"]],
    )
    interval: Literal["hour", "day", "week", "month"] = "day"
    time_zone: str = Field(
        default="UTC",
        description="Whose days these are; a name of the IANA list.",
        max_length=100,
        examples=["Europe/Berlin"],
    )
    unit: Literal["stories", "clusters"] = Field(
        default="stories", description="A cluster counts wherever a story of it matches."
    )
    share: bool = Field(
        default=False, description="Give the share of everything in that time, too (0 to 1)."
    )
    split: Facet | None = Field(default=None, description="Count by this, too.")
    values: int = Field(default=5, ge=1, le=20, description="Values of the split.")
    by: Literal["published", "seen"] = Field(
        default="published", description="The time that counts."
    )


class TermParameters(Parameters):
    """Of what a query is about."""

    q: Q
    size: int = Field(default=25, ge=1, le=100, description="Terms of each kind.")


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
    asked: Annotated[CountParameters, Query()],
) -> Response:
    """How many stories or clusters match, by hour, day, week or month."""
    how = asked.model_dump(exclude={"q"}) | {"split": asked.split or ""}
    volumes = counted(store, asked.q or ("*",), **how)
    return answer(
        Volumes(
            interval=asked.interval,
            time_zone=asked.time_zone,
            unit=asked.unit,
            by=asked.by,
            volumes=volumes,
        )
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
    asked: Annotated[TermParameters, Query()],
) -> Response:
    """Words and topics significant for a query against the rest."""
    return answer(significant(store, asked.q, size=asked.size))
