"""A fetched page to an article, or to the reason why there is none. Reads no clock, no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from wirewatch import encodings
from wirewatch.extract import body, lines, metadata, refusal, stated
from wirewatch.extract.credits import credit_lines
from wirewatch.extract.evidence import gather
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.kind import kind_of
from wirewatch.extract.language import identify
from wirewatch.extract.related import without_related
from wirewatch.extract.tree import parse
from wirewatch.fetch import urls
from wirewatch.records import Article, Entry, Reason, replace

EXTRACTOR = (
    f"wirewatch 5, {body.ENGINE}"  # the number grows when the same bytes give another article
)


def extract(job: Job, settings: Mapping[str, Any]) -> Article | Rejection:
    """What extraction reads from one page: the same for the same bytes, always.

    ``settings`` has the ``extract.*`` options. Returns a Rejection with its reason where the page
    is no article; raises nothing for any bytes, within the limits on memory and time that ``pool``
    sets.
    """
    article, refused = read(job, settings)
    if refused is None and article is not None:
        return _joined(article, job, settings) if job.more else article
    reason, detail = refused or (Reason.EMPTY, "nothing could be read")
    stub = article if reason is Reason.PAYWALL else None
    return Rejection(
        page_id=job.page.id,
        reason=reason,
        detail=detail,
        title=stub.title if stub else "",
        summary=stub.description if stub else "",
    )


def read(job: Job, settings: Mapping[str, Any]) -> tuple[Article | None, tuple[Reason, str] | None]:
    """The page's article and, where it is to be refused, why; no article where nothing parses."""
    refused = refusal.by_bytes(job.body, job.content_type)
    if refused:
        return None, refused
    text = encodings.decode(job.body, job.content_type).text
    if job.content_type.lower().startswith("text/plain") and "<html" not in text[:2_000].lower():
        return None, (Reason.NOT_TEXT, "plain text, no page")
    tree = parse(text)
    if tree is None:
        return None, (Reason.EMPTY, f"no markup in {len(job.body)} bytes")
    return _from_tree(job, tree, settings)


def _from_tree(
    job: Job, tree: HtmlElement, settings: Mapping[str, Any]
) -> tuple[Article, tuple[Reason, str] | None]:
    page = job.page
    evidence = gather(tree)
    known = metadata.read(
        tree, evidence, page.entry, job.url, page.outlet, job.fetched, page.country
    )
    host = urlsplit(job.url).hostname or page.host
    said = stated.lines_of(evidence.article.get("articleBody"))
    given = _given(page.entry)
    found = body.paragraphs(tree, host.removeprefix("www."), "\n".join(said + given))
    found = without_related(stated.fuller(stated.with_stated(found, said), given))
    found_credits = credit_lines(
        evidence, known.raw_authors, known.shown_bylines, [line.text for line in found]
    )
    found = stated.with_standfirst(
        lines.clean(found, known.title, known.authors), tree, known.description
    )
    text = metadata.plain_lines((line.text for line in found), settings["extract.max_chars"])
    refused = refusal.by_content(tree, evidence, known, text, job.url, settings)
    when, changed = known.published, known.modified
    article = Article(
        page_id=page.id,
        url=job.url,
        canonical_url=_canonical(job.url, known.canonical_url),
        title=known.title or text.split("\n", 1)[0][:200],
        text=text,
        authors=known.authors,
        title_source=known.title_source if known.title else "text",
        authors_source=known.authors_source,
        published=when.when.astimezone(UTC) if when else None,
        published_precision=when.precision if when else "",
        published_source=when.source if when else "",
        published_day=when.when.date().isoformat() if when else "",
        modified=changed.when.astimezone(UTC) if changed else None,
        language=identify(text, known.language),
        image=known.image,
        description=known.description,
        section=known.section,
        keywords=known.keywords,
        paywalled=known.free is False,
        next_url=metadata.next_page(tree, evidence, job.url),
        kind=kind_of(tree, evidence, known.title, text, job.url),
        extractor=EXTRACTOR,
        outlet=page.outlet or known.site_name or host,
        country=page.country,
        host=host,
        feed_id=page.feed_id,
        first_seen=page.discovered,
        credits=found_credits,
    )
    return article, refused


def _joined(article: Article, job: Job, settings: Mapping[str, Any]) -> Article:
    """The article with the text of its further pages, each line that they repeat once.

    A page that adds nothing ends it: servers give the last page, or the first, for any number.
    """
    texts = article.text.split("\n")
    seen = set(texts)
    following = article.next_url
    for page in job.more:
        tree = parse(encodings.decode(page.body, page.content_type).text)
        if tree is None:
            break
        evidence = gather(tree)
        found = body.paragraphs(tree, article.host.removeprefix("www."))
        found = lines.clean(without_related(found), article.title, article.authors)
        plain = metadata.plain_lines((one.text for one in found), settings["extract.max_chars"])
        new = [line for line in plain.split("\n") if line and line not in seen]
        following = metadata.next_page(tree, evidence, page.url) if new else ""
        texts += new
        seen.update(new)
        if not new:
            break
    text = "\n".join(texts)[: settings["extract.max_chars"]].rstrip()
    return replace(article, text=text, next_url=following)


def _canonical(url: str, given: str) -> str:
    """The page's stated address where it can be believed, normalised; see fetch.urls.canonical."""
    try:
        return urls.canonical(url, given)
    except urls.BadURL:
        return url


def _given(entry: Entry | None) -> list[str]:
    """The lines of the feed's full text; none where it has only a summary."""
    if entry is None or not entry.content:
        return []
    tree = parse(f"<html><body><article>{entry.content}</article></body></html>")
    return [] if tree is None else body.blocks(tree)
