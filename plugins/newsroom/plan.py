"""Who printed what, in which version, where and when: the plan of the sample newsroom.

The plan knows no clock: it holds ages in hours before an epoch, and the same texts always give
the same plan. Pages and feeds are made from it for one epoch.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from newsroom.behaviours import ODDITIES, TREATMENTS, Oddity
from newsroom.churn import Source, Version, churn, seeded, source
from newsroom.outlets import BY_LABEL, OUTLETS, Outlet, speaking
from newsroom.phrases import PHRASES
from newsroom.texts import AGENCY_SHORT, Text, TextKind, load
from wirewatch import records
from wirewatch.records import stable_id

# Outlets that reprint each agency report, by language, in the order of the reports' slugs.
REPRINTS = {"en": (9, 5, 6, 4, 7, 3, 5), "es": (4, 3), "de": (3,), "ar": (2,)}
TRANSLATION_PRINTS = 2  # outlets that print a translation: it is a cluster of its own
OLDEST = 46.0  # hours before the epoch: the first report's release
RELEASE_STEP = 1.7  # hours between two reports' releases
SPREAD = 22.0  # hours within which the copies of a report appear
YOUNGEST = 0.5  # hours before the epoch of the last page

# What happens to the copies after the first, which is verbatim; taken in turn over all reports.
COPY_ROTA = (
    "rebylined",
    "headline_rewritten",
    "tail_cut",
    "brief",
    "boilerplate_added",
    "quotes_moved",
    "related_news",
    "paragraphs_dropped",
    "mix",
    "verbatim",
    "dateline_changed",
    "scraped",
    "paraphrase_light",
    "update",
    "paragraphs_reordered",
    "correction",
)
# Kinds that take the credit of the agency away with the byline.
UNCREDITED = frozenset({"rebylined", "scraped"})

# What the bylines that name no person have in common.
_DESK = re.compile(
    r"desk|staff|team|\bnews|correspond|redakt|redacci|agent|agenc|noticias|corresponsal|red/"
    r"|قسم|غرفة|تحرير|مراسل|هيئة|وكالات",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Placement:
    """One article page: a version of a text at an outlet."""

    outlet: Outlet
    text: Text
    cluster: str  # slug of the report that it is a copy of; its own slug otherwise
    version: Version
    age: float  # hours before the epoch
    number: int  # the outlet's id of the article
    slug: str
    byline: str  # as printed, with the word for "by"; may be the agency alone, or empty
    authors: tuple[str, ...]  # the people whom the page names as its authors
    agency: str = ""  # the agency that byline or dateline name, in full
    second_source: str = ""  # of a mix: the slug of the other report
    treatment: str = ""  # how the page is served: one of behaviours.TREATMENTS, or plainly
    revisable: bool = False  # whether the newsroom's revise() changes it
    hidden: bool = False  # missing from the first answer of the feed that lies about its ETag

    @property
    def key(self) -> str:
        """Its name in the plan: outlet and text."""
        return f"{self.outlet.label}/{self.text.slug}"

    def published(self, epoch: datetime) -> datetime:
        """When the outlet printed it: to the minute, in the outlet's own time zone."""
        moment = epoch - timedelta(hours=self.age)
        return moment.replace(second=0, microsecond=0).astimezone(self.outlet.clock)

    def path(self, epoch: datetime) -> str:
        """Path, and query where the outlet has one, of the page."""
        return path_of(self.outlet, self.slug, self.number, self.published(epoch))

    def shown(self, revised: bool) -> tuple[str, ...]:
        """The paragraphs as printed: the later version's once the newsroom revised it."""
        if not (revised and self.revisable):
            return self.version.body
        return replace_body(self.version, self.text.revision)


@dataclass(frozen=True)
class Plan:
    """Every article page and every odd page of the newsroom."""

    placements: tuple[Placement, ...]
    oddities: tuple[Oddity, ...]

    def of(self, outlet: Outlet) -> tuple[Placement, ...]:
        """The outlet's articles, newest first."""
        own = [placement for placement in self.placements if placement.outlet == outlet]
        return tuple(sorted(own, key=lambda placement: (placement.age, placement.number)))

    def odd(self, outlet: Outlet) -> tuple[Oddity, ...]:
        """The outlet's odd pages."""
        return tuple(oddity for oddity in self.oddities if oddity.outlet == outlet.label)


def path_of(outlet: Outlet, slug: str, number: int, moment: datetime) -> str:
    """An article's path at an outlet."""
    return outlet.path.format(
        slug=slug,
        number=number,
        year=f"{moment.year:04d}",
        month=f"{moment.month:02d}",
        day=f"{moment.day:02d}",
    )


