"""A fetched page to an article, or to the reason why there is none. Reads no clock, no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from wirewatch.extract import authors, body, charset, lines, metadata, refusal
from wirewatch.extract.evidence import gather
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.language import identify
from wirewatch.extract.tree import parse
from wirewatch.records import Article, Entry, Reason

EXTRACTOR = (
    f"wirewatch 1, {body.ENGINE}"  # the number grows when the same bytes give another article
)


def extract(job: Job, settings: Mapping[str, Any]) -> Article | Rejection:
    """What extraction reads from one page: the same for the same bytes, always.

    ``settings`` has the ``extract.*`` options. Returns a Rejection with its reason where the page
    is no article; raises nothing for any bytes, within the limits on memory and time that ``pool``
    sets.
    """
    refused = refusal.by_bytes(job.body, job.content_type)
    if refused:
        return _rejection(job, refused)
    text, _, _ = charset.decode(job.body, job.content_type)
    if job.content_type.lower().startswith("text/plain") and "<html" not in text[:2_000].lower():
        return _rejection(job, (Reason.NOT_TEXT, "plain text, no page"))
    tree = parse(text)
    if tree is None:
        return _rejection(job, (Reason.EMPTY, f"no markup in {len(job.body)} bytes"))
    return _from_tree(job, tree, settings)


def _from_tree(job: Job, tree: HtmlElement, settings: Mapping[str, Any]) -> Article | Rejection:
    page = job.page
    evidence = gather(tree)
    known = metadata.read(tree, evidence, page.entry, job.url, page.outlet, job.fetched)
    found = body.paragraphs(tree)
    found = _fuller(found, page.entry)
    found_credits = authors.credit_lines(evidence, known.raw_authors, known.shown_bylines, found)
    limit = settings["extract.max_chars"]
    text = metadata.plain_lines(lines.clean(found, known.title), limit)
    refused = refusal.by_content(tree, evidence, known, text, job.url, settings)
    if refused:
        return _rejection(job, refused, known.title, known.description)
    when, changed = known.published, known.modified
    return Article(
        page_id=page.id,
        url=job.url,
        canonical_url=known.canonical_url,
        title=known.title or text.split("\n", 1)[0][:200],
        text=text,
        authors=known.authors,
        published=when.when.astimezone(UTC) if when else None,
        published_precision=when.precision if when else "",
        published_source=when.source if when else "",
        modified=changed.when.astimezone(UTC) if changed else None,
        language=identify(text, known.language),
        site_name=known.site_name,
        image=known.image,
        description=known.description,
        extractor=EXTRACTOR,
        outlet=page.outlet or known.site_name,
        country=page.country,
        host=urlsplit(job.url).hostname or page.host,
        feed_id=page.feed_id,
        discovered=page.discovered,
        fetched=job.fetched,
        credits=found_credits,
    )


def _fuller(found: list[str], entry: Entry | None) -> list[str]:
    """The feed's full text where the page gave less: a stub, a script's empty frame."""
    if entry is None or not entry.content:
        return found
    tree = parse(f"<html><body><article>{entry.content}</article></body></html>")
    if tree is None:
        return found
    given = body.blocks(tree)
    if sum(map(len, given)) > 1.5 * sum(map(len, found)) + 100:
        return given
    return found


def _rejection(
    job: Job, refused: tuple[Reason, str], title: str = "", summary: str = ""
) -> Rejection:
    reason, detail = refused
    stub = reason is Reason.PAYWALL
    return Rejection(
        page_id=job.page.id,
        reason=reason,
        detail=detail,
        title=unescape(title) if stub else "",
        summary=summary if stub else "",
    )
