"""The client: one GET at a time to a host, guarded, bounded, identified; it never raises for what
the outside does.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL as RequestURL

from wirewatch import __version__
from wirewatch.fetch import body, urls
from wirewatch.fetch.answers import Failure, Hop, Response
from wirewatch.fetch.body import BodyError
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, Lookup, connector
from wirewatch.fetch.rate import Busy, Hosts
from wirewatch.fetch.robots import LIMIT as ROBOTS_LIMIT
from wirewatch.fetch.robots import Answer, Robots
from wirewatch.fetch.robots_store import RobotsStore
from wirewatch.records import Reason, utc_now
from wirewatch.settings import Settings

AGENT = "wirewatch"  # the product token that robots.txt names
ROBOTS_FILE = "robots.sqlite"  # in the state folder, where that is local
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
IDLE = 5.0  # seconds a connection is kept for the host's next page: longer than the usual pause
HEADER_LINE = 16_384  # bytes of one header or status line; some policies pass aiohttp's 8 KiB
HEADERS = 128  # headers of an answer
DRAINED = 65_536  # bytes of a redirect's or error's body read to keep the connection
LONGEST_RETRY_AFTER = 7 * 86_400.0  # seconds; what asks for more is a mistake
ACCEPT_PAGE = "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.5,*/*;q=0.1"


class _Failed(Exception):
    """A hop failed; carries what the Failure record says."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        status: int = 0,
        retry_after: float | None = None,
        attempted: bool = True,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.attempted = attempted
        super().__init__(detail)


