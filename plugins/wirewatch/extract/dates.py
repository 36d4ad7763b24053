"""When a page was published: the best date among what it says, with precision and source.

Order: JSON-LD, article meta tags, microdata, other meta tags, ``<time>``, the feed's entry, the
URL, the text beside the headline, last htmldate's search of the whole page. A date that cannot be
(before 1990, or after the fetch by more than a day) falls to the next source, as does an expiry
date, which nothing here reads. Where stated dates contradict each other, the one that readers see
beside the headline decides.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any, NamedTuple

from htmldate import find_date
from lxml.html import HtmlElement

from wirewatch.extract.bylines import surroundings
from wirewatch.extract.evidence import Evidence, Time, texts_after
from wirewatch.records import Entry
from wirewatch.written_dates import YEARS, from_url, from_words, parse_date, western

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web is younger; older dates are template zeros
FUTURE = timedelta(hours=26)  # clocks, and local times of UTC+14 written without their offset
NEAR = 40  # pieces of text after the headline in which its date stands where one is shown
CLOSE = 8  # of these, the first in which a date is the headline's and no teaser's or sentence's
MAX_SHOWN = 90  # characters of a text that shows a date; a longer one is a sentence with one in it
MAX_CLOSE = 60  # the same for one that is to decide between stated dates
OPENING = 24  # characters at the beginning of a paragraph that can be its date
MAX_STATED = 12  # stated dates that are held against each other
MAX_TEXTS = 5_000  # pieces of text searched for a date
MAX_SEARCHED = 20_000  # elements of a page that htmldate searches: 6 ms for a usual page


class Dated(NamedTuple):
    """A date as found: aware, in the page's own offset (UTC where it states none)."""

    when: datetime
    precision: str  # "instant" or "day"
    source: str


_CHANGED = re.compile(
    r"updat|aktualisier|\bstand\b|modif|geändert|bearbeitet|mis à jour|actualiz|aggiornat"
    r"|bijgewerkt|zmian|edited|uppdater|opdater|oppdater|обновлен",
    re.I,
)
_IMPRINT = re.compile(r"등록(?:번호|년월일|연월일)")  # a Korean newspaper was registered
_DATE_LABEL = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|time|published|posted|pub-?date|timestamp|dateline"
    r"|publiziert|veroeffentlicht)(?:$|[\s_-])|(?:entry|post|article|news|pub|publish)-?(?:date|time)"
    r"|newsitem-time|artikeldatum",
    re.I,
)
_SHOWN_TAGS = (
    "p", "span", "div", "li", "td", "a", "strong", "b", "em", "i", "small", "h2", "h3", "h4", "h5",
    "h6", "dd", "font", "abbr", "time", "article", "section", "header", "main", "aside",
)  # fmt: skip

PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time",
    "published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "dc.date.issued", "dcterms.created", "dcterms.issued",
    "dcterms.date", "dc.date", "dc.date.created", "pubdate", "publishdate", "publish_date",
    "publish-date", "published-date", "publication_date", "article.published",
    "article_date_original",
    "originalpublicationdate", "date", "created", "date_published", "publisheddate",
    "rnews:datepublished",
    "article.created", "citation_publication_date", "citation_date", "vr:published_time", "ptime",
    "bt:pubdate", "displaydate", "gentime", "last-published", "shareaholic:article_published_time",
)  # fmt: skip
MODIFIED_META = (
    "article:modified_time", "og:updated_time", "article:modified", "modified_time", "datemodified",
    "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "revised",
    "article.updated",
    "shareaholic:article_modified_time",
)  # fmt: skip


