"""A feed document to entries: RSS, RDF, Atom, JSON Feed, news sitemaps, whatever state they are in.

The fast reader (lxml) takes what is well-formed after the usual faults are mended; feedparser takes
the rest. Nothing is resolved, expanded or fetched on the way.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from html import escape, unescape

from lxml import etree

from wirewatch.encodings import decode
from wirewatch.feeds import dates, jsonfeed, loose, markup, values
from wirewatch.feeds.defuse import begun, defuse, mend
from wirewatch.feeds.raw import NotAFeed, RawEntry, RawFeed
from wirewatch.fetch import urls
from wirewatch.fetch.body import BodyError, Inflater
from wirewatch.records import Entry, Record

__all__ = ["NotAFeed", "ParsedFeed", "Rejected", "parse"]

LIMIT = 2_000  # entries read of a document; more are counted. The longest real ones have some 1,000
LARGEST = 50_000_000  # bytes of an unpacked sitemap (https://www.sitemaps.org/protocol.html)
FULL_TEXT = 1_500  # characters of markup from which a description is taken for the whole text
TITLE_WORDS = 12  # words of the text that stand in for a missing title
REJECTED_KEPT = 20  # rejected entries described one by one; all are counted

_HTML = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex|channel)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_ITEMS = {  # what an item begins with, by the kind of feed
    "rss": re.compile(r"<(?:\w+:)?item[\s>]", re.IGNORECASE),
    "atom": re.compile(r"<(?:\w+:)?entry[\s>]", re.IGNORECASE),
    "sitemap": re.compile(r"<(?:\w+:)?url[\s>]", re.IGNORECASE),
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ENDS = {
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
    etree.ErrorTypes.ERR_CDATA_NOT_FINISHED,
    etree.ErrorTypes.ERR_DOCUMENT_END,
    etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE,
}
_HEAD = 4_096  # characters in which a document shows what it is


class Rejected(Record, frozen=True, kw_only=True):
    """An entry that leads to no page, and why."""

    title: str
    reason: str


class ParsedFeed(Record, frozen=True, kw_only=True):
    """What a document says. ``read`` = ``len(entries)`` + ``rejected``."""

    kind: str  # rss, rdf, atom, json, sitemap, sitemap-index
    title: str = ""
    language: str = ""  # BCP 47
    site: str = ""
    hub: str = ""  # WebSub hub, absolute
    self_url: str = ""
    ttl: float = 0.0  # seconds the feed asks to be left alone (ttl, sy:updatePeriod); 0: unsaid
    skip_hours: tuple[int, ...] = ()  # hours in UTC without polls
    skip_days: tuple[str, ...] = ()  # "monday", …
    entries: tuple[Entry, ...] = ()
    children: tuple[tuple[str, datetime | None], ...] = ()  # of a sitemap index: URL, changed
    rejected: int = 0
    rejections: tuple[Rejected, ...] = ()  # the first of them
    encoding: str = ""
    note: str = ""  # what was odd; "" for a sound document


def parse(
    body: bytes,
    url: str,
    content_type: str = "",
    *,
    feed_id: str = "",
    now: datetime | None = None,
    since: datetime | None = None,
) -> ParsedFeed:
    """The feed in a document fetched from ``url``.

    Dates more than a day after ``now`` are dropped. ``since`` leaves out the entries of a sitemap
    that changed before it. Raises NotAFeed, whose message says what the document is instead.
    """
    cut = ""
    if body.startswith(b"\x1f\x8b"):  # sitemaps are published as .xml.gz
        body, cut = _unpacked(body)
    text, encoding, _ = decode(body, content_type)
    raw = _read(text, url)
    base = urls.absolute(url)
    if raw.base:
        base = values.link(raw.base, base) or base
    feed_id = feed_id or urls.feed_id(url)
    entries: list[Entry] = []
    rejections: list[Rejected] = []
    rejected = raw.over_limit + raw.lost
    repeated = _repeated_guids(raw.entries)
    written = (text for item in raw.entries for text in (*item.published, *item.updated))
    order = dates.order(written, language(raw.language))
    for item in raw.entries:
        entry = _entry(item, raw, feed_id, base, now, repeated, order)
        if isinstance(entry, Rejected):
            rejections.append(entry)
        elif (
            since and raw.kind == "sitemap" and (entry.published or entry.updated or since) < since
        ):
            rejections.append(
                Rejected(title=entry.title or entry.url, reason="older than asked for")
            )
        else:
            entries.append(entry)
    rejected += len(rejections)
    notes = [note for note in (cut, raw.note) if note]
    if raw.over_limit:
        notes.append(f"{raw.over_limit:,} entries past the {LIMIT:,}th not read")
    if raw.kind != "sitemap" and rejections:
        notes.append(f"{len(rejections):,} entries rejected: {rejections[0].reason}")
    doubted = [entry.date_doubt for entry in entries if entry.date_doubt]
    if doubted:
        notes.append(f"{len(doubted):,} entries without a certain date: {doubted[0]}")
    return ParsedFeed(
        kind=raw.kind,
        title=values.text_of(raw.title)[: values.LONGEST_TITLE],
        language=language(raw.language),
        site=values.link(raw.site, base),
        hub=values.link(raw.hub, base),
        self_url=values.link(raw.self_url, base),
        ttl=_ttl(raw),
        skip_hours=tuple(
            sorted({int(h) % 24 for h in raw.skip_hours if h.isdigit() and len(h) < 3})
        ),
        skip_days=tuple(day for day in raw.skip_days if day),
        entries=tuple(entries),
        children=tuple(
            (child, dates.date(changed).when)
            for address, changed in raw.children
            if (child := values.link(address, base))
        ),
        rejected=rejected,
        rejections=tuple(rejections[:REJECTED_KEPT]),
        encoding=encoding,
        note="; ".join(notes),
    )


def _unpacked(body: bytes) -> tuple[bytes, str]:
    """What a gzip file holds, and in words whether it was cut off. Raises NotAFeed."""
    try:
        inflater = Inflater("gzip", LARGEST)
        inflater.feed(body)
    except BodyError as error:
        raise NotAFeed(f"not a feed: a gzip file that cannot be unpacked: {error}") from error
    try:
        inflater.end()
    except BodyError as error:
        return inflater.body, str(error)
    return inflater.body, ""


def _read(text: str, url: str) -> RawFeed:
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise NotAFeed("not a feed: an empty answer")
    if start[0] in "{[":
        return jsonfeed.read(start, LIMIT)
    head = start[:_HEAD]
    if "jsonfeed.org/version/" in head and not _FEED.search(head):
        return jsonfeed.read(start[max(start.find("{"), 0) :], LIMIT)
    if _HTML.search(head) and not _FEED.search(head):
        found = _TITLE.search(start[: _HEAD * 16])
        title = f"titled “{values.plain(unescape(found[1]))}”" if found else "without a title"
        raise NotAFeed(f"not a feed: an HTML page {title}")
    start = begun(start)
    if "<" not in start[:_HEAD]:
        raise NotAFeed(f"not a feed: plain text beginning {values.plain(start[:60])!r}")
    safe, entities = defuse(start)
    feed = _strict(safe)
    if feed is None:
        mended = mend(safe)
        feed = _strict(mended)
        if feed is None:
            feed = _cut_off(mended) or loose.read(mended, url, LIMIT)
            feed.lost = max(0, _items(safe, feed.kind) - len(feed.entries))
            lost = f", {feed.lost:,} entries lost" if feed.lost else ""
            feed.note = f"malformed: {_fault(mended)}{lost}"
    if entities:
        feed.note = "; ".join(filter(None, [feed.note, "declares entities, which are not used"]))
    return feed


def _strict(text: str) -> RawFeed | None:
    """The feed if the text is well-formed but for undeclared prefixes; None otherwise."""
    data = text.encode("utf-8", "replace")
    try:
        return markup.read(etree.fromstring(data, markup.parser(recover=False)), LIMIT)
    except etree.XMLSyntaxError as error:
        if error.code != etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE:
            return None
    recovering = markup.parser(recover=True)
    root = etree.fromstring(data, recovering)
    faults = {fault.type for fault in recovering.error_log}
    if root is None or faults - {etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE}:
        return None
    return markup.read(root, LIMIT)


def _cut_off(text: str) -> RawFeed | None:
    """The feed if nothing is wrong but its end: cut off, or with other things behind it."""
    recovering = markup.parser(recover=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), recovering)
    except etree.XMLSyntaxError:
        return None
    faults = {fault.type for fault in recovering.error_log}
    if root is None or faults - _ENDS:
        return None
    feed = markup.read(root, LIMIT)
    behind = etree.ErrorTypes.ERR_DOCUMENT_END in faults
    return None if behind and len(feed.entries) < _items(text, feed.kind) else feed


def _items(text: str, kind: str) -> int:
    """How many items a document seems to have, at most ``LIMIT``."""
    pattern = _ITEMS.get("rss" if kind == "rdf" else kind)
    return min(len(pattern.findall(text)), LIMIT) if pattern else 0


def _fault(text: str) -> str:
    try:
        etree.fromstring(text.encode("utf-8", "replace"), markup.parser(recover=False))
    except etree.XMLSyntaxError as error:
        return values.plain(str(error.msg or "not well-formed"))[:120]
    return "not well-formed"


def _repeated_guids(entries: list[RawEntry]) -> set[str]:
    """The guids that several links share: they tell nothing apart."""
    links: dict[str, str] = {}
    return {
        item.guid
        for item in entries
        if item.guid and links.setdefault(item.guid, item.link) != item.link
    }


def _entry(
    item: RawEntry,
    feed: RawFeed,
    feed_id: str,
    base: str,
    now: datetime | None,
    repeated: set[str],
    order: str,
) -> Entry | Rejected:
    if item.base:
        base = values.link(item.base, base) or base
    title = (values.text_of if item.title_is_markup else values.unescaped)(item.title)
    url = values.link(item.link, base)
    if not url and _guid_is_url(item):
        url = values.link(item.guid, base)
    if not url:
        shown = f"its link is no http URL: {item.link[:80]!a}" if item.link else "no link"
        return Rejected(title=title[:200], reason=shown)
    summary = item.summary[: values.LONGEST_SUMMARY * 4]
    summary = (values.text_of if item.summary_is_markup else values.unescaped)(summary)
    content, is_markup = item.content, item.content_is_markup
    if not content and item.summary_is_markup and len(item.summary) >= FULL_TEXT:
        content, is_markup = item.summary, True
    if content:
        content = (
            values.sanitised(content, base) if is_markup else escape(values.unescaped(content))
        )
    if not title:
        title = " ".join((summary or values.text_of(content[:2_000])).split()[:TITLE_WORDS])
    spoken = language(item.language) or language(feed.language)
    published = dates.best(item.published, now, order, spoken)
    updated = dates.best(item.updated, now, order, spoken)
    return Entry(
        feed_id=feed_id,
        guid="" if item.guid in repeated else values.plain(item.guid)[:1_000],
        url=url,
        title=title[: values.LONGEST_TITLE],
        summary=summary[: values.LONGEST_SUMMARY],
        content=content[: values.LONGEST_CONTENT],
        authors=tuple(_authors(item.authors)),
        published=published.when,
        published_precision=published.precision,
        updated=updated.when,
        updated_precision=updated.precision,
        date_doubt=published.doubt or ("" if item.published else updated.doubt),
        language=spoken,
    )


def _guid_is_url(item: RawEntry) -> bool:
    """Whether a guid can stand in for a missing link: an http URL, or a path called permalink."""
    if item.guid[:8].lower().startswith(("http://", "https://")):
        return True
    return not item.link and item.guid_is_link and "/" in item.guid


def _authors(names: list[str]) -> list[str]:
    cleaned = (name[:200] for text in names[: values.AUTHORS] for name in values.authors(text))
    return list(dict.fromkeys(name for name in cleaned if name))[: values.AUTHORS]


@lru_cache(maxsize=1_024)
def language(tag: str) -> str:
    """A language tag in the case of BCP 47 (``pt_br`` → ``pt-BR``); "" for what is no tag."""
    tag = tag.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return ""
    first, *rest = tag.split("-")
    shaped = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part
        for part in rest
    ]
    return "-".join([first.lower(), *shaped])


_PERIODS = {  # seconds; http://web.resource.org/rss/1.0/modules/syndication/
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}


def _ttl(feed: RawFeed) -> float:
    """Seconds between polls that the feed asks for: the longer of ttl and updatePeriod."""
    minutes = (
        int(feed.ttl) if feed.ttl.isascii() and feed.ttl.isdigit() and len(feed.ttl) < 7 else 0
    )
    period = _PERIODS.get(feed.update_period, 0)
    frequency = feed.update_frequency
    times = (
        int(frequency) if frequency.isascii() and frequency.isdigit() and len(frequency) < 5 else 1
    )
    return max(minutes * 60.0, period / max(times, 1))