def replace_body(version: Version, paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Other paragraphs under the version's dateline."""
    if not version.dateline:
        return tuple(paragraphs)
    return (f"{version.dateline} {paragraphs[0]}", *paragraphs[1:])


@cache
def plan() -> Plan:
    """The plan: the same in every process."""
    texts = load()
    placed = [*_reports(texts)]
    placed += _translations(texts, placed)
    placed += _own(texts, placed)
    return Plan(_treated(placed), ODDITIES)


def is_person(name: str) -> bool:
    """Whether a byline of the newsroom's texts names a person, not a desk."""
    return bool(name) and not _DESK.search(name)


def _source(text: Text) -> Source:
    return source(
        text.headline,
        text.paragraphs,
        dateline=text.dateline if text.kind is TextKind.AGENCY else "",
        author=text.author,
        agency=AGENCY_SHORT.get(text.agency, ""),
        headlines=text.other_headlines,
    )


def _reports(texts: Iterable[Text]) -> list[Placement]:
    """The agency reports: on the agency's own site where it has one, and at those who reprint."""
    reports = [text for text in texts if text.kind is TextKind.AGENCY]
    rota = 0
    placed: list[Placement] = []
    seen: Counter[str] = Counter()
    for order, text in enumerate(reports):
        pool = [outlet for outlet in speaking(text.language) if outlet.label != "northwire"]
        counts = REPRINTS[text.language]
        wanted = min(len(pool), counts[seen[text.language] % len(counts)])
        start = seen[text.language] * 3  # so that the reports go to different outlets
        seen[text.language] += 1
        release = OLDEST - RELEASE_STEP * order
        if text.agency == "Northwire":
            placed.append(_placement(BY_LABEL["northwire"], text, "verbatim", release, None))
        rng = seeded("plan", text.slug)
        delays = sorted(rng.uniform(0.2, SPREAD) for _ in range(wanted))
        same = [other for other in reports if other.language == text.language and other != text]
        for n in range(wanted):
            outlet = pool[(start + n) % len(pool)]
            kind = "verbatim"
            if n:
                kind, rota = COPY_ROTA[rota % len(COPY_ROTA)], rota + 1
            other = same[order % len(same)] if same else None
            if kind == "mix" and other is None:
                kind = "tail_cut"
            placed.append(_placement(outlet, text, kind, release - delays[n], other))
    return placed


def _translations(texts: Iterable[Text], placed: list[Placement]) -> list[Placement]:
    """Each translation at some outlets of its language, after the report it translates."""
    made: list[Placement] = []
    for text in texts:
        if text.kind is not TextKind.TRANSLATION:
            continue
        first = max(p.age for p in placed if p.cluster == text.translation_of)
        outlets = _least_used(speaking(text.language), [*placed, *made])[:TRANSLATION_PRINTS]
        for n, outlet in enumerate(outlets):
            kind = ("verbatim", "rebylined")[n % 2]
            made.append(_placement(outlet, text, kind, first - 3 - 2.5 * n, None))
    return made


def _own(texts: Iterable[Text], placed: list[Placement]) -> list[Placement]:
    """Outlets' own reports and the template reports, each at one outlet."""
    made: list[Placement] = []
    for text in texts:
        if text.kind not in (TextKind.OWN, TextKind.TEMPLATE):
            continue
        pool = [outlet for outlet in speaking(text.language) if outlet.label != "northwire"]
        outlet = _least_used(pool, [*placed, *made])[0]
        age = seeded("plan", text.slug).uniform(YOUNGEST, OLDEST)
        made.append(_placement(outlet, text, "verbatim", age, None))
    return made


def _least_used(pool: Iterable[Outlet], placed: Iterable[Placement]) -> list[Outlet]:
    used = Counter(placement.outlet.label for placement in placed)
    return sorted(pool, key=lambda outlet: used[outlet.label])


def _placement(outlet: Outlet, text: Text, kind: str, age: float, other: Text | None) -> Placement:
    rng = seeded("newsroom", outlet.label, text.slug, kind)
    second = _source(other) if other is not None and kind == "mix" else None
    version = churn(kind, _source(text), rng, other=second, language=text.language)
    relation = kind
    if text.kind is not TextKind.AGENCY and kind == "verbatim":
        relation = text.kind.value
    version = records.replace(version, kind=relation)
    byline, authors, credited = _byline(outlet, text, version, kind)
    signed = bool(text.agency) and f"({AGENCY_SHORT[text.agency]})" in version.dateline
    agency = text.agency if credited or signed else ""
    number = 100_000 + int(stable_id(outlet.label, text.slug), 16) % 900_000
    return Placement(
        outlet=outlet,
        text=text,
        cluster=text.slug,
        version=version,
        age=round(max(YOUNGEST, age), 3),
        number=number,
        slug=slugify(version.title) or str(number),
        byline=byline,
        authors=authors,
        agency=agency,
        second_source=other.slug if other is not None and kind == "mix" else "",
        revisable=bool(text.revision) and kind == "verbatim",
    )


def _byline(
    outlet: Outlet, text: Text, version: Version, kind: str
) -> tuple[str, tuple[str, ...], bool]:
    """The byline as printed, the people it names, and whether it names the agency."""
    by = PHRASES[outlet.speaks].by
    name = version.byline
    agency = text.agency
    person = (name,) if is_person(name) else ()
    if not agency or kind in UNCREDITED:
        return (f"{by} {name}" if person else name), person, False
    short = AGENCY_SHORT[agency]
    style = seeded("byline", outlet.label, text.slug).choice(("name", "both", "short", "agency"))
    if outlet.label == "northwire":
        style = "both"
    if style == "agency" or not person:
        return agency, (), True
    if style == "short":
        return f"{by} {name} ({short})", person, True
    if style == "both":
        return f"{by} {name}, {agency}", person, True
    return f"{by} {name}", person, False


def slugify(title: str) -> str:
    """A title as the ASCII words of a path; "" when it has none."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower())
    return "-".join(words[:9])


def _treated(placed: list[Placement]) -> tuple[Placement, ...]:
    """The placements, with those marked that are served oddly (behaviours.TREATMENTS)."""
    by_outlet: dict[str, list[int]] = {outlet.label: [] for outlet in OUTLETS}
    for at, placement in enumerate(placed):
        by_outlet[placement.outlet.label].append(at)
    made = list(placed)
    for label, nth, treatment in TREATMENTS:
        for at in by_outlet[label][nth : nth + 1]:
            made[at] = replace(made[at], treatment=treatment)
    lying = [
        at
        for at, placement in enumerate(made)
        if placement.outlet.has("lying_etag") and not placement.text.agency
    ]
    if lying:
        at = min(lying, key=lambda n: made[n].age)
        made[at] = replace(made[at], hidden=True)
    return tuple(made)