def published(
    tree: HtmlElement,
    heading: HtmlElement | None,
    evidence: Evidence,
    entry: Entry | None,
    url: str,
    now: datetime,
    language: str = "",
) -> Dated | None:
    """The publication date by the best source that gives one that can be.

    ``heading`` is the element that shows the headline. ``now`` is when the page was fetched: the
    clock is not read.
    """
    language = (evidence.lang or language).lower().replace("_", "-")
    in_url = from_url(url)
    if in_url and not possible(in_url[0], now):
        in_url = None
    stated = list(islice(_stated(evidence, entry, now, language), MAX_STATED))
    shown = _beside(heading, now, language) if heading is not None else None
    if not stated:
        if in_url:
            return Dated(*in_url, "url")
        if shown and shown.close:
            return Dated(shown.day, "day", "text")
        if (
            day := _labelled(tree, now, language)
            or (shown and shown.day)
            or _anywhere(tree, now, language)
        ):
            return Dated(day, "day", "text")
        return _searched(tree, url, now)
    first = stated[0]
    if in_url and _can_be(first, in_url[0]):
        return _on_day(first, in_url[0])
    if shown is None or not shown.close or shown.day.date() == first.when.date():
        return first
    if in_url and shown.day.date() == in_url[0].date():
        return Dated(*in_url, "url")
    changed = modified(evidence, entry, now)
    for other in stated[1:]:
        if other.when.date() == shown.day.date() and not (changed and other.when == changed.when):
            return _on_day(first, shown.day) if _can_be(first, shown.day) else other
    if _can_be(first, shown.day) and (offset := _offset(first.when, shown)):
        return first._replace(when=first.when.astimezone(timezone(offset)))
    return first


def _can_be(stated: Dated, day: datetime) -> bool:
    """Can an instant that is stated in UTC be on that day where the newsroom is? A day apart, and
    within the hours by which clocks are ahead (14) or behind (12)."""
    if stated.when.utcoffset() or stated.precision == "day":
        return False
    apart = (day.date() - stated.when.date()).days
    return (apart == 1 and stated.when.hour >= 10) or (apart == -1 and stated.when.hour < 12)


def _on_day(stated: Dated, day: datetime) -> Dated:
    """The same instant in the least offset in which it is on that day."""
    apart = (day.date() - stated.when.date()).days
    hours = 24 - stated.when.hour if apart == 1 else -(stated.when.hour + 1)
    return stated._replace(when=stated.when.astimezone(timezone(timedelta(hours=hours))))


def _offset(stated: datetime, shown: _Shown) -> timedelta | None:
    """The offset from UTC that the shown clock tells: it shows the stated minute, whole quarters
    of an hour away."""
    if shown.clock is None:
        return None
    apart = round((shown.clock - stated).total_seconds() / 60)
    quarters, rest = divmod(apart + 1, 15)  # clocks show the minute, rounded either way
    if rest > 2 or abs(quarters) > 14 * 4:
        return None
    return timedelta(minutes=15 * quarters)


class _Shown(NamedTuple):
    day: datetime  # midnight in UTC
    clock: datetime | None  # with the time of day that it shows, as if in UTC
    close: bool  # right beneath the headline, not labelled as a change


def _beside(heading: HtmlElement, now: datetime, language: str) -> _Shown | None:
    """The first date in a short text after the page's headline, in it, or the last one above."""
    for position, text in enumerate(islice(texts_after(heading), NEAR)):
        if len(text) > MAX_SHOWN:
            text = _opening(text)
        if found := _date_in(text, now, language):
            when, precision = found
            close = (
                position < CLOSE and len(text.strip()) <= MAX_CLOSE and not _CHANGED.search(text)
            )
            return _Shown(_midnight(when), when if precision == "instant" else None, close)
    above = (text for parent in islice(heading.iterancestors(), 3)
             for one in islice(parent.itersiblings(preceding=True), 5)
             for text in [" ".join(one.itertext())])  # fmt: skip
    for text in (*heading.itertext(), *above):
        if found := _date_in(text, now, language):
            return _Shown(_midnight(found[0]), None, False)
    return None


def _opening(text: str) -> str:
    """The beginning of a paragraph where it can be its date: "27.1.2026 - The council"."""
    start = text.lstrip(" \n\t(")[:OPENING]
    return start if start[:1].isdecimal() else ""


def _date_in(text: str, now: datetime, language: str) -> tuple[datetime, str] | None:
    """The date in a short text, where it can be."""
    if not 6 <= len(text.strip()) <= MAX_SHOWN or not any(map(str.isdecimal, text)):
        return None
    if _IMPRINT.search(text):
        return None
    found = from_words(western(text), language=language)
    return found if found and possible(found[0], now) else None


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, tzinfo=UTC)


def _labelled(tree: HtmlElement, now: datetime, language: str) -> datetime | None:
    """The first date in an element whose class says that it is one, outside comments, teasers and
    sidebars."""
    for element in tree.iterfind(".//*[@class]"):
        label = element.get("class") or ""
        if _DATE_LABEL.search(label) and not _CHANGED.search(label):
            text = " ".join(islice(element.itertext(), 6))
            if (found := _date_in(text, now, language)) and not surroundings(element):
                return _midnight(found[0])
    return None


