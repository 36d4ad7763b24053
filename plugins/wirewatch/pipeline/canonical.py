"""The page on another site that a page says it is, asked and believed."""

from __future__ import annotations

import asyncio

from wirewatch.fetch import canonical
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.host_queues import TEXT_TYPES
from wirewatch.fetch.signals import HEAD
from wirewatch.records import Article, Page, replace

ASKED = 200  # pages of other sites asked for in a batch; more are a template's mistake


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

    def answered(self, page_id: str) -> bool:
        """Whether it is known by now what a page is."""
        return page_id not in self._asked or self._answers[self._asked[page_id][1]].done()

    async def all_answered(self) -> None:
        """Waits for the answers that are missing; the client's deadline ends that."""
        await asyncio.gather(*self._answers.values())

    def believed(self, page_id: str) -> str:
        """The page on another site that a page is, by the answer; "" where it is none."""
        if page_id not in self._asked:
            return ""
        answer, target = self._asked[page_id]
        return target if canonical.believed(answer, target, self._answers[target].result()) else ""


def known_as(article: Article, page: Page) -> Article:
    """The article under the address on another site that was asked and believed."""
    return replace(article, canonical_url=page.canonical) if page.canonical else article
