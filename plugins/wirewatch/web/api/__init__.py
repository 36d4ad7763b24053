"""The API under ``/api/v1``: one module a noun."""

from fastapi import APIRouter

from wirewatch.web.api import health

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX)
router.include_router(health.router)

__all__ = ["PREFIX", "router"]
