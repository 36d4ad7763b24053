"""When a page was published: the best date among what it says, with precision and source.

Order: JSON-LD, article meta tags, microdata, other meta tags, ``<time>``, the feed's entry, the
URL, the text beside the headline, last htmldate's search of the whole page. A date that cannot be
(before 1990, or after the fetch by more than a day) falls to the next source, as does an expiry
date, which nothing here reads. Where stated dates contradict each other, the one that readers see
beside the headline decides. A date that is labelled as a change is none of the publication.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from wirewatch.extract import date_habits, places, shown_dates
from wirewatch.extract.date_labels import is_changed, published_part
from wirewatch.extract.evidence import Evidence, Time
from wirewatch.extract.shown_dates import (
    EARLIEST,
    FUTURE,
    Reader,
    Shown,
    midnight,
    possible,
)
from wirewatch.records import Entry
from wirewatch.written_dates import Written, from_url, parse_date

MAX_STATED = 12  # stated dates that are held against each other
MAX_SEARCHED = 20_000  # elements of a page that htmldate searches: 6 ms for a usual page
MAX_SCRIPT = 200_000  # characters of a script in which a publication date is looked for
MAX_ORDERS = 2_000  # pieces of text in which a date shows whether day or month is first

_IN_SCRIPT = re.compile(
    r"""["']?\b(?:\w{0,20}_)?(?:date_?published|published_?(?:date|at|time|on)|publi(?:cation|sh|shing)_?"""
    r"""date|first_?published\w{0,10}|\w{0,20}publi(?:cation|sh|shing)date)\\?["']?\s{0,3}[:=]\s{0,3}"""
    r"""\\?["']([^"'\\]{6,40})""",
    re.I,
)


_DAY_LAST = re.compile(r"[/_-](\d{1,2}[-.]\d{1,2}[-.](?:19|20)\d\d)(?:\.html?)?/?$")


class Dated(NamedTuple):
    """A date as found: aware, in the page's own offset (UTC where it states none)."""

    when: datetime
    precision: str  # "instant" or "day"
    source: str


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


def reader(
    tree: HtmlElement, evidence: Evidence, url: str, now: datetime, language: str, country: str
) -> Reader:
    """How the page's dates are read; ``now`` is when it was fetched: the clock is not read.

    ``country`` is the outlet's (ISO 3166-1 alpha-2), where it is known.
    """
    spoken = (evidence.lang or language).lower().replace("_", "-")
    country = date_habits.country(url, spoken, country)
    pieces = (text for text, _ in islice(places.texts(tree), MAX_ORDERS))
    month_first = partial(date_habits.month_first, country, spoken, pieces)
    return Reader(now, spoken, country, cache(month_first))


def published(
    tree: HtmlElement,
    heading: HtmlElement | None,
    evidence: Evidence,
    entry: Entry | None,
    url: str,
    reader: Reader,
) -> Dated | None:
    """The publication date by the best source that gives one that can be.

    ``heading`` is the element that shows the headline.
    """
    in_url = from_url(url)
    if in_url and not possible(in_url[0], reader.now):
        in_url = None
    stated = list(islice(_stated(evidence, entry, reader), MAX_STATED))
    shown = shown_dates.beside(heading, reader) if heading is not None else None
    if not stated:
        if in_url:
            return Dated(*in_url, "url")
        return (
            _shown(tree, shown, reader) or _last_in_url(url, reader) or _searched(tree, url, reader)
        )
    first = stated[0]
    if in_url and _can_be(first, in_url[0]):
        return _on_day(first, in_url[0])
    if shown and shown.day.date() == first.when.date():
        return first
    if shown is None or not shown.close:
        return _at_home(first, reader)
    if in_url and shown.day.date() == in_url[0].date():
        return Dated(*in_url, "url")
    changed = modified(evidence, entry, reader)
    for other in stated[1:]:
        if other.when.date() == shown.day.date() and not _is_of_change(other, first, changed):
            return _on_day(first, shown.day) if _can_be(first, shown.day) else other
    if _can_be(first, shown.day) and (offset := _offset(first.when, shown)):
        return first._replace(when=first.when.astimezone(timezone(offset)))
    if first.source == "meta" and shown.day < first.when and not _can_be(first, shown.day):
        return Dated(shown.day, "day", "text")  # many call the last change "date"
    return _at_home(first, reader)


def _is_of_change(other: Dated, first: Dated, changed: Dated | None) -> bool:
    """Is a stated publication the page's last change: its instant, or a tag's day of it where an
    earlier publication is stated too?"""
    if changed is None:
        return False
    late = other.precision == "day" and other.source != "time" and first.when < changed.when
    return other.when == changed.when or (late and other.when.date() == changed.when.date())


def _shown(tree: HtmlElement, shown: Shown | None, reader: Reader) -> Dated | None:
    """The day of a page that states none: what it shows, or else what its scripts know. Where it
    dates its last change alone, that day stands in."""
    day = (
        (shown.day if shown and shown.close else None)
        or shown_dates.labelled(tree, reader)
        or (shown.day if shown else None)
        or shown_dates.anywhere(tree, reader, within=True)
        or _in_scripts(tree, reader)
    )
    if day is None and (day := shown_dates.changed(tree, reader)):
        return Dated(day, "day", "change")
    day = day or shown_dates.anywhere(tree, reader, within=False)
    return Dated(day, "day", "text") if day else None


