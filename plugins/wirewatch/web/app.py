"""The app: the API and the pages behind the same checks, at / or mounted in another app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from wirewatch import __version__
from wirewatch.dedup.agency import load_agencies
from wirewatch.fetch import urls
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.web import api, problems, site, websub
from wirewatch.web.api import description
from wirewatch.web.kept import Kept
from wirewatch.web.metrics import Measured, Requests
from wirewatch.web.security import login
from wirewatch.web.security.body import LimitedBody
from wirewatch.web.security.headers import Secured
from wirewatch.web.security.hosts import KnownHosts
from wirewatch.web.security.identity import Guards, HostLogin
from wirewatch.web.security.limits import Limiter
from wirewatch.web.security.link import Linked
from wirewatch.web.security.secret import secret
from wirewatch.web.stores import Stores


def create_app(
    settings: Settings, store: Store | None = None, *, host_login: HostLogin | None = None
) -> FastAPI:
    """The app; without ``store`` it opens one of its own when the first request needs it.

    ``host_login`` is how an app that mounts this one tells who asks; keys, sessions and names
    (``Host``) are then that app's business. ``app.state.problem_page``, where it is set, makes the
    page of an error. Raises Trouble and OSError where no secret can be read or made,
    and BadAgencies where the configuration's are wrong.
    """
    stores = Stores(settings, store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        stores.close()

    app = FastAPI(
        title="wirewatch",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        # FastAPI's pages for it load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.stores = stores
    app.state.agencies = load_agencies(settings)
    app.state.guards = Guards(
        settings=settings,
        stores=stores,
        limiter=Limiter(settings["web.rate"], settings["web.burst"]),
        secret=secret(settings),
        host_login=host_login,
    )
    app.state.requests = Requests()
    app.state.troubles = Kept()
    app.state.problem_page = None
    problems.install(app)
    # The last added is the first to see a request.
    app.add_middleware(LimitedBody, most=settings["web.max_bytes"])
    if host_login is None:
        app.add_middleware(Linked, secret=app.state.guards.secret, hours=settings["web.session"])
        linked = [settings[name] for name in ("websub.callback", "alerts.url") if settings[name]]
        own = (settings["web.host"], *settings["web.names"], *map(urls.hostname, linked))
        app.add_middleware(KnownHosts, names=own)
    app.add_middleware(Secured, framed=host_login is not None)
    app.add_middleware(Measured, requests=app.state.requests)
    app.include_router(api.router)
    app.include_router(login.router)
    app.openapi = partial(description.describe, app)  # type: ignore[method-assign]
    app.include_router(websub.router)
    site.install(app)
    return app
