"""The dates that readers see: beside the headline, in elements called dates, anywhere in the page.

What somebody else wrote is passed over (``places``), as is what is labelled as a change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from wirewatch.extract import date_labels, places
from wirewatch.extract.evidence import squeeze
from wirewatch.written_dates import LONGEST, Written, from_words, parse_date, western

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web is younger; older dates are template zeros
FUTURE = timedelta(hours=26)  # clocks, and local times of UTC+14 written without their offset
NEAR = 40  # pieces of text after the headline in which its date stands where one is shown
CLOSE = 8  # of these, the first in which a date is the headline's and no teaser's or sentence's
MAX_SHOWN = 90  # characters of a text that shows a date; a longer one is a sentence with one in it
MAX_CLOSE = 60  # the same for one that is to decide between stated dates
PIECES = 3  # that a date may be in: day, month and year
MAX_PIECE = 20  # characters of one of these
OPENING = 24  # characters at the beginning of a paragraph that can be its date
MAX_ABOVE = 3  # elements right above a headline that can be its date
MAX_TEXTS = 5_000  # pieces of text searched for a date

# When a Korean newspaper was registered; the day on which the page was read, as forums show it.
_OTHER = re.compile(
    r"등록(?:번호|년월일|연월일)|\b(?:aktuelle (?:uhr)?zeit|current (?:time|date)"
    r"|it is (?:now|currently)|today is|heute ist|es ist jetzt|nous sommes le|fecha actual"
    r"|hora actual|hoy es|ora corrente|oggi è|huidige tijd|vandaag is|aktuell tid"
    r"|obecny czas|текущее время|сегодня|aktuální čas)",
    re.I,
)
_DATE_LABEL = re.compile(
    r"(?:^|[\s_-])(?:date|datum|fecha|data|time|published|posted|pub-?date|timestamp|dateline"
    r"|publiziert|veroeffentlicht)(?:$|[\s_-])|(?:entry|post|article|news|pub|publish)-?(?:date|time)"
    r"|newsitem-time|artikeldatum",
    re.I,
)
_UPDATE_LABEL = re.compile(r"updat|modif|aktualis|actuali[sz]|edited", re.I)
_PHOTO_TAGS = frozenset(["figcaption", "figure"])
_BARS = re.compile(r"(?<=\d)\s?\|\s?(?=\d{1,4}(?:\s?\||\s*$))")  # 26 | 01 | 2026
# What may be read in either order.
_EITHER = re.compile(r"(?<!\d)\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d\d")


class Reader(NamedTuple):
    """How the dates of a page are read."""

    now: datetime  # when it was fetched: none is later
    language: str  # BCP 47, lower case; "" where it is not known
    country: str  # ISO 3166-1 alpha-2; "" where it is not known
    month_first: Callable[[], bool]  # is 3/4/2026 in March?

    def date(self, value: object) -> Written | None:
        """A value that is a date and nothing else, where it can be."""
        return self._possible(
            parse_date(value, month_first=first, language=self.language)
            for first in self._orders(value)
        )

    def words(self, text: str) -> Written | None:
        """The first date in a short text, where it can be."""
        if not 6 <= len(text.strip()) <= MAX_SHOWN or not any(map(str.isdecimal, text)):
            return None
        if _OTHER.search(text):
            return None
        text = _BARS.sub(".", western(text))
        return self._possible(
            from_words(text, month_first=first, language=self.language)
            for first in self._orders(text)
        )

    def _orders(self, value: object) -> tuple[bool, ...]:
        """The orders of day and month to try; the other one, too, where the usual one's day is
        still to come."""
        if not isinstance(value, str) or not _EITHER.search(western(value[:LONGEST])):
            return (False,)
        first = self.month_first()
        return (first, not first)

    def _possible(self, dates: Iterable[Written | None]) -> Written | None:
        return next((found for found in dates if found and possible(found[0], self.now)), None)


class Shown(NamedTuple):
    """A date beside the headline."""

    day: datetime  # midnight in UTC
    clock: datetime | None  # with the time of day that it shows, as if in UTC
    close: bool  # right beneath the headline


def possible(when: datetime, now: datetime) -> bool:
    """Can a page fetched at ``now`` have been published then?"""
    return EARLIEST <= when <= now + FUTURE


def midnight(when: datetime) -> datetime:
    """The beginning of the day that is shown, in UTC."""
    return when.replace(hour=0, minute=0, second=0, tzinfo=UTC)


def beside(heading: HtmlElement, reader: Reader) -> Shown | None:
    """The first date in a short text after the page's headline, in it, or the last one above."""
    after = islice(places.texts_after(heading), NEAR)
    for position, text, (when, precision) in _dated((text for text, _ in after), reader):
        close = position < CLOSE and len(text.strip()) <= MAX_CLOSE
        return Shown(midnight(when), when if precision == "instant" else None, close)
    for text in _just_above(heading):
        if found := published(text, "", reader):
            return Shown(midnight(found[0]), None, True)
    above = (text for parent in islice(heading.iterancestors(), 3)
             for one in islice(parent.itersiblings(preceding=True), 5)
             if not places.is_apart(one)
             for text in [" ".join(one.itertext())])  # fmt: skip
    for text in (*heading.itertext(), *above):
        if found := published(text, "", reader):
            return Shown(midnight(found[0]), None, False)
    return None


