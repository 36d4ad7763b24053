"""A list of pages fetched: hosts in parallel, each host's pages one after another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable

from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.retry import came_damaged
from wirewatch.records import Page, Reason
from wirewatch.settings import Settings

# Media types that may hold an article. A missing type is let pass and extraction decides.
TEXT_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")
HELD = 32  # answers waiting for the caller; fetching pauses there, so memory stays bounded

Fetched = tuple[Page, Response | Failure]


async def fetch_pages(
    client: Client,
    pages: Iterable[Page],
    settings: Settings,
    conditional: Callable[[Page], bool] = lambda _: False,
) -> AsyncGenerator[Fetched, None]:
    """Yields each page once, with its response or failure, in the order they come.

    A 5xx or a body that is cut off gets one more try after ``fetch.retry_pause`` seconds, and what
    the host asks to have later is fetched in this run when Retry-After is no more than
    ``fetch.wait``. After the client's deadline the pages left are yielded as ``postponed``. Those
    that are ``conditional`` are asked for with their ``etag`` and ``last_modified``; their response
    may be a 304 without a body.
    """
    hosts: dict[str, list[Page]] = {}
    for page in pages:
        hosts.setdefault(page.host, []).append(page)
    results: asyncio.Queue[Fetched | BaseException] = asyncio.Queue(HELD)
    tasks = [
        asyncio.create_task(_host(client, queue, settings, results, conditional))
        for queue in hosts.values()
    ]
    try:
        for _ in range(sum(map(len, hosts.values()))):
            result = await results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def with_pauses(
    answers: AsyncGenerator[Fetched, None], seconds: float
) -> AsyncIterator[Fetched | None]:
    """The answers as they come, and None whenever so many seconds have passed."""
    coming = asyncio.ensure_future(anext(answers, None))
    due = time.monotonic() + seconds
    try:
        while True:
            await asyncio.wait([coming], timeout=max(0.0, due - time.monotonic()))
            if time.monotonic() >= due:
                yield None
                due = time.monotonic() + seconds
            if coming.done():
                got = coming.result()
                if got is None:
                    return
                yield got
                coming = asyncio.ensure_future(anext(answers, None))
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await answers.aclose()


async def _host(
    client: Client,
    pages: list[Page],
    settings: Settings,
    results: asyncio.Queue[Fetched | BaseException],
    conditional: Callable[[Page], bool],
) -> None:
    try:
        for page in pages:
            await results.put((page, await _page(client, page, settings, conditional(page))))
    except Exception as error:  # noqa: BLE001 (handed to the caller, who raises it)
        await results.put(error)


async def _page(
    client: Client, page: Page, settings: Settings, conditional: bool
) -> Response | Failure:
    known = (page.etag, page.last_modified) if conditional else ("", "")
    answer = await _get(client, page, *known)
    again = _pause(answer, settings)
    if again is not None and time.monotonic() + again < client.deadline:
        await asyncio.sleep(again)
        if came_damaged(answer):  # without conditions, since some servers send a 304 with a body
            known = ("", "")
        answer = await _get(client, page, *known)
    if isinstance(answer, Response) and answer.status == 304 and any(known):
        return answer
    if isinstance(answer, Response) and not answer.body.strip():
        return Failure(
            url=answer.url,
            final_url=answer.final_url,
            hops=answer.hops,
            reason=Reason.EMPTY,
            detail=f"status {answer.status} with an empty body",
            status=answer.status,
        )
    return answer


async def _get(client: Client, page: Page, etag: str, last_modified: str) -> Response | Failure:
    return await client.get(page.url, only=TEXT_TYPES, etag=etag, last_modified=last_modified)


def _pause(answer: Response | Failure, settings: Settings) -> float | None:
    """Seconds until the one retry within this run; None for no retry."""
    if isinstance(answer, Response) or not answer.attempted:
        return None
    if answer.reason == Reason.RATE_LIMITED and answer.retry_after is not None:
        return answer.retry_after if answer.retry_after <= settings["fetch.wait"] else None
    if answer.reason in (Reason.SERVER_ERROR, Reason.RATE_LIMITED) or came_damaged(answer):
        pause: float = settings["fetch.retry_pause"]
        return pause
    return None
