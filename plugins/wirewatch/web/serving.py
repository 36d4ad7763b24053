"""How the server runs the app; ``python -m wirewatch.web.serving`` does it."""

from __future__ import annotations

import logging

import uvicorn
from fastapi import FastAPI

from wirewatch.settings import Settings, load
from wirewatch.web.app import create_app
from wirewatch.web.security.link import Untold

STOP = 10  # seconds that requests under way have when the server is stopped
# Bytes of a request's line and headers: a query of 10,000 characters is 90 kB where each takes
# nine bytes in an address. Longer ones are answered with a bare 400.
HEAD = 256_000


def config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """uvicorn's configuration: what a proxy says of who asks is believed only of ``web.proxies``.

    h11 is taken for its limit on a request's head, which httptools has not.
    """
    made = uvicorn.Config(
        app,
        host=settings["web.host"],
        port=settings["web.port"],
        http="h11",
        h11_max_incomplete_event_size=HEAD,
        ws="none",
        proxy_headers=bool(settings["web.proxies"]),
        forwarded_allow_ips=list(settings["web.proxies"]),
        server_header=False,
        limit_concurrency=settings["web.connections"],
        timeout_graceful_shutdown=STOP,
    )
    logging.getLogger("uvicorn.access").addFilter(Untold())
    return made


def serve(settings: Settings) -> None:
    """Serves the app until it is asked to stop."""
    uvicorn.Server(config(create_app(settings), settings)).run()


if __name__ == "__main__":
    serve(load())