def _anywhere(tree: HtmlElement, now: datetime, language: str) -> datetime | None:
    """The first date in a short text of the page."""
    root = tree.find(".//body")
    texts = (tree if root is None else root).itertext(*_SHOWN_TAGS)
    for text in islice(texts, MAX_TEXTS):
        if YEARS.search(text) and (found := _date_in(text, now, language)):
            return _midnight(found[0])
    return None


def _searched(tree: HtmlElement, url: str, now: datetime) -> Dated | None:
    """The date by htmldate's search of the whole page, its scripts included; a day."""
    if sum(1 for _ in islice(tree.iter(), MAX_SEARCHED)) == MAX_SEARCHED:
        return None
    found = find_date(
        copy.deepcopy(tree),  # it prunes the tree
        extensive_search=False,  # it takes six times as long and finds 1 % more
        original_date=True,
        url=url,
        min_date=EARLIEST,
        max_date=now + FUTURE,
    )
    day = parse_date(found) if found else None
    return Dated(day[0], "day", "text") if day and possible(day[0], now) else None


def _stated(
    evidence: Evidence, entry: Entry | None, now: datetime, language: str
) -> Iterator[Dated]:
    """The stated publication dates that can be, best source first."""
    month_first = language in ("en", "en-us", "")
    for value, source in _published_values(evidence, entry):
        if isinstance(value, datetime):
            found: tuple[datetime, str] | None = _of_entry(
                value, entry.published_precision if entry else ""
            )
        else:
            found = parse_date(value, month_first=month_first, language=language)
        if found and possible(found[0], now):
            yield Dated(*found, source)


def _of_entry(when: datetime, precision: str) -> tuple[datetime, str]:
    return (_midnight(when), "day") if precision == "day" else (when, "instant")


def modified(evidence: Evidence, entry: Entry | None, now: datetime) -> Dated | None:
    """When the page says it was last changed."""
    values: list[tuple[Any, str]] = [(evidence.article.get("dateModified"), "json-ld")]
    values += [(value, "meta") for value in evidence.all(*MODIFIED_META)]
    values += [(value, "microdata") for value in evidence.itemprop.get("dateModified", ())]
    values += [(t.value, "time") for t in evidence.times if "dateModified" in t.itemprop]
    if entry and entry.updated:
        values.append((entry.updated, "feed"))
    for value, source in values:
        found = (
            _of_entry(value, entry.updated_precision if entry else "")
            if isinstance(value, datetime)
            else parse_date(value)
        )
        if found and possible(found[0], now):
            return Dated(*found, source)
    return None


def possible(when: datetime, now: datetime) -> bool:
    """Can a page fetched at ``now`` have been published then?"""
    return EARLIEST <= when <= now + FUTURE


def _published_values(evidence: Evidence, entry: Entry | None) -> Iterator[tuple[Any, str]]:
    article = evidence.article
    for key in ("datePublished", "dateCreated"):
        if article.get(key):
            yield article[key], "json-ld"
    for name in PUBLISHED_META[:6]:
        for value in evidence.meta.get(name, ()):
            yield value, "opengraph"
    for value in evidence.itemprop.get("datePublished", ()):
        yield value, "microdata"
    for time in evidence.times:
        if "datePublished" in time.itemprop:
            yield time.value or time.text, "microdata"
    for name in PUBLISHED_META[6:]:
        for value in evidence.meta.get(name, ()):
            yield value, "meta"
    for node in evidence.ld:
        if node is not article and node.get("datePublished"):
            yield node["datePublished"], "json-ld"
    if entry and entry.published:
        yield entry.published, "feed"
    yield from _times(evidence.times)


def _times(times: list[Time]) -> Iterator[tuple[str, str]]:
    """The values of ``<time>``: those labelled as published, then the first that is no update."""
    good = ("publish", "entry-date", "pubdate", "posted", "date-created", "article-date", "byline",
            "article__date", "post-date", "dateline", "timestamp")  # fmt: skip
    bad = ("update", "modif", "comment", "related", "teaser", "sidebar", "widget", "footer",
           "aside",            "expire", "event", "recent", "popular")  # fmt: skip
    kept = [time for time in times if not any(word in time.label for word in bad)]
    for time in kept:
        if any(word in time.label for word in good):
            yield time.value or time.text, "time"
    for time in kept[:3]:
        yield time.value or time.text, "time"
