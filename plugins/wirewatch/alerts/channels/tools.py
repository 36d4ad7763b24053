"""What all channels share: the answer of one try, and the client that asks."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

from wirewatch import __version__
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, connector
from wirewatch.settings import Settings

IDLE = 5.0  # seconds a connection is kept for the next message
BODY_READ = 2_000  # bytes of an answer that are read: enough for its error's words
LONGEST_WAIT = 86_400.0  # seconds that a Retry-After is heeded; more is a mistake, or meant ill
GONE = 410
PROCESSES = 8  # of Apprise at once: each takes some 60 MB


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one try."""

    error: str = ""  # why it did not go, in words; "" when it went
    after: float = 0.0  # seconds after which the receiver wants to be asked again
    gone: bool = False  # the receiver says that nothing is there for good
    bounced: bool = False  # the receiver refuses the address


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a try needs, open for a while."""

    settings: Settings
    session: aiohttp.ClientSession
    guard: Guard
    processes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PROCESSES))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Tools]:
    """The tools, closed at the end. Addresses are guarded as for fetching; ``alerts.allow`` opens
    hosts inside one's own network.
    """
    guard = Guard(settings["alerts.allow"])
    resolver = GuardedResolver(guard, settings["alerts.timeout"])
    async with aiohttp.ClientSession(
        connector=connector(guard, resolver, IDLE),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=settings["alerts.timeout"]),
        headers={"User-Agent": f"wirewatch/{__version__}"},
        trust_env=False,
    ) as session:
        yield Tools(settings=settings, session=session, guard=guard)
    await resolver.close()


async def post(tools: Tools, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """What a server answers to a JSON body; it is led to no other address."""
    try:
        tools.guard.check_url(address)
        async with tools.session.post(
            address,
            data=body,
            headers={"Content-Type": "application/json", **headers},
            allow_redirects=False,
        ) as answer:
            if answer.status < 300:
                return Answer()
            words = (await answer.content.read(BODY_READ)).decode("utf-8", "replace")
            error = f"answered {answer.status}: {words[:200].strip()}".rstrip(": ")
            if 300 <= answer.status < 400:
                error = f"answered {answer.status}: it leads elsewhere, and redirects are not taken"
            after = retry_after(answer.headers.get("Retry-After", ""))
            return Answer(error=error, after=after, gone=answer.status == GONE)
    except Guarded as error:
        return Answer(error=f"refused: {error}; alerts.allow opens hosts of your own")
    except TimeoutError:
        return Answer(error="no answer in time")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(error=f"{type(error).__name__}: {shortened(str(error), address)}")


def shortened(text: str, address: str) -> str:
    """An error's words without the address, in whose path a secret may be."""
    return text.replace(address, "its address")[:300]


def retry_after(value: str) -> float:
    """The seconds that a Retry-After asks for, in either of its forms; 0 for none that is read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        seconds = float(value[:9])
    else:
        try:
            date = email.utils.parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return 0.0
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        seconds = (date - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)
