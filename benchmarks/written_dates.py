"""Written dates read by this project and by dateparser.

    python benchmarks/written_dates.py DIR... [--json FILE]

Three sets:

- ``grid``: made by Babel for LANGUAGES, as CLDR writes dates there (long, medium, full), DAYS each.
- ``pages``: short texts of the gold pages in every DIR (``gold.jsonl``, as extraction.py reads it)
  whose numbers, but for the clock's, are those of the gold date: year, month, day, or year and day
  beside words. A few say another month; they count as wrong for all.
- ``noise``: short texts of the same pages with digits but without any year; every date is wrong.

Every system says right, wrong (worse than none), none, and microseconds a text in one process.
dateparser must find day, month and year (``STRICT_PARSING``); it is told the language or not, and
searches within a text or takes it whole.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import dateparser
from babel.dates import format_date
from dateparser.search import search_dates
from lxml import html

from extraction import pages
from wirewatch.encodings import decode
from wirewatch.written_dates import parse_date

LANGUAGES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "ca", "sv", "da", "nb", "fi", "et", "lt", "pl", "cs",
    "sk", "sl", "hr", "sr", "bg", "ro", "hu", "el", "tr", "ru", "uk", "ar", "fa", "he", "hi", "bn",
    "th", "vi", "id", "ka", "zh", "ja", "ko", "sw",
)  # fmt: skip
DAYS = 12  # of a language: one in every month
NOISE = 500  # texts without a date
SHORT = range(6, 91)  # characters of a text that may show a date, as extract/dates.py has it
STRICT = {"STRICT_PARSING": True, "PREFER_DATES_FROM": "past", "RETURN_AS_TIMEZONE_AWARE": False}
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?::\d\d(?:\.\d+)?)?(?![\d.])|[+-]\d\d:?\d\d$")


class Case(NamedTuple):
    """A text, the language it is in ("" where unknown), and the day it says, if any."""

    text: str
    language: str
    day: date | None


def grid(random: random.Random) -> Iterator[Case]:
    """Dates as CLDR writes them, one a month, language and length."""
    for language in LANGUAGES:
        for month in range(1, DAYS + 1):
            day = date(random.randrange(2000, 2027), month, 1) + timedelta(random.randrange(28))
            for length in ("long", "medium", "full"):
                yield Case(format_date(day, length, locale=language), language, day)


def shown(folders: list[Path]) -> Iterator[tuple[Case, bool]]:
    """The short texts with digits of gold pages, and whether they have a year; each text once."""
    for folder in folders:
        for gold, body in pages(folder):
            try:
                day = date.fromisoformat((gold.get("date") or "")[:10])
            except ValueError:
                continue
            tree = html.fromstring(
                decode(body).text.encode(), parser=html.HTMLParser(encoding="utf-8")
            )
            language = re.split("[-_]", tree.get("lang") or "")[0].lower()
            texts = {
                " ".join(text.split()): None
                for element in tree.iter()
                if isinstance(element.tag, str) and element.tag not in ("script", "style")
                for text in (element.text or "", element.tail or "", element.get("content") or "",
                             element.get("datetime") or "")
            }  # fmt: skip
            for text in texts:
                if len(text) in SHORT and re.search(r"\d", text):
                    numbers = {int(number) for number in re.findall(r"\d+", _CLOCK.sub("", text))}
                    named = bool(re.search(r"[^\W\d_]{3}", text))
                    if (numbers == {day.year, day.day} and named) or (
                        numbers == {day.year, day.month, day.day}
                    ):
                        yield Case(text, language, day), True
                    elif not text.isdecimal() and not re.search(r"(?:19|20)\d\d|\d[./-]\d", text):
                        yield Case(text, language, None), False


def ours(case: Case) -> date | None:
    """This project's reader."""
    found = parse_date(case.text, language=case.language)
    return found[0].date() if found else None


def ours_unaided(case: Case) -> date | None:
    """The same without the language."""
    return ours(case._replace(language=""))


def whole(case: Case) -> date | None:
    """dateparser, given the whole text and its language."""
    languages = [case.language] if case.language in KNOWN else None
    found = dateparser.parse(case.text, languages=languages, settings=STRICT)
    return found.date() if found else None


def whole_unaided(case: Case) -> date | None:
    """dateparser, given the whole text alone."""
    return whole(case._replace(language=""))


def searched(case: Case) -> date | None:
    """dateparser's search within the text, given its language."""
    languages = [case.language] if case.language in KNOWN else None
    found = search_dates(case.text, languages=languages, settings=STRICT)
    return found[0][1].date() if found else None


KNOWN = frozenset(dateparser.languages.loader.default_loader.get_locale_map())
SYSTEMS: dict[str, Callable[[Case], date | None]] = {
    "wirewatch": ours,
    "wirewatch, no language": ours_unaided,
    "dateparser": whole,
    "dateparser, no language": whole_unaided,
    "dateparser search": searched,
}


def measured(system: Callable[[Case], date | None], cases: list[Case]) -> dict[str, Any]:
    """Counts and cost over the cases, after one pass that loads what the system needs."""
    for case in cases[::20]:
        system(case)
    start = time.process_time()
    found = [system(case) for case in cases]
    micros = (time.process_time() - start) / len(cases) * 1e6
    pairs = list(zip(found, cases, strict=True))
    wrong = [case for day, case in pairs if day and day != case.day]
    return {
        "texts": len(cases),
        "right": sum(day == case.day for day, case in pairs),
        "wrong": len(wrong),
        "none": sum(day is None and case.day is not None for day, case in pairs),
        "microseconds": round(micros, 1),
        "missed_languages": sorted({case.language for day, case in pairs if day != case.day})
        if len({case.language for case in cases}) == len(LANGUAGES) else [],
    }  # fmt: skip


def main() -> int:
    """Runs every system over every set, prints a table, writes the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--show", action="store_true", help="what wirewatch reads wrong or not")
    given = parser.parse_args()
    warnings.filterwarnings("ignore", module="dateparser")
    chance = random.Random(1)
    found = list(shown(given.folders))
    noise = [case for case, dated in found if not dated]
    sets = {
        "grid": list(grid(chance)),
        "pages": [case for case, dated in found if dated],
        "noise": chance.sample(noise, min(NOISE, len(noise))),
    }
    if given.show:
        for case in (case for cases in sets.values() for case in cases):
            if (day := ours(case)) != case.day:
                print(case.language, repr(case.text), case.day, day)
        return 0
    results: dict[str, Any] = {}
    for name, cases in sets.items():
        for system, run in SYSTEMS.items():
            one = results.setdefault(name, {})[system] = measured(run, cases)
            print(f"{name:6} {system:26} {one['texts']:5} texts  right {one['right']:5}  wrong "
                  f"{one['wrong']:4}  none {one['none']:4}  {one['microseconds']:9.1f} us  "
                  f"{' '.join(one['missed_languages'])}", flush=True)  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
