"""``/export``: every hit of a query, streamed; and any query as a feed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from wirewatch.records import to_dict, utc_now
from wirewatch.search.export.columns import Stream, stream
from wirewatch.search.export.feeds import atom, rss
from wirewatch.search.search import search
from wirewatch.store import Store
from wirewatch.web.api.parameters import Parameters, Q, Reader
from wirewatch.web.api.zipped import zipped
from wirewatch.web.context import TheStore

CHUNK = 65_536  # bytes sent at once: a story is 4 kB, and each sending costs a switch of threads
FEED = 50  # newest hits in a feed: what readers keep of one
QUERY_SHOWN = 1_000  # characters of the query in the header; proxies take 8 kB of headers
MANIFEST = "Wirewatch-Manifest"

router = APIRouter(tags=["stories"])

_TYPES = (
    "text/csv",
    "application/x-ndjson",
    "application/x-research-info-systems",
    "application/x-bibtex",
    "application/vnd.apache.parquet",
    "application/atom+xml",
    "application/rss+xml",
    "application/zip",
)


class ExportParameters(Parameters):
    """Of an export."""

    q: Q
    format: Literal["csv", "jsonl", "ris", "bibtex", "parquet", "rss", "atom"] = Field(
        default="csv",
        description="`jsonl` has everything, with the whole text; `parquet` needs pyarrow on the "
        "server.",
    )
    package: Literal["plain", "zip"] = Field(
        default="plain",
        description="`zip`: the file, and the manifest as a file beside it.",
    )


@router.get(
    "/export",
    summary="Take stories away",
    response_class=Response,
    responses={
        200: {
            "description": "Every hit, newest first, of one moment; as `rss` or `atom` the newest "
            f"{FEED}. The header {MANIFEST} has the manifest as JSON: query, time, version of "
            "wirewatch, count. An answer that is cut short ends without its last chunk, which "
            "clients report as an error.",
            "headers": {MANIFEST: {"schema": {"type": "string"}}},
            "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in _TYPES},
        }
    },
)
def export(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[ExportParameters, Query()],
) -> Response:
    """Every story of a query, in a format of choice."""
    if asked.format in ("rss", "atom"):
        return _feed(store, asked.q, asked.format, str(request.url))
    made = stream(store, asked.q, asked.format)
    return _Sent(made, asked.package == "zip")


def _feed(store: Store, query: str, format_name: str, address: str) -> Response:
    results = search(store, query, size=FEED, now=utc_now())
    write = atom if format_name == "atom" else rss
    body = write(results, title=f"wirewatch: {results.query}", address=address, now=utc_now())
    return Response(body, media_type=f"application/{format_name}+xml")


class _Sent(StreamingResponse):
    """An export on its way; when the client goes away it is given up, and its moment with it."""

    def __init__(self, made: Stream, packed: bool) -> None:
        manifest = to_dict(made.manifest)
        if len(made.manifest.query) > QUERY_SHOWN:
            manifest["query"] = made.manifest.query[:QUERY_SHOWN] + "…"
        name = f"wirewatch-{utc_now():%Y-%m-%d}"
        suffix = "zip" if packed else made.form.suffix
        self._made = made
        self._pieces: Generator[bytes, None, None] = zipped(made, name) if packed else made.pieces
        super().__init__(
            _chunks(self._pieces),
            media_type="application/zip" if packed else made.form.media_type,
            headers={
                MANIFEST: json.dumps(manifest),  # ASCII: everything else is escaped
                "Content-Disposition": f'attachment; filename="{name}.{suffix}"',
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._end)

    def _end(self) -> None:
        self._pieces.close()
        self._made.close()


async def _chunks(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, some together, read in another thread."""
    while chunk := await run_in_threadpool(_gather, pieces):
        yield chunk


def _gather(pieces: Iterator[bytes]) -> bytes:
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= CHUNK:
            break
    return bytes(gathered)
