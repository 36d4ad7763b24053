"""``wirewatch serve``: the API and the pages."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from wirewatch.cli.context import options
from wirewatch.cli.output import err
from wirewatch.web.app import create_app

STOP = 10  # seconds that requests under way have when the server is stopped
# Bytes of a request's line and headers: a query of 10,000 characters is 90 kB where each takes
# nine bytes in an address.
HEAD = 256_000


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; option web.host.")] = "",
    port: Annotated[int | None, typer.Option(help="0 takes any free one; web.port.")] = None,
) -> None:
    """Serves the API and the pages until it is interrupted."""
    given = options()
    if host:
        given = given.with_options(web__host=host)
    if port is not None:
        given = given.with_options(web__port=port)
    err.print(f"wirewatch at http://{given['web.host']}:{given['web.port']}/")
    uvicorn.run(
        create_app(given),
        host=given["web.host"],
        port=given["web.port"],
        proxy_headers=bool(given["web.proxies"]),
        forwarded_allow_ips=list(given["web.proxies"]),
        server_header=False,
        timeout_graceful_shutdown=STOP,
        h11_max_incomplete_event_size=HEAD,
    )
