"""The further pages of a paginated article: fetched in the run, archived, joined to the first."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from wirewatch.archive import Archive, ArchiveError
from wirewatch.extract.job import Further, Job
from wirewatch.extract.pool import extract_all
from wirewatch.fetch import signals
from wirewatch.fetch.answers import Failure
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import fetch_pages
from wirewatch.fetch.robots import AGENT
from wirewatch.pipeline.body_store import BodyStore
from wirewatch.pipeline.budget import for_further
from wirewatch.records import Article, Batch, Page, Part, replace
from wirewatch.settings import Settings
from wirewatch.store import connect

log = logging.getLogger("wirewatch.run")

FEW = 8  # pages that are read in one process: starting a second takes as long

# The pages that could be had, by the id they were asked for with, and their bytes.
Source = Callable[[list[Page], int], dict[str, tuple[Part, bytes]]]


def joined(
    settings: Settings, articles: Iterable[Article], job_of: Callable[[str], Job], source: Source
) -> dict[str, tuple[Article, tuple[Part, ...]]]:
    """The articles that go on on further pages, as far as these can be had, by page id.

    No more than ``extract.pages`` pages each. An article keeps its ``next_url`` where the next page
    could not be had. ``job_of`` gives the job of an article's first page.
    """
    open_articles = {article.page_id: article for article in articles if article.next_url}
    done: dict[str, tuple[Article, tuple[Part, ...]]] = {}
    jobs: dict[str, Job] = {}
    for number in range(2, settings["extract.pages"] + 1):
        if not open_articles:
            break
        wanted = [_wanted(article) for _, article in sorted(open_articles.items())]
        got = source(wanted, number)
        for identity, (part, body) in got.items():
            job = jobs.get(identity) or job_of(identity)
            more = Further(url=part.url, body=body, content_type=part.content_type)
            parts = (*job.page.parts, part)
            jobs[identity] = replace(
                job, more=(*job.more, more), page=replace(job.page, parts=parts)
            )
        few = settings.with_options(extract__processes=1) if len(got) < FEW else settings
        open_articles = {}
        for identity, result in extract_all([jobs[identity] for identity in got], few):
            if isinstance(result, Article):
                done[identity] = (result, jobs[identity].page.parts)
                if result.next_url:
                    open_articles[identity] = result
    return done


def _wanted(article: Article) -> Page:
    host = urlsplit(article.next_url).hostname or article.host
    return Page(id=article.page_id, url=article.next_url, host=host, discovered=article.first_seen)


def from_network(settings: Settings, batch: Batch, unarchived: frozenset[str]) -> Source:
    """Fetches further pages, with the politeness of a first fetch, and archives them.

    Not those of the pages ``unarchived``, nor those that ask for no copy themselves. All of them
    share one deadline, which begins with the first that is asked for.
    """
    until = 0.0

    def source(pages: list[Page], number: int) -> dict[str, tuple[Part, bytes]]:
        nonlocal until
        until = until or time.monotonic() + for_further(settings)
        left = max(0.0, until - time.monotonic())
        return asyncio.run(_fetch(settings, batch, pages, unarchived, number, left))

    return source


async def _fetch(
    settings: Settings,
    batch: Batch,
    pages: list[Page],
    unarchived: frozenset[str],
    number: int,
    left: float,
) -> dict[str, tuple[Part, bytes]]:
    got: dict[str, tuple[Part, bytes]] = {}
    with connect(settings, prepare=False) as store, BodyStore(settings, batch, number) as keeper:
        async with Client(settings, budget=left, leases=store.hosts) as client:
            async for page, answer in fetch_pages(client, pages, settings):
                if isinstance(answer, Failure):
                    continue  # the article keeps its next_url, which tells that it goes on
                secret = page.id in unarchived or signals.read(answer, AGENT).noarchive
                held = None if secret else keeper.write(answer, noarchive=False)
                part = Part(
                    url=answer.final_url,
                    content_type=answer.header("Content-Type"),
                    location=held,
                )
                got[page.id] = (part, answer.body)
    return got


def from_archive(archive: Archive, fetched: Mapping[str, datetime]) -> Source:
    """Finds further pages among what was archived: asks no server.

    ``fetched`` says when an article's first page was, by page id: the others lie beside it.
    """

    def source(pages: list[Page], number: int) -> dict[str, tuple[Part, bytes]]:  # noqa: ARG001
        got: dict[str, tuple[Part, bytes]] = {}
        for page in pages:
            held = archive.find(page.url, fetched.get(page.id))
            if held is None:
                continue
            try:
                found = archive.read(held)
            except ArchiveError as error:
                log.warning("%s: %s", page.url, error)
                continue  # the article keeps its next_url, which tells that it goes on
            part = Part(url=found.url, content_type=found.header("Content-Type"), location=held)
            got[page.id] = (part, found.body)
        return got

    return source


def with_parts(job: Job, archive: Archive) -> Job:
    """The job with the bytes of the further pages that its page had, as far as they are archived.

    Raises ArchiveError where one of them is damaged or gone.
    """
    more = []
    for part in job.page.parts:
        if part.location is None:
            raise ArchiveError(f"{part.url} asks for no copy")
        body = archive.read(part.location).body
        more.append(Further(url=part.url, body=body, content_type=part.content_type))
    return replace(job, more=tuple(more))
