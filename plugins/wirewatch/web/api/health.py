"""``/health``, ``/runs`` and ``/metrics``: whether it works, and how it goes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from wirewatch import __version__
from wirewatch.records import Record, Run
from wirewatch.troubles.looking import BY_NAME
from wirewatch.troubles.runs import FAILED
from wirewatch.web import metrics
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import ListParameters, Nothing, Reader, Size, Values
from wirewatch.web.context import TheStore, troubles

PATIENCE = 5  # seconds for Elasticsearch to say that it is there

router = APIRouter(tags=["operation"])


class Health(Record, frozen=True, kw_only=True):
    """That everything answers; otherwise the answer is a problem."""

    status: str  # ok, or degraded: it answers, and something is in its way
    version: str  # of wirewatch
    reasons: tuple[str, ...] = ()  # what is in its way, in words that name nothing


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
    responses=gives(
        Health(status="degraded", version=__version__, reasons=(FAILED.title,)),
        "The app and Elasticsearch answer. Also where something is in the way of new stories.",
    ),
)
def health(request: Request, store: TheStore, _asked: Nothing) -> Response:
    """Whether the app and Elasticsearch answer, and what kinds of trouble there are.

    For everybody, so it names nothing: `wirewatch troubles` and the page of operations do.
    """
    store.es.options(request_timeout=PATIENCE).info()
    found = troubles(request)
    reasons = tuple(dict.fromkeys(BY_NAME[one.kind].title for one in found))
    status = "degraded" if reasons else "ok"
    return answer(Health(status=status, version=__version__, reasons=reasons))


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
