"""Which story a page is, by the address it gives for itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from wirewatch.fetch import canonical, urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import TEXT_TYPES
from wirewatch.fetch.signals import HEAD
from wirewatch.records import Article, Page, replace

ASKED = 200  # pages of other sites asked for in a batch; more are a template's mistake
# Two texts of one article share most of their passages; of two articles hardly one in a hundred.
PASSAGE = 12  # characters, blanks left out: some three words, and right for every script
COMPARED = 5_000  # characters of each text
SAME = 0.1  # share of the shorter text's passages found in the other


class Elsewhere:
    """Asks the pages that other sites are said to have, beside the fetching of the batch."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answers: dict[str, asyncio.Task[Response | Failure]] = {}
        self._asked: dict[str, tuple[Response, str]] = {}  # by page id

    def ask(self, page_id: str, answer: Response) -> None:
        """Has the page on another site looked at, where this one names one."""
        target = canonical.elsewhere(answer)
        if not target or (target not in self._answers and len(self._answers) >= ASKED):
            return
        if target not in self._answers:
            asked = self._client.get(target, only=TEXT_TYPES, max_bytes=HEAD, truncate=True)
            self._answers[target] = asyncio.create_task(asked)
        # The head is all that is compared; the body would be held for the whole batch.
        self._asked[page_id] = replace(answer, body=answer.body[:HEAD]), target

    async def believed(self) -> dict[str, str]:
        """By page id, the page on another site that it is."""
        found = {}
        for page_id, (answer, target) in self._asked.items():
            if canonical.believed(answer, target, await self._answers[target]):
                found[page_id] = target
        return found


def known_as(article: Article, page: Page) -> Article:
    """The article under the address on another site that was asked and believed."""
    return replace(article, canonical_url=page.canonical) if page.canonical else article


def apart(articles: Sequence[Article]) -> list[Article]:
    """The articles, with a canonical link that is a mistake undone.

    Templates name one address for every page of a section. Where pages under one canonical URL have
    other titles and hardly a word in common, each is known by its own address.
    """
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        groups[article.canonical_url].append(article)
    return [
        replace(article, canonical_url=_own(article))
        if any(_other(article, one) for one in groups[article.canonical_url])
        else article
        for article in articles
    ]


def _other(one: Article, two: Article) -> bool:
    if one.page_id == two.page_id or one.title == two.title:
        return False
    here, there = _passages(one.text), _passages(two.text)
    return len(here & there) < SAME * min(len(here), len(there))


def _passages(text: str) -> set[str]:
    run = "".join(text[:COMPARED].casefold().split())
    return {run[at : at + PASSAGE] for at in range(max(1, len(run) - PASSAGE + 1))}


def _own(article: Article) -> str:
    try:
        return urls.normalise(article.url)
    except urls.BadURL:
        return article.url
