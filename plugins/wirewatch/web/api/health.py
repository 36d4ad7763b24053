"""``/health``: whether the app and Elasticsearch answer; open to everybody, and tells no more."""

from __future__ import annotations

from fastapi import APIRouter, Response

from wirewatch import __version__
from wirewatch.records import Record, to_json
from wirewatch.web.context import TheStore

router = APIRouter()


class Health(Record, frozen=True, kw_only=True):
    """That everything answers; otherwise the answer is a problem."""

    status: str
    version: str  # of wirewatch


@router.get("/health")
def health(store: TheStore) -> Response:
    """Whether the app and Elasticsearch answer."""
    store.es.options(request_timeout=5).info()
    return Response(
        to_json(Health(status="ok", version=__version__)), media_type="application/json"
    )
