"""Which news agency a story comes from, told by how it is signed.

Only places where agencies sign are read: bylines and credits, a dateline at the beginning, a
credit or copyright line at the end. An agency named in running text ("told Reuters") is none.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wirewatch.records import Record, Story
from wirewatch.settings import Settings

OPENING = 240  # characters: a dateline ("WASHINGTON, March 3 (Reuters) -") is never further in
CLOSING = 400  # characters at the end of a text: credit and copyright lines
CREDIT = 200  # characters of a byline or credit; longer is prose
FILE_LIMIT = 1_000_000  # bytes of an agencies file: 100 kB is a thousand agencies
# An agency that merely helped is not whose copy it is.
_HELPED = re.compile(
    r"contribut\w* to this|mit Material|con informaci[oó]n de|avec l'appui|с участием", re.I
)
_DASH = r"(?:[-–—―−]|--|:|\.-|\.\s?[-–—])"


class BadAgencies(ValueError):
    """The agencies file cannot be used; the message says why."""


class Credit(Record, frozen=True, kw_only=True):
    """The agency that a story is signed with, and where that stands."""

    agency: str = ""  # "" when it is signed with none
    evidence: str = ""  # "dateline: LONDON (Reuters) -"
    own: bool = False  # it stands on the agency's own page


class WireShare(Record, frozen=True, kw_only=True):
    """How much of an outlet is agency copy."""

    outlet: str
    stories: int
    wire: int
    share: float  # wire over stories, 0 to 1
    agencies: dict[str, int]  # stories by agency, most first


class Agencies:
    """The list of agencies, compiled."""

    def __init__(self, entries: Iterable[dict[str, Any]]) -> None:
        self._agencies: set[str] = set()
        self._outlets: dict[str, str] = {}  # folded outlet name or host to agency
        self._signs: list[tuple[str, re.Pattern[str]]] = []
        self._names: dict[str, str] = {}  # folded full name to agency
        self._short: dict[str, str] = {}  # abbreviation, in its own letters, to agency
        for entry in entries:
            name = entry.get("name")
            unknown = sorted(entry.keys() - {"name", "names", "short", "outlets", "signs"})
            if not isinstance(name, str) or not name or unknown:
                raise BadAgencies(f"agency {name!r}: has no name, or unknown keys {unknown}")
            for sign in entry.get("signs", ()):
                try:
                    self._signs.append((name, re.compile(sign)))
                except re.error as error:
                    raise BadAgencies(
                        f"agency {name}: a sign is no regular expression: {error}"
                    ) from None
            self._agencies.add(name)
            self._outlets |= {outlet.casefold(): name for outlet in entry.get("outlets", ())}
            self._names |= {full.casefold(): name for full in entry.get("names", ())}
            self._short |= dict.fromkeys(entry.get("short", ()), name)
        full = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True))) or "(?!)"
        short = "|".join(map(re.escape, sorted(self._short, key=len, reverse=True))) or "(?!)"
        named = rf"(?<!\w)(?:(?P<full>(?i:{full}))|(?P<short>{short}))(?!\w)"
        self._named = re.compile(named)
        # "LONDON (Reuters) -", "Berlin (dpa/lnw) -", "MADRID, 3 mar (EFE).-", "/TASS/", "(ANSA)"
        self._bracketed = re.compile(rf"[(\[/【（]\s*{named}[^()\[\]/【】（）]{{0,24}}[)\]/】）]")
        # "Reuters - The", "AFP – Le", "By the AP —"
        self._opening = re.compile(rf"^\W{{0,3}}{named}\s*{_DASH}")
        # "MOSCOW. Interfax -", "LONDON, Reuters —"
        self._placed = re.compile(rf"^[^\n.,]{{2,40}}[.,]\s+{named}\s*{_DASH}")
        # "Source: AP", "© 2024 AFP", "Copyright 2023 The Associated Press"
        signed = r"(?:source|quelle|fuente|fonte|source\s?:|источник|المصدر|via|copyright|©|\(c\))"
        year = r"(?:\d{4}(?:-\d{4})?,?\s+)?"
        lead_in = rf"(?i:(?:^|[\s(]){signed}[\s:©(c)]*{year}(?:by |the |von )?)"
        self._closing = re.compile(lead_in + named)
        self._signed = re.compile(signed, re.I)
        self._alone = re.compile(
            rf"^\W{{0,4}}(?:[\w.]{{2,8}}/)?{named}(?:/[\w.]{{2,8}})?\W{{0,4}}$"
        )

    def __len__(self) -> int:
        return len(self._agencies)

    def credit(self, story: Story) -> Credit:
        """The agency a story is signed with."""
        own = self.owner(story.article.outlet, story.article.host)
        if own:
            where = f"outlet: {story.article.outlet or story.article.host}"
            return Credit(agency=own, evidence=where, own=True)
        opening = story.article.text[:OPENING]
        for kind, pattern in (
            ("dateline", self._bracketed),
            ("dateline", self._opening),
            ("dateline", self._placed),
        ):
            if found := pattern.search(opening):
                return self._credit(found, kind, opening[: found.end()])
        for kind, lines in (("byline", story.article.authors), ("credit", story.article.credits)):
            for line in lines:
                if len(line) > CREDIT or _HELPED.search(line):
                    continue
                if found := self._named.search(line):
                    return self._credit(found, kind, line)
        return self._closing_credit(story.article.text)

    def _closing_credit(self, text: str) -> Credit:
        end = text[-CLOSING:] if len(text) > OPENING else ""
        lines = [line.strip() for line in end.split("\n")]
        for line in reversed(lines[1:] if len(text) > CLOSING else lines):
            if len(line) > CREDIT or _HELPED.search(line):
                continue
            if found := self._alone.match(line):
                return self._credit(found, "credit line", line)
            if found := self._closing_named(line):
                return self._credit(found, "copyright line", line)
        for place in (text[:OPENING], end):
            for name, sign in self._signs:
                if match := sign.search(place):
                    return Credit(agency=name, evidence=f"sign: {match[0][:CREDIT]}")
        last = lines[-1] if lines else ""
        found = self._bracketed.search(last[-60:])
        if found and found.end() >= len(last[-60:]) - 2:
            return self._credit(found, "credit line", last[-60:])
        return Credit()

    def _closing_named(self, line: str) -> re.Match[str] | None:
        if not self._signed.search(line):
            return None
        return self._closing.search(line)

    def _credit(self, found: re.Match[str], kind: str, where: str) -> Credit:
        full = found["full"]
        name = self._names[full.casefold()] if full else self._short[found["short"]]
        return Credit(agency=name, evidence=f"{kind}: {' '.join(where.split())[:CREDIT]}")

    def owner(self, outlet: str, host: str) -> str:
        """The agency whose own pages these are, or ""."""
        host = host.casefold().removeprefix("www.")
        return self._outlets.get(outlet.casefold(), "") or self._outlets.get(host, "")


def load_agencies(settings: Settings) -> Agencies:
    """The list of config/agencies.toml and of the file that dedup.agencies_extra names.

    Raises BadAgencies when a file is missing, too large, or not of the form.
    """
    files = [settings.config_dir / "agencies.toml"]
    if settings["dedup.agencies_extra"]:
        files.append(settings.root / settings["dedup.agencies_extra"])
    return Agencies(entry for file in files for entry in read_agencies(file))


def read_agencies(file: Path) -> list[dict[str, Any]]:
    """The entries of one agencies file. Raises BadAgencies."""
    try:
        if file.stat().st_size > FILE_LIMIT:
            raise BadAgencies(f"{file}: over {FILE_LIMIT} bytes")
        entries = tomllib.loads(file.read_text("utf-8")).get("agency")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadAgencies(f"{file}: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadAgencies(f"{file}: must have [[agency]] tables")
    return entries


def wire_shares(counts: Mapping[str, Mapping[str, int]]) -> list[WireShare]:
    """The share of agency copy by outlet, the outlet with the most stories first.

    ``counts``: stories by outlet and agency, ``""`` for an outlet's own reporting.
    """
    shares = []
    for outlet, by_agency in counts.items():
        every = sum(by_agency.values())
        wire = every - by_agency.get("", 0)
        ordered = sorted(by_agency.items(), key=lambda pair: (-pair[1], pair[0]))
        named = {agency: count for agency, count in ordered if agency}
        shares.append(
            WireShare(outlet=outlet, stories=every, wire=wire, share=wire / every, agencies=named)
        )
    return sorted(shares, key=lambda share: (-share.stories, share.outlet))


def of_cluster(credited: Sequence[str]) -> str:
    """The agency that most stories of a cluster are signed with, by name where they tie."""
    counts = Counter(agency for agency in credited if agency)
    return min(counts, key=lambda agency: (-counts[agency], agency)) if counts else ""