def _last_in_url(url: str, reader: Reader) -> Dated | None:
    """The day that ends a URL with the year behind: /reports/29-10-2026."""
    found = _DAY_LAST.search(urlsplit(url).path)
    written = reader.date(found[1]) if found else None
    return Dated(midnight(written[0]), "day", "url") if written else None


def _at_home(stated: Dated, reader: Reader) -> Dated:
    """An instant that is stated in UTC in the offset of the page's country."""
    if stated.precision == "day" or stated.when.utcoffset():
        return stated
    zone = date_habits.offset(stated.when, reader.country, reader.language)
    return stated._replace(when=stated.when.astimezone(zone)) if zone else stated


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


def _offset(stated: datetime, shown: Shown) -> timedelta | None:
    """The offset from UTC that the shown clock tells: it shows the stated minute, whole quarters
    of an hour away."""
    if shown.clock is None:
        return None
    apart = round((shown.clock - stated).total_seconds() / 60)
    quarters, rest = divmod(apart + 1, 15)  # clocks show the minute, rounded either way
    if rest > 2 or abs(quarters) > 14 * 4:
        return None
    return timedelta(minutes=15 * quarters)


def _in_scripts(tree: HtmlElement, reader: Reader) -> datetime | None:
    """The day that the page's scripts call its publication, where they name one only."""
    days = set()
    for script in tree.iter("script"):
        text = (script.text or "")[:MAX_SCRIPT]
        for found in islice(_IN_SCRIPT.finditer(text), MAX_STATED):
            if (read := reader.date(found[1])) is not None:
                days.add(midnight(read[0]))
    return days.pop() if len(days) == 1 else None


def _searched(tree: HtmlElement, url: str, reader: Reader) -> Dated | None:
    """The date by htmldate's search of the whole page, its scripts included; a day."""
    if sum(1 for _ in islice(tree.iter(), MAX_SEARCHED)) == MAX_SEARCHED:
        return None
    work = copy.deepcopy(tree)  # it prunes the tree
    for element in [one for one in work.iter() if _is_other(one, reader)]:
        element.drop_tree()
    found = find_date(
        work,
        extensive_search=False,  # it takes six times as long and finds 1 % more
        original_date=True,
        url=url,
        min_date=EARLIEST,
        max_date=reader.now + FUTURE,
    )
    day = parse_date(found) if found else None
    return Dated(day[0], "day", "text") if day and possible(day[0], reader.now) else None


def _is_other(element: HtmlElement, reader: Reader) -> bool:
    """Is what the element dates no publication of this article?"""
    if element.getparent() is None:
        return False
    if element.tag == "meta":
        names = (element.get("property") or element.get("name") or "").lower()
        return names in MODIFIED_META or element.get("itemprop") == "dateModified"
    text = element.text or ""
    return (
        "dateModified" in (element.get("itemprop") or "")
        or places.is_apart(element)
        or (reader.words(text) is not None and not reader.words(published_part(text)))
    )


def _stated(evidence: Evidence, entry: Entry | None, reader: Reader) -> Iterator[Dated]:
    """The stated publication dates that can be, best source first."""
    for value, source in _published_values(evidence, entry):
        if isinstance(value, datetime):
            found = _of_entry(value, entry.published_precision if entry else "", reader)
        else:
            found = reader.date(value)
        if found:
            yield Dated(*found, source)


def _of_entry(when: datetime, precision: str, reader: Reader) -> Written | None:
    found = (midnight(when), "day") if precision == "day" else (when, "instant")
    return found if possible(found[0], reader.now) else None


def modified(evidence: Evidence, entry: Entry | None, reader: Reader) -> Dated | None:
    """When the page says it was last changed."""
    values: list[tuple[Any, str]] = [(evidence.article.get("dateModified"), "json-ld")]
    values += [(value, "meta") for value in evidence.all(*MODIFIED_META)]
    values += [(value, "microdata") for value in evidence.itemprop.get("dateModified", ())]
    values += [(time.value, "time") for time in evidence.times if _is_change(time)]
    if entry and entry.updated:
        values.append((entry.updated, "feed"))
    for value, source in values:
        found = (
            _of_entry(value, entry.updated_precision if entry else "", reader)
            if isinstance(value, datetime)
            else reader.date(value)
        )
        if found:
            return Dated(*found, source)
    return None


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
        if "datePublished" in time.itemprop and places.surroundings(time.element) != "apart":
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
    bad = ("comment", "related", "teaser", "sidebar", "widget", "footer", "aside", "expire",
           "event", "recent", "popular")  # fmt: skip
    kept = [
        time
        for time in times
        if not any(word in time.label for word in bad)
        and not _is_change(time)
        and not places.surroundings(time.element)
    ]
    for time in kept:
        if any(word in time.label for word in good):
            yield time.value or time.text, "time"
    for time in kept[:3]:
        yield time.value or time.text, "time"


def _is_change(time: Time) -> bool:
    """Does a ``<time>`` tell of a change, by its microdata, its class, its text or the words before
    it?"""
    if "datePublished" in time.itemprop:
        return False
    if "dateModified" in time.itemprop:
        return True
    own = (time.element.get("class") or "").lower()
    if "publish" in own:  # hAtom calls it "published updated" where nothing was changed since
        return False
    if "updat" in own or "modif" in own:
        return True
    label, text = shown_dates.change_before(time.element), time.text
    return bool(label or is_changed(text)) and not any(
        map(str.isdecimal, published_part(f"{label} {text}"))
    )
