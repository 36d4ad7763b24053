"""The API under ``/api/v1``: one module a noun."""

from fastapi import APIRouter, Depends

from wirewatch.web.api import (
    channels,
    clusters,
    counts,
    export,
    feeds,
    health,
    pages,
    searches,
    stories,
)
from wirewatch.web.api.parameters import given_once

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX, dependencies=[Depends(given_once)])
for _module in (stories, clusters, counts, export, feeds, pages, searches, channels, health):
    router.include_router(_module.router)

__all__ = ["PREFIX", "router"]
