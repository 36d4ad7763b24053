"""``/health``, ``/runs`` and ``/metrics``: whether it works, and how it goes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from wirewatch import __version__
from wirewatch.records import Record, Run
from wirewatch.web import metrics
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import ListParameters, Nothing, Reader, Size, Values
from wirewatch.web.context import TheStore

PATIENCE = 5  # seconds for Elasticsearch to say that it is there

router = APIRouter(tags=["operation"])


class Health(Record, frozen=True, kw_only=True):
    """That everything answers; otherwise the answer is a problem."""

    status: str
    version: str  # of wirewatch


class RunParameters(ListParameters):
    """Of the list of runs."""

    kind: Values = ()
    state: Values = ()
    size: Size = 20


class RunList(Record, frozen=True, kw_only=True):
    """A page of the list of runs."""

    total: int  # runs that pass the filters
    cursor: str  # of the next page; "" on the last
    runs: tuple[Run, ...]


@router.get(
    "/health",
    summary="Whether it works",
    responses=gives(Health(status="ok", version=__version__), "The app and Elasticsearch answer."),
)
def health(store: TheStore, _asked: Nothing) -> Response:
    """Whether the app and Elasticsearch answer; for everybody, so it tells no more."""
    store.es.options(request_timeout=PATIENCE).info()
    return answer(Health(status="ok", version=__version__))


@router.get(
    "/runs",
    summary="List runs",
    responses=gives(
        RunList(total=1, cursor="", runs=(examples.RUN,)),
        "Newest first, with what each stage did.",
    ),
)
def runs(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[RunParameters, Query()],
) -> Response:
    """The runs of the pipeline."""
    after = opened(request, asked)
    found = store.lists.runs(size=asked.size, after=after, **asked.filters())
    following = sealed(request, asked, found.after)
    return answer(RunList(total=found.total, cursor=following, runs=found.rows))


_FIGURES = {
    "description": "Prometheus' text format 0.0.4.",
    "content": {
        "text/plain": {"schema": {"type": "string"}, "example": "wirewatch_stories 4217.0\n"}
    },
}


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: _FIGURES},
)
def prometheus(request: Request, store: TheStore, _: Reader, _asked: Nothing) -> Response:
    """What is in the indices, and how requests to this process fared."""
    figures: metrics.Requests = request.app.state.requests
    return Response(metrics.text(store, figures), media_type=metrics.MEDIA_TYPE)