class Client:
    """``async with Client(settings) as client: answer = await client.get(url)``."""

    def __init__(self, settings: Settings, lookup: Lookup | None = None) -> None:
        contact = settings["fetch.contact"]
        self.agent = f"{AGENT}/{__version__}" + (f" (+{contact})" if contact else "")
        self.guard = Guard(settings["fetch.allow"])
        self.hosts = Hosts(settings["fetch.delay"], settings["fetch.wait"])
        state = settings.state
        self._store = (
            None if "://" in state else RobotsStore(Path(state) / ROBOTS_FILE, time.time())
        )
        self._robots = Robots(self._fetch_robots, AGENT, time.time, self._store)
        self._settings = settings
        self._lookup = lookup
        self._open = asyncio.Semaphore(settings["fetch.connections"])
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        resolver = GuardedResolver(self.guard, settings["fetch.connect_timeout"], self._lookup)
        self._resolver = resolver
        self._session = aiohttp.ClientSession(
            connector=connector(self.guard, resolver, IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),  # cookies are never kept
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=settings["fetch.timeout"], sock_connect=settings["fetch.connect_timeout"]
            ),
            headers={"User-Agent": self.agent, "Accept-Encoding": body.ENCODINGS},
            max_line_size=HEADER_LINE,
            max_field_size=HEADER_LINE,
            max_headers=HEADERS,
            trust_env=False,  # a proxy would resolve names behind the guard's back
        )
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
        limit = max_bytes or self._settings["fetch.max_bytes"]
        hops: list[Hop] = []
        training_refused = False
        start = time.monotonic()
        current = url
        try:
            current = urls.absolute(url)
            seen = {current}
            while True:
                self.guard.check_url(current)
                if robots:
                    training_refused |= await self._obey_robots(current)
                got = await self._hop(current, headers, limit, only, truncate, bool(robots))
                if isinstance(got, Response):
                    return Response(
                        url=url,
                        final_url=current,
                        hops=tuple(hops),
                        permanent_redirect_to=_permanent(hops),
                        status=got.status,
                        phrase=got.phrase,
                        headers=got.headers,
                        body=got.body,
                        elapsed=got.elapsed,
                        when=got.when,
                        request_headers=got.request_headers,
                        training_refused=training_refused,
                    )
                hops.append(got)
                if got.location in seen:
                    words = f"redirect loop: {current} leads back to {got.location}"
                    raise _Failed(Reason.REDIRECT_LOOP, words, got.status)
                if len(hops) > self._settings["fetch.redirects"]:
                    words = f"more than {self._settings['fetch.redirects']} redirects"
                    raise _Failed(Reason.TOO_MANY_REDIRECTS, words, got.status)
                seen.add(got.location)
                current = got.location
        except _Failed as failed:
            return Failure(
                url=url,
                final_url=current,
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
                final_url=current,
                hops=tuple(hops),
                reason=Reason.GUARDED if isinstance(error, Guarded) else Reason.BAD_URL,
                detail=f"{redirected}{error}",
                elapsed=time.monotonic() - start,
                attempted=bool(hops),
            )

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of an absolute URL's host names."""
        return await self._robots.sitemaps(url)

    async def _obey_robots(self, url: str) -> bool:
        verdict = await self._robots.check(url)
        if not verdict.allowed:
            wait = verdict.retry_after or None
            raise _Failed(verdict.reason, verdict.detail, retry_after=wait)
        if verdict.crawl_delay:
            self.hosts.slow_down(urls.host(url), verdict.crawl_delay)
        return verdict.training_refused

    async def _fetch_robots(self, url: str) -> Answer:
        answer = await self.get(url, accept="text/plain,*/*;q=0.1", max_bytes=ROBOTS_LIMIT,
                                robots=False, truncate=True)  # fmt: skip
        if isinstance(answer, Response):
            return Answer(answer.status, answer.body)
        if answer.reason in (Reason.REDIRECT_LOOP, Reason.TOO_MANY_REDIRECTS):
            return Answer(404)  # RFC 9309 section 2.3.1.2: treat as unavailable
        status = answer.status if answer.status >= 400 else 0  # a 200 that broke off says nothing
        return Answer(status, reason=answer.reason, detail=answer.detail)

    async def _hop(
        self,
        url: str,
        headers: dict[str, str],
        limit: int,
        only: tuple[str, ...],
        truncate: bool,
        pause: bool,
    ) -> Response | Hop:
        """One request: its response, or where it redirects to. Raises _Failed, Guarded, BadURL."""
        host = urls.host(url)
        start = time.monotonic()
        try:
            async with self.hosts.turn(host), self._open:
                start = time.monotonic()
                try:
                    return await self._request(url, headers, limit, only, truncate)
                except _Failed as failed:
                    if failed.retry_after is not None:
                        self.hosts.hold(host, failed.retry_after, failed.detail)
                    raise
                finally:
                    if pause:  # a robots.txt does not delay the page it was read for
                        self.hosts.answered(host, time.monotonic() - start)
        except Busy as busy:
            raise _Failed(
                Reason.RATE_LIMITED, str(busy), retry_after=busy.seconds, attempted=False
            ) from busy
        except aiohttp.ClientConnectorDNSError as error:
            words = _os_words(error.os_error)
            raise _Failed(Reason.DNS, f"{urls.hostname(url)}: {words}") from error
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            raise _Failed(Reason.TLS, _tls_words(error)) from error
        except aiohttp.ClientConnectorError as error:
            raise _Failed(Reason.CONNECT, f"{host}: {_os_words(error.os_error)}") from error
        except aiohttp.ConnectionTimeoutError as error:
            allowed = self._settings["fetch.connect_timeout"]
            raise _Failed(Reason.TIMEOUT, f"{host}: no connection in {allowed:g} s") from error
        except TimeoutError as error:
            allowed = self._settings["fetch.timeout"]
            raise _Failed(Reason.TIMEOUT, f"{host}: not done in {allowed:g} s") from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise _Failed(Reason.CONNECT, f"{host}: {_broken(error)}") from error
        except aiohttp.ClientPayloadError as error:
            raise _Failed(
                Reason.PROTOCOL, f"the body ended early or is garbled: {_short(error)}"
            ) from error
        except (
            aiohttp.ClientError,
            ValueError,
        ) as error:  # ValueError: headers aiohttp cannot read
            raise _Failed(Reason.PROTOCOL, f"no valid HTTP: {_short(error)}") from error
        except OSError as error:
            raise _Failed(Reason.CONNECT, f"{host}: {_os_words(error)}") from error

    async def _request(
        self, url: str, headers: dict[str, str], limit: int, only: tuple[str, ...], truncate: bool
    ) -> Response | Hop:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with`")
        when = utc_now()
        start = time.monotonic()
        # encoded=True: the URL goes out as ada serialised it, which is what the guard looked at
        request = self._session.get(
            RequestURL(url, encoded=True), headers=headers, allow_redirects=False
        )
        async with request as response:
            status = response.status
            if status in REDIRECTS:
                location = response.headers.get("Location", "")
                if not location:
                    raise _Failed(Reason.PROTOCOL, f"status {status} without a Location", status)
                await _drain(response)
                try:
                    target = urls.absolute(location, url)
                except urls.BadURL as error:
                    raise Guarded(str(error)) from error
                return Hop(url=url, status=status, location=target)
            if status != 304 and not 200 <= status < 300:
                failed = _by_status(status, response)
                await _drain(response)
                raise failed
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if status != 304 and only and kind and not kind.startswith(only):
                raise _Failed(Reason.NOT_TEXT, f"content type {kind[:80]!a}", status)
            try:
                content = await body.read(
                    response,
                    limit,
                    self._settings["fetch.min_speed"],
                    self._settings["fetch.grace"],
                    truncate,
                )
            except BodyError as error:
                raise _Failed(error.reason, str(error), status) from error
            return Response(
                url=url,
                final_url=url,
                status=status,
                phrase=response.reason or "",
                headers=tuple((_clean(k), _clean(v)) for k, v in response.headers.items()),
                body=content,
                elapsed=time.monotonic() - start,
                when=when,
                request_headers=tuple(response.request_info.headers.items()),
            )


def _permanent(hops: list[Hop]) -> str:
    target = ""
    for hop in hops:
        if hop.status not in PERMANENT:
            break
        target = hop.location
    return target


def _clean(text: str) -> str:
    """Header text with undecodable bytes replaced, so that it can be written anywhere."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Reads a short body nobody needs, which lets the connection be used again."""
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) <= DRAINED:
        await response.read()
    else:
        response.close()


def _by_status(status: int, response: aiohttp.ClientResponse) -> _Failed:
    words = f"status {status} {_clean(response.reason or '')[:60]}".rstrip()
    wait = retry_after(response.headers.get("Retry-After", ""), utc_now())
    if status == 404:
        reason = Reason.NOT_FOUND
    elif status == 410:
        reason = Reason.GONE
    elif status in (401, 402, 403, 451):
        reason = Reason.FORBIDDEN
    elif status == 429 or (status == 503 and wait is not None):
        reason = Reason.RATE_LIMITED
        words += f"; Retry-After {wait:.0f} s" if wait is not None else "; no Retry-After"
    elif status >= 500:
        reason = Reason.SERVER_ERROR
    elif status >= 400:
        reason = Reason.CLIENT_ERROR
    else:
        reason = Reason.PROTOCOL
    return _Failed(reason, words, status, wait)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, section 10.2.3); None without one."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_RETRY_AFTER)


def _short(error: BaseException) -> str:
    words = _clean(str(error)) or type(error).__name__
    return " ".join(words.split())[:200]


def _os_words(error: OSError) -> str:
    return (error.strerror or _short(error)).rstrip(".")


def _broken(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection without an answer"
    return f"the connection broke: {_os_words(error) if isinstance(error, OSError) else error}"


def _tls_words(
    error: aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError,
) -> str:
    cause = getattr(error, "certificate_error", None) or error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"certificate of {error.host}: {cause.verify_message}"
    return f"TLS with {error.host} failed: {_short(cause or error)}"
