"""Due feeds asked for: hosts in parallel, each host's feeds one after another.

Nothing here waits for anything but the feeds' own hosts. What became of the entries (which of them
are new) is found out elsewhere and handed to :func:`feed_after`, which decides the next poll.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from wirewatch.feeds import schedule, websub
from wirewatch.feeds.parse import NotAFeed, ParsedFeed, Rejected, parse
from wirewatch.fetch import certificate, urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.retry import came_damaged
from wirewatch.records import Entry, Feed, Reason, Record, replace
from wirewatch.settings import Settings

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
LARGE = 100_000  # bytes: some 10 ms of parsing, for which all other hosts would wait
WAITING = 500  # polled feeds that may wait for who settles them; then the hosts wait too


class Polled(Record, frozen=True, kw_only=True):
    """What a poll came to."""

    before: Feed
    outcome: str  # read, unchanged, failed, gone, postponed
    reason: Reason | None = None  # why it failed on the way
    after: Feed | None = None  # with its next poll decided; of what was read by feed_after()
    answer: Response | None = None  # of what was read
    parsed: ParsedFeed | None = None
    body_hash: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that came and lead to pages."""
        return self.parsed.entries if self.parsed else ()

    @property
    def rejected(self) -> int:
        """How many entries came that lead to no page."""
        return self.parsed.rejected if self.parsed else 0


async def poll(
    client: Client, feeds: Iterable[Feed], now: datetime, settings: Settings
) -> AsyncIterator[Polled]:
    """Yields each feed once, polled or failed or, after the client's deadline, postponed."""
    hosts: dict[str, list[Feed]] = {}
    for feed in feeds:
        try:
            hosts.setdefault(urls.host(feed.url), []).append(feed)
        except urls.BadURL:
            hosts.setdefault(feed.url, []).append(feed)
    results: asyncio.Queue[Polled | BaseException] = asyncio.Queue(WAITING)

    async def one_host(queue: list[Feed]) -> None:
        try:
            for feed in queue:
                await results.put(await poll_one(client, feed, now, settings))
        except Exception as error:  # noqa: BLE001 (handed to the caller, who raises it)
            await results.put(error)

    tasks = [asyncio.create_task(one_host(queue)) for queue in hosts.values()]
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


async def poll_one(client: Client, feed: Feed, now: datetime, settings: Settings) -> Polled:
    """One feed polled; never raises for what the outside does."""
    may_skip = schedule.conditional(feed, now)
    answer = await client.get(
        feed.url,
        etag=feed.etag if may_skip else "",
        last_modified=feed.last_modified if may_skip else "",
        accept=ACCEPT,
    )
    if came_damaged(answer):  # without conditions, since some servers send a 304 with a body
        await asyncio.sleep(settings["fetch.retry_pause"])
        answer = await client.get(feed.url, accept=ACCEPT)
    if isinstance(answer, Failure):
        return _failed(feed, await certificate.dated(client, answer), now, settings)
    body_hash = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
    if answer.status == 304 or body_hash == feed.body_hash:
        after = schedule.after_unchanged(feed, answer, now, settings)
        return Polled(before=feed, after=after, outcome="unchanged")
    try:
        parsed = await _parsed(client, feed, answer, now, settings)
    except NotAFeed as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 (a parser that breaks on one feed must not stop the rest)
        why = f"could not be read: {type(error).__name__}: {error}"
    else:
        return Polled(
            before=feed, outcome="read", answer=answer, parsed=parsed, body_hash=body_hash
        )
    after = schedule.after_unreadable(feed, answer, why, now, settings)
    return Polled(before=feed, after=after, outcome="failed")


def feed_after(polled: Polled, new: int, now: datetime, settings: Settings) -> Feed:
    """The feed after the poll; ``new`` of the entries that were read have not been seen before."""
    if polled.after is not None:
        return polled.after
    if polled.answer is None or polled.parsed is None:
        raise ValueError(f"nothing was read of {polled.before.url}, and nothing was decided")
    hub, topic = websub.named(polled.answer, polled.parsed)
    after = schedule.after_success(
        polled.before, polled.answer, polled.parsed, new, now, settings, polled.body_hash
    )
    return replace(after, hub=hub, topic=topic)


def _failed(feed: Feed, failure: Failure, now: datetime, settings: Settings) -> Polled:
    after = schedule.after_failure(feed, failure, now, settings)
    if failure.reason == Reason.GONE:
        outcome = "gone"
    elif after.polls == feed.polls:
        outcome = "postponed"
    else:
        outcome = "failed"
    return Polled(before=feed, after=after, outcome=outcome, reason=failure.reason)


async def _read(answer: Response, feed: Feed, now: datetime, since: datetime) -> ParsedFeed:
    """The document, read beside the event loop where that takes long. Raises NotAFeed."""
    kind = answer.header("Content-Type")

    def read() -> ParsedFeed:
        return parse(answer.body, answer.final_url, kind, feed_id=feed.id, now=now, since=since)

    return await asyncio.to_thread(read) if len(answer.body) > LARGE else read()


async def _parsed(
    client: Client, feed: Feed, answer: Response, now: datetime, settings: Settings
) -> ParsedFeed:
    """The document; of a sitemap index, its newest sitemaps read into one. Raises NotAFeed."""
    since = now - timedelta(days=settings["feeds.sitemap_days"])
    parsed = await _read(answer, feed, now, since)
    if parsed.kind != "sitemap-index":
        return parsed
    recent = [child for child in parsed.children if child[1] is None or child[1] >= since]
    recent.sort(key=lambda child: (child[1] is not None, child[1] or since), reverse=True)
    chosen = recent[: settings["feeds.sitemap_children"]]
    entries: list[Entry] = []
    rejections: list[Rejected] = []
    rejected, notes = 0, []
    for url, _ in chosen:
        got = await client.get(url, accept=ACCEPT)
        if isinstance(got, Failure):
            notes.append(f"{url}: {got.detail}")
            continue
        try:
            part = await _read(got, feed, now, since)
        except NotAFeed as error:
            notes.append(f"{url}: {error}")
            continue
        entries += part.entries
        rejections += part.rejections
        rejected += part.rejected
    if len(recent) > len(chosen):
        notes.append(f"{len(recent) - len(chosen)} of {len(recent)} recent sitemaps not read")
    return replace(
        parsed,
        entries=tuple(entries),
        rejected=rejected,
        rejections=tuple(rejections),
        note="; ".join(notes),
    )
