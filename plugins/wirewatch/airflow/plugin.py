"""The pages and the API inside Airflow's server, behind Airflow's own login.

Airflow loads plugins in every one of its processes, tasks' too, and guards nothing that a plugin
mounts. So nothing is made at import: the app comes with its first request, in the api-server alone;
and every request is asked for by a user whom Airflow knows, or refused.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from fastapi import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from wirewatch.web.context import Caller

log = logging.getLogger("wirewatch.airflow")

PATH = "/wirewatch"
DAG = "ingest"  # who may see it reads, who may change it writes
PAUSE = 5.0  # seconds in which an app that could not be made is not tried again


class LazyApp:
    """The app, made when the first request comes.

    Not a FastAPI instance, on purpose: Airflow would run its lifespan when the server starts.
    """

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()
        self._failed = ""
        self._failed_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on; 503 with the reason while the app cannot be made."""
        app = self._app or await asyncio.to_thread(self._get)
        if app is None:
            from starlette.responses import PlainTextResponse

            app = PlainTextResponse(
                f"wirewatch cannot start: {self._failed}\n", 503, {"Retry-After": f"{PAUSE:.0f}"}
            )
        await app(scope, receive, send)

    def _get(self) -> ASGIApp | None:
        from wirewatch.dedup.agency import BadAgencies
        from wirewatch.local.paths import Trouble
        from wirewatch.settings import BadOptions, load
        from wirewatch.web.app import create_app

        with self._lock:
            if self._app is None and time.monotonic() - self._failed_at > PAUSE:
                try:
                    self._app = create_app(load(), host_login=airflow_user)
                except (BadOptions, BadAgencies, Trouble, OSError) as error:
                    log.error("wirewatch's pages cannot start: %s", error)
                    self._failed, self._failed_at = str(error), time.monotonic()
            return self._app


def airflow_user(request: Request) -> Caller | None:
    """Who is logged in to Airflow, and what the person may do; None for nobody.

    Reading is for whoever may see the DAG ``ingest``, writing for who may change it, operating for
    who may change pools. Called in a worker thread; Airflow's own look-up runs in the event loop.
    """
    import anyio.from_thread
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException

    from wirewatch.web.context import Caller

    async def look_up() -> BaseUser:
        return await get_user(request, None, await bearer_scheme(request))

    try:
        user = anyio.from_thread.run(look_up)
    except HTTPException as error:
        if error.status_code not in (401, 403):
            raise
        return None
    return Caller(name=user.get_name(), scopes=_scopes(user))


def _scopes(user: BaseUser) -> frozenset[str]:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails

    manager, dag = get_auth_manager(), DagDetails(id=DAG)
    allowed = {
        "read": manager.is_authorized_dag(method="GET", details=dag, user=user),
        "write": manager.is_authorized_dag(method="PUT", details=dag, user=user),
        "operate": manager.is_authorized_pool(method="PUT", user=user),
    }
    return frozenset(scope for scope, may in allowed.items() if may)


def _below(path: str) -> str:
    """A path as a browser asks for it, where Airflow itself is served below another."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + path


class WirewatchPlugin(AirflowPlugin):
    """Mounts the app, and gives it a place in Airflow's navigation."""

    name = "wirewatch"
    fastapi_apps: list[Any] = [{"app": LazyApp(), "url_prefix": PATH, "name": "wirewatch"}]  # noqa: RUF012
    external_views: list[Any] = [  # noqa: RUF012 - as Airflow reads it
        {
            "name": "wirewatch",
            "href": _below(f"{PATH}/"),
            "destination": "nav",
            "url_route": "wirewatch",
            "icon": _below(f"{PATH}/static/icon.svg"),
            "nav_top_level": True,
        },
        {
            "name": "wirewatch operations",
            "href": _below(f"{PATH}/operations"),
            "destination": "nav",
            "url_route": "wirewatch-operations",
            "icon": _below(f"{PATH}/static/icon.svg"),
            "category": "browse",
        },
    ]
