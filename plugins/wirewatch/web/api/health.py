"""``/health``, ``/runs`` and ``/metrics``: whether it works, and how it goes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from wirewatch import __version__
from wirewatch.records import Record, Run
from wirewatch.web import metrics
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import ListCursor, Reader, Size, Values
from wirewatch.web.api.route import StrictRoute
from wirewatch.web.context import TheStore

PATIENCE = 5  # seconds for Elasticsearch to say that it is there

router = APIRouter(route_class=StrictRoute, tags=["operation"])


class Health(Record, frozen=True, kw_only=True):
    """That everything answers; otherwise the answer is a problem."""

    status: str
    version: str  # of wirewatch


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
def health(store: TheStore) -> Response:
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
    kind: Values = None,
    state: Values = None,
    size: Size = 20,
    cursor: ListCursor = "",
) -> Response:
    """The runs of the pipeline."""
    asked = ("runs", kind, state)
    found = store.lists.runs(
        size=size, after=opened(request, cursor, *asked), kind=kind or (), state=state or ()
    )
    following = sealed(request, found.after, *asked)
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
def prometheus(request: Request, store: TheStore, _: Reader) -> Response:
    """What is in the indices, and how requests to this process fared."""
    figures: metrics.Requests = request.app.state.requests
    return Response(metrics.text(store, figures), media_type=metrics.MEDIA_TYPE)