def _just_above(heading: HtmlElement) -> Iterator[str]:
    """The short texts right above a headline, the nearest first."""
    for element in (heading, *islice(heading.iterancestors(), 1)):
        for one in islice(element.itersiblings(preceding=True), MAX_ABOVE):
            text = squeeze(" ".join(islice(one.itertext(), NEAR)))
            if len(text) <= MAX_CLOSE and one.tag != "nav" and not places.is_apart(one):
                yield text


def labelled(tree: HtmlElement, reader: Reader) -> datetime | None:
    """The first date in an element whose class says that it is one, outside comments, teasers and
    sidebars."""
    for element in tree.iterfind(".//*[@class]"):
        label = element.get("class") or ""
        if not _DATE_LABEL.search(label) or _UPDATE_LABEL.search(label):
            continue
        text = " ".join(islice(element.itertext(), 6))
        if reader.words(text) is None or places.surroundings(element):
            continue
        if found := published(text, change_before(element), reader):
            return midnight(found[0])
    return None


def anywhere(tree: HtmlElement, reader: Reader, *, within: bool) -> datetime | None:
    """The first date in a short text of the page; ``within`` the article, no sidebar or teaser."""
    texts = (text for text, element in islice(places.texts(_body(tree)), MAX_TEXTS)
             if element.tag not in _PHOTO_TAGS
             and not (within and places.surroundings(element)))  # fmt: skip
    return next((midnight(found[0]) for _, _, found in _dated(texts, reader)), None)


def changed(tree: HtmlElement, reader: Reader) -> datetime | None:
    """The first date that is labelled as a change."""
    last = ""
    for text, _ in islice(places.texts(_body(tree)), MAX_TEXTS):
        found = reader.words(text)
        if found and published(text, _of_change(date_labels.as_label(last)), reader) is None:
            return midnight(found[0])
        last = text
    return None


def published(text: str, before: str, reader: Reader) -> Written | None:
    """The date in a short text, given the label before it, where it is no change's."""
    if reader.words(text) is None:
        return None
    return reader.words(date_labels.published_part(f"{before} {text}" if before else text))


def change_before(element: HtmlElement) -> str:
    """The label before an element, where it tells of a change; else empty."""
    return _of_change(date_labels.label_before(element))


def _of_change(label: str) -> str:
    return label if date_labels.is_changed(label) else ""


def _published_behind(last: str, text: str, reader: Reader) -> Written | None:
    """The same as :func:`published`, given the text before, whose end may be a label. Few texts
    are dates, so labels are looked for only before those.
    """
    if reader.words(text) is None:
        return None
    return published(text, _of_change(date_labels.as_label(last)), reader)


def _dated(texts: Iterable[str], reader: Reader) -> Iterator[tuple[int, str, Written]]:
    """The texts that show when something was published: their position, the text, the date.

    A date may be in several pieces: "21", "November", "2026" of a leaf of a calendar.
    """
    last, pieces = "", [""] * PIECES
    for position, text in enumerate(texts):
        if len(text) > MAX_SHOWN:
            text = _opening(text)
        if found := _published_behind(last, text, reader):
            yield position, text, found
        pieces = [*pieces[1:], text.strip() if len(text) <= MAX_PIECE else ""]
        if not found and all(pieces[-2:]):
            joined = " ".join(pieces).strip()
            if found := _published_behind(last, joined, reader):
                yield position, joined, found
        last = text


def _body(tree: HtmlElement) -> HtmlElement:
    body = tree.find(".//body")
    return tree if body is None else body


def _opening(text: str) -> str:
    """The beginning of a paragraph where it can be its date: "27.1.2026 - The council"."""
    start = text.lstrip(" \n\t(")[:OPENING]
    return start if start[:1].isdecimal() else ""
