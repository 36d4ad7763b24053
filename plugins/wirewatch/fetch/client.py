"""The client: one GET at a time to a host, guarded, bounded, identified; it never raises for what
the outside does.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL as RequestURL

from wirewatch import __version__
from wirewatch.fetch import body, failures, urls
from wirewatch.fetch.answers import Failure, Hop, Response
from wirewatch.fetch.body import BodyError
from wirewatch.fetch.failures import Failed
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, Lookup, connector
from wirewatch.fetch.host_leases import HostLeases, HostStore
from wirewatch.fetch.rate import Hosts
from wirewatch.fetch.robots import AGENT, Answer, Robots, Verdict
from wirewatch.fetch.robots import LIMIT as ROBOTS_LIMIT
from wirewatch.fetch.robots_store import RobotsStore
from wirewatch.records import Reason, replace, utc_now
from wirewatch.settings import Settings

ROBOTS_FILE = "robots.sqlite"  # in the state folder, where that is local
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
IDLE = 5.0  # seconds a connection is kept for the host's next page: longer than the usual pause
HEADER_LINE = 16_384  # bytes of one header or status line; some policies pass aiohttp's 8 KiB
HEADERS = 128  # headers of an answer
LATE = "the run's time for asking was used up; it waits for the next run"
DRAINED = 65_536  # bytes of a redirect's or error's body read to keep the connection
ACCEPT_PAGE = "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.5,*/*;q=0.1"


@dataclass(slots=True)
class _Wish:
    """What one GET wants, the same for each of its hops."""

    headers: dict[str, str]
    limit: int  # bytes of body
    only: tuple[str, ...]
    truncate: bool
    robots: bool
    at: str = ""  # the hop that is being asked for
    asked: float = 0.0  # time.monotonic() at which the request under way began; 0: none has


class Client:
    """``async with Client(settings) as client: answer = await client.get(url)``.

    All that it is asked for, with all waits, shares one deadline: ``budget`` seconds from now
    (``fetch.budget`` by default). What is not answered by then is ``postponed``. With ``leases`` no
    other client asks a host while this one does.
    """

    def __init__(
        self,
        settings: Settings,
        lookup: Lookup | None = None,
        budget: float | None = None,
        leases: HostStore | None = None,
    ) -> None:
        self._budget: float = settings["fetch.budget"] if budget is None else budget
        self.deadline = time.monotonic() + self._budget
        contact = settings["fetch.contact"]
        self.agent = f"{AGENT}/{__version__}" + (f" (+{contact})" if contact else "")
        self.guard = Guard(settings["fetch.allow"])
        self.hosts = Hosts(settings["fetch.delay"], settings["fetch.wait"])
        self._leases = (
            HostLeases(leases, self.hosts, self.deadline, settings["fetch.wait"])
            if leases is not None
            else None
        )
        state = settings.state
        self._store = (
            None if "://" in state else RobotsStore(Path(state) / ROBOTS_FILE, time.time())
        )
        self._robots = Robots(self._fetch_robots, time.time, self._store)
        self._timeout: float = settings["fetch.timeout"]
        self._connect_timeout: float = settings["fetch.connect_timeout"]
        self._max_bytes: int = settings["fetch.max_bytes"]
        self._redirects: int = settings["fetch.redirects"]
        self._floor: float = settings["fetch.min_speed"]
        self._grace: float = settings["fetch.grace"]
        self._lookup = lookup
        self._open = asyncio.Semaphore(settings["fetch.connections"])
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._resolver = GuardedResolver(self.guard, self._connect_timeout, self._lookup)
        self._session = aiohttp.ClientSession(
            connector=connector(self.guard, self._resolver, IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),  # cookies are never kept
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout, sock_connect=self._connect_timeout),
            headers={"User-Agent": self.agent, "Accept-Encoding": body.ENCODINGS},
            max_line_size=HEADER_LINE,
            max_field_size=HEADER_LINE,
            max_headers=HEADERS,
            trust_env=False,  # a proxy would resolve names behind the guard's back
        )
        if self._leases is not None:
            self._leases.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()
        if self._store is not None:
            self._store.close()
        if self._leases is not None:
            await self._leases.close()

    async def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        max_bytes: int | None = None,
        accept: str = ACCEPT_PAGE,
        only: tuple[str, ...] = (),
        robots: bool = True,
        truncate: bool = False,
    ) -> Response | Failure:
        """The answer after at most ``fetch.redirects`` redirects, or why there is none.

        ``only`` names the media types wanted (prefixes): any other is refused before its body is
        read, a missing one is let pass. ``max_bytes`` bounds the body on the wire and decoded
        (``fetch.max_bytes`` by default); with ``truncate`` a longer one is cut, not refused.
        """
        headers = {"Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        wish = _Wish(headers, max_bytes or self._max_bytes, only, truncate, robots)
        hops: list[Hop] = []
        start = time.monotonic()
        try:
            return await self._in_time(url, wish, hops)
        except Failed as failed:
            return Failure(
                url=url,
                final_url=wish.at or url,
                hops=tuple(hops),
                reason=failed.reason,
                detail=failed.detail,
                status=failed.status,
                retry_after=failed.retry_after,
                elapsed=time.monotonic() - start,
                attempted=failed.attempted,
            )
        except (Guarded, urls.BadURL) as error:
            redirected = f"redirect from {hops[-1].url}: " if hops else ""
            return Failure(
                url=url,
                final_url=wish.at or url,
                hops=tuple(hops),
                reason=Reason.GUARDED if isinstance(error, Guarded) else Reason.BAD_URL,
                detail=f"{redirected}{error}",
                elapsed=time.monotonic() - start,
                attempted=bool(hops),
            )

    async def _in_time(self, url: str, wish: _Wish, hops: list[Hop]) -> Response:
        """What :meth:`_follow` gives, by the deadline. Raises Failed, Guarded or BadURL."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Failed(Reason.POSTPONED, LATE, attempted=False)
        try:
            async with asyncio.timeout(left):
                return await self._follow(url, wish, hops)
        except TimeoutError as error:
            waited = time.monotonic() - wish.asked if wish.asked else 0.0
            if waited < self._budget / 2:
                raise Failed(Reason.POSTPONED, LATE, attempted=False) from error
            # It had its turn, and the next run would have no more time for it.
            words = f"no complete answer in {waited:.0f} s of a run's {self._budget:g} s"
            raise Failed(Reason.TIMEOUT, words) from error

    async def _follow(self, url: str, wish: _Wish, hops: list[Hop]) -> Response:
        """The response after the redirects, which are noted as they come."""
        training_refused = False
        wish.at = urls.absolute(url)
        while True:
            self.guard.check_url(wish.at)
            if wish.robots:
                training_refused |= await self._obey_robots(wish.at)
            got = await self._hop(wish.at, wish)
            if isinstance(got, Response):
                return replace(
                    got,
                    url=url,
                    hops=tuple(hops),
                    permanent_redirect_to=_permanent(hops),
                    training_refused=training_refused,
                )
            hops.append(got)
            if any(got.location == hop.url for hop in hops):
                words = f"redirect loop: {wish.at} leads back to {got.location}"
                raise Failed(Reason.REDIRECT_LOOP, words, got.status)
            if len(hops) > self._redirects:
                words = f"more than {self._redirects} redirects"
                raise Failed(Reason.TOO_MANY_REDIRECTS, words, got.status)
            wish.at = got.location

    async def robots(self, url: str) -> Verdict:
        """What the robots.txt of an absolute URL's host says of it, as :meth:`get` obeys it."""
        return await self._robots.check(url)

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of an absolute URL's host names."""
        return await self._robots.sitemaps(url)

    async def _obey_robots(self, url: str) -> bool:
        verdict = await self._robots.check(url)
        if not verdict.allowed:
            wait = verdict.retry_after or None
            raise Failed(verdict.reason, verdict.detail, retry_after=wait)
        if verdict.crawl_delay:
            self.hosts.of(urls.authority(url)).crawl_delay = verdict.crawl_delay
        return verdict.training_refused

    async def _fetch_robots(self, url: str) -> Answer:
        answer = await self.get(url, accept="text/plain,*/*;q=0.1", max_bytes=ROBOTS_LIMIT,
                                robots=False, truncate=True)  # fmt: skip
        if isinstance(answer, Response):
            return Answer(answer.status, answer.body)
        if answer.reason == Reason.POSTPONED:  # it was not asked, so nothing is known
            raise Failed(Reason.POSTPONED, answer.detail, attempted=False)
        if answer.reason in (Reason.REDIRECT_LOOP, Reason.TOO_MANY_REDIRECTS):
            return Answer(404)  # RFC 9309 section 2.3.1.2: treat as unavailable
        status = answer.status if answer.status >= 400 else 0  # a 200 that broke off says nothing
        return Answer(status, reason=answer.reason, detail=answer.detail)

    async def _hop(self, url: str, wish: _Wish) -> Response | Hop:
        """One request: its response, or where it redirects to. Raises Failed or Guarded."""
        host = urls.authority(url)
        try:
            async with self._lease(host), self.hosts.of(host) as pace, self._open:
                start = wish.asked = time.monotonic()
                try:
                    got = await self._request(url, wish)
                    wish.asked = 0.0
                    return got
                except Failed as failed:
                    if failed.retry_after is not None:
                        pace.hold(failed.retry_after, failed.detail)
                    raise
                finally:
                    if wish.robots:  # a robots.txt does not delay the page it was read for
                        pace.answered(time.monotonic() - start)
        except Failed:
            raise
        except Exception as error:
            failure = failures.by_error(error, host, self._timeout, self._connect_timeout)
            if failure is None:
                raise
            raise failure from error

    def _lease(self, host: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._leases is None else self._leases.of(host)

    async def _request(self, url: str, wish: _Wish) -> Response | Hop:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with`")
        when = utc_now()
        start = time.monotonic()
        # encoded=True: the URL goes out as ada serialised it, which is what the guard looked at
        request = self._session.get(
            RequestURL(url, encoded=True), headers=wish.headers, allow_redirects=False
        )
        async with request as response:
            status = response.status
            if status in REDIRECTS:
                hop = await _redirect(url, response)
                return replace(hop, elapsed=time.monotonic() - start)
            if status != 304 and not 200 <= status < 300:
                failed = failures.by_status(status, response)
                await _drain(response)
                raise failed
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if status != 304 and wish.only and kind and not kind.startswith(wish.only):
                raise Failed(Reason.NOT_TEXT, f"content type {kind[:80]!a}", status)
            try:
                content = await body.read(
                    response, wish.limit, self._floor, self._grace, wish.truncate
                )
            except BodyError as error:
                raise Failed(error.reason, str(error), status) from error
            clean = failures.clean
            return Response(
                url=url,
                final_url=url,
                status=status,
                phrase=response.reason or "",
                headers=tuple((clean(k), clean(v)) for k, v in response.headers.items()),
                body=content,
                elapsed=time.monotonic() - start,
                when=when,
                request_headers=tuple(response.request_info.headers.items()),
            )


async def _redirect(url: str, response: aiohttp.ClientResponse) -> Hop:
    location = response.headers.get("Location", "")
    if not location:
        words = f"status {response.status} without a Location"
        raise Failed(Reason.PROTOCOL, words, response.status)
    await _drain(response)
    try:
        target = urls.absolute(location, url)
    except urls.BadURL as error:
        raise Guarded(str(error)) from error
    return Hop(url=url, status=response.status, location=target)


def _permanent(hops: list[Hop]) -> str:
    target = ""
    for hop in hops:
        if hop.status not in PERMANENT:
            break
        target = hop.location
    return target


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Reads a short body nobody needs, which lets the connection be used again."""
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) <= DRAINED:
        await response.read()
    else:
        response.close()
