"""What came of a run, in words: stories, clusters, topics, alerts, and what was rejected."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from wirewatch.records import Page, PageStatus, utc_now
from wirewatch.search.search import search
from wirewatch.settings import Settings
from wirewatch.store import Store, connect

SAMPLE_QUERY = "ferry OR dockers"  # two of the newsroom's reports that many outlets printed
HITS = 5  # of the sample search that are shown
TOPICS = 8  # the most frequent that are shown
PAGES = 40  # pages with their reasons that are shown
NOT_INDEXED = (PageStatus.REJECTED, PageStatus.DEAD, PageStatus.RETRY)


def report(settings: Settings, console: Console) -> bool:
    """Print what is in the indices; whether stories are there and the sample search finds some."""
    with connect(settings) as store:
        store.refresh()
        counts = store.stories.count()
        console.print()
        for name, value in (
            ("stories", str(counts["stories"])),
            ("clusters", str(counts["clusters"])),
            ("topics", _most(counts["topics"])),
            ("languages", _most(counts["languages"])),
            ("alerts", str(store.alerts.count())),
        ):
            console.print(f"{name + ':':<17}{value}", soft_wrap=True)
        _report_pages(store, console)
        hits = _report_search(store, console)
        console.print()
        return bool(counts["stories"]) and hits > 0


def _most(counts: dict[str, int]) -> str:
    by_count = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {count}" for name, count in by_count[:TOPICS]) or "none"


def _report_pages(store: Store, console: Console) -> None:
    pages = list(store.pages.all([status.value for status in NOT_INDEXED], limit=PAGES + 1))
    if not pages:
        return
    console.print("Pages that are not (yet) stories, with the reason:")
    for page in sorted(pages[:PAGES], key=_order):
        reason = page.reason.value if page.reason else ""
        line = f"  {page.status.value:<9}{reason:<19}{page.url}: {page.detail}"
        console.print(Text(_printable(line)), soft_wrap=True)
    if len(pages) > PAGES:
        console.print("  … see wirewatch pages list")


def _order(page: Page) -> tuple[str, str, str]:
    return page.status.value, page.reason.value if page.reason else "", page.url


def _report_search(store: Store, console: Console) -> int:
    results = search(store, SAMPLE_QUERY, size=HITS, now=utc_now())
    console.print(f"A search for {SAMPLE_QUERY!r}:")
    for hit in results.hits:
        copies = f" ({hit.copies} copies in {hit.outlets} outlets)" if hit.copies > 1 else ""
        article = hit.story.article
        line = f"  {hit.story.time:%Y-%m-%d %H:%M}  {article.outlet}: {article.title}{copies}"
        console.print(Text(_printable(line)), soft_wrap=True)
    return len(results.hits)


def _printable(text: str) -> str:
    """Text from outside may hold control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
