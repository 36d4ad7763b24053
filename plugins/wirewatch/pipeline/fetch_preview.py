"""One page fetched under all guards, and reported step by step: what ``wirewatch fetch`` does."""

from __future__ import annotations

import asyncio
import socket
from datetime import datetime
from urllib.parse import urlsplit

from wirewatch.encodings import decode
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.fetch import signals, urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.guard import Guard
from wirewatch.fetch.host_leases import HostStore
from wirewatch.fetch.host_queues import TEXT_TYPES
from wirewatch.fetch.robots import AGENT
from wirewatch.records import Article, Page, Reason, Record, replace, stable_id, utc_now
from wirewatch.settings import Settings
from wirewatch.store import hosts_if_there


class Step(Record, frozen=True, kw_only=True):
    """One request of a fetch."""

    url: str
    robots: str  # what robots.txt says of it
    addresses: tuple[str, ...] = ()  # that were connected to; none: the connection was kept
    status: int = 0
    location: str = ""  # where it redirects to
    seconds: float = 0.0


class Preview(Record, frozen=True, kw_only=True):
    """What one fetch came to."""

    url: str
    agent: str  # the User-Agent sent
    when: datetime
    steps: tuple[Step, ...]
    reason: Reason | None = None  # why there is no page; None: there is one
    detail: str = ""
    next_after: float | None = None  # seconds the host asks to be left alone
    status: int = 0
    final_url: str = ""
    content_type: str = ""
    bytes: int = 0  # with the content coding undone
    charset: str = ""
    charset_source: str = ""
    noarchive: bool = False
    opt_outs: tuple[str, ...] = ()
    article: Article | None = None
    rejection: Rejection | None = None  # why extraction makes no article of it


class _Watched(Guard):
    """A guard that notes where connections went to."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings["fetch.allow"])
        self._of: dict[tuple[str, int], list[str]] = {}  # addresses by host and port
        self._reached: set[tuple[str, int]] = set()

    def check_address(self, host: str, address: str, port: int) -> None:
        super().check_address(host, address, port)
        known = self._of.setdefault((host.strip("[]"), port), [])
        known += [] if address in known else [address]

    def make_socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        made = super().make_socket(info)
        self._reached.add((str(info[4][0]), int(str(info[4][1]))))
        return made

    def reached(self, url: str) -> tuple[str, ...]:
        """The addresses of the URL's host that a connection was begun to."""
        try:
            parts = urlsplit(urls.absolute(url))
        except urls.BadURL:
            return ()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
        known = self._of.get((host, port), [host])  # an address that is allowed is not resolved
        return tuple(address for address in known if (address, port) in self._reached)


def preview(settings: Settings, url: str, *, extract: bool = False) -> Preview:
    """Fetches one page as the pipeline would, keeping nothing; with ``extract`` reads it too.

    What the outside does wrong is in the answer, never raised.
    """
    with hosts_if_there(settings) as hosts:
        found, answer = asyncio.run(_fetch(settings, url, hosts))
    if not extract or isinstance(answer, Failure):
        return found
    return _read(found, answer, settings)


async def _fetch(
    settings: Settings, url: str, hosts: HostStore | None
) -> tuple[Preview, Response | Failure]:
    when = utc_now()
    guard = _Watched(settings)
    client = Client(settings, leases=hosts)
    client.guard = guard
    async with client:
        answer = await client.get(url, only=TEXT_TYPES)
        steps = [
            Step(
                url=hop.url,
                robots=await _robots(client, hop.url),
                addresses=guard.reached(hop.url),
                status=hop.status,
                location=hop.location,
                seconds=round(hop.elapsed, 3),
            )
            for hop in answer.hops
        ]
        steps.append(await _last(client, guard, answer))
    seen = Preview(url=url, agent=client.agent, when=when, steps=tuple(steps))
    return _outcome(seen, answer), answer


async def _last(client: Client, guard: _Watched, answer: Response | Failure) -> Step:
    seconds, robots = answer.elapsed, "not asked"
    last = answer.final_url or answer.url
    if isinstance(answer, Failure):
        seconds -= sum(hop.elapsed for hop in answer.hops)  # a failure's are those of all hops
    if not isinstance(answer, Failure) or answer.reason not in (Reason.GUARDED, Reason.BAD_URL):
        robots = await _robots(client, last)
    return Step(
        url=last,
        robots=robots,
        addresses=guard.reached(last),
        status=answer.status,
        seconds=round(max(0.0, seconds), 3),
    )


async def _robots(client: Client, url: str) -> str:
    verdict = await client.robots(url)
    if not verdict.allowed:
        return f"refused: {verdict.detail}"
    delay = f", once in {verdict.crawl_delay:g} s" if verdict.crawl_delay else ""
    training = ", but not for AI training" if verdict.training_refused else ""
    return f"allowed{delay}{training}"


def _outcome(found: Preview, answer: Response | Failure) -> Preview:
    last = answer.final_url or answer.url
    if isinstance(answer, Failure):
        return replace(
            found,
            reason=answer.reason,
            detail=answer.detail,
            status=answer.status,
            final_url=last,
            next_after=answer.retry_after,
        )
    said = signals.read(answer, AGENT)
    decoded = decode(answer.body, answer.header("Content-Type"))
    return replace(
        found,
        status=answer.status,
        final_url=last,
        content_type=answer.header("Content-Type"),
        bytes=len(answer.body),
        charset=decoded.encoding,
        charset_source=decoded.source,
        noarchive=said.noarchive,
        opt_outs=said.opt_outs,
    )


def _read(found: Preview, answer: Response, settings: Settings) -> Preview:
    page = Page(
        id=stable_id("page", answer.final_url),
        url=answer.final_url,
        host=urls.host(answer.final_url),
        discovered=answer.when,
    )
    job = Job(
        page=page,
        body=answer.body,
        content_type=answer.header("Content-Type"),
        url=answer.final_url,
        fetched=answer.when,
    )
    [(_, result)] = extract_all([job], settings)
    if isinstance(result, Rejection):
        return replace(found, rejection=result)
    return replace(found, article=result)
