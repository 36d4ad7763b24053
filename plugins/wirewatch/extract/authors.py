"""Who wrote it: people's names out of bylines, and the credit lines in which agencies stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from wirewatch.extract.evidence import Evidence, squeeze

MAX_AUTHORS = 20  # a list past this is a contributors' page, not a byline
MAX_CREDITS = 12
MAX_CREDIT = 160  # characters of a credit line; a longer one is a sentence
MAX_NAME_WORDS = 6  # "María de los Ángeles Pérez García"

# Words that begin a byline, by language: en, es, de, fr, it, nl/da/sv, pt, ar.
_BY = (
    r"(?:(?:written|reported|reporting|posted|published|story|text|words|compiled|edited|photos?"
    r"|(?:post |article )?authors?)\s*(?:by|:)|by|por|von|vom|par|di|door|av|af"
    r"|(?:ein(?:e)? )?(?:artikel|beitrag|analyse|kommentar|text(?: und interview)?|interview"
    r"|pressemitteilung|eingestellt|erstellt|veröffentlicht|geschrieben|verfasst|protokoll)\s*(?:von|:)"
    r"|autor(?:in|es|a)?\s*:|auteurs?\s*:|autor(?:in)?|redacci[oó]n\s*:|textos?\s*:|texte\s*:"
    r"|escrito por|publicado por|publié par|écrit par|un article de|propos recueillis par"
    r"|بقلم|كتبت?|إعداد|تقرير|تحرير)"
)
BYLINE = re.compile(rf"^\W*{_BY}\s*:?\s+", re.I)
_BY_AR = re.compile(r"^\W*(?:بقلم|كتبت?|إعداد|تقرير|تحرير)\s*[:：]?\s*")
_EMAIL = re.compile(r"\S+@\S+\.\S+")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_TAGS = re.compile(r"<[^>]{0,300}>")
_PARENTHESES = re.compile(r"\s*[(\[（][^)\]）]{0,80}[)\]）]")
_QUOTED = re.compile(r"[\"“”„«»]")
_WEEKDAY = re.compile(
    r"\s+(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|samstag|sonntag|hace|am|le|el|stand|datum|date|heute|gestern|vor)\.?$",
    re.I,
)
_CUT = re.compile(
    r"\s+[|•·–—/-]\s+|\s*[|•·]\s*|\s+(?:in|aus|for|für|from|desde|en|à|at)\s+(?=[A-ZÄÖÜÉ])"
    r"|\s+(?:für|for|pour|para)\s+|\s*(?:published|updated|posted|last updated|aktualisiert"
    r"|veröffentlicht"
    r"|publié|mis à jour|publicado|actualizado)\b|\s+(?:on\s+)?(?=\d{1,2}[./:\s]|\d{4}\b)"
    r"|,?\s+(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d)",
    re.I,
)
_SPLIT = re.compile(
    r"\s*[,;，、/&+|]\s*|\s*\n\s*|\s+(?:and|und|y|e|et|og|och|en|with|mit|con|avec)\s+|\s+و\s*(?=\S{2})",
    re.I,
)
_JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|journalist|writer|staff|contributor|columnist|producer|photographer"
    r"|analyst|bureau|chief|director|manager|professor|lecturer|fellow|phd|m\.?d\.?|intern|freelancer?|desk"
    r"|team|redaktion\w*|redakteur\w*|korrespondent\w*|reporterin|volont[aä]r\w*|autor\w*|agentur\w*|chefredakt\w*"
    r"|redacci[oó]n|redactora?|corresponsal|enviad[oa] especial|periodista|agencias?|editora?"
    r"|colaborador\w*"
    r"|r[ée]daction|r[ée]dacteur|r[ée]dactrice|journaliste|envoy[ée]e? sp[ée]ciale?"
    r"|correspondante?|agences?|avec"
    r"|redazione|redatie|news|nachrichten|noticias|online|media|press|presse|prensa|newspaper|magazine|tv|radio"
    r"|admin\w*|administrator|webmaster|user|unknown|anonymous|none|null|guest|contributors|services?|wires?"
    r"|agency|agencies|inc|ltd|llc|gmbh|group|network|university|institute|foundation|association|copyright"
    r"|stand|datum|date|von|nachricht|artikel|beiträge|interview|kg|ag|co|verein|stiftung|expert[ei]n?"
    r"|germany|deutschland|auteur|collectif|no author|share|follow|facebook|twitter|instagram"
    r"|comments?|read|minutes?|updated|today|zeitung|verlag|portal"
    r"|author|authors|view|profile|more|posts?|articles?|photos?|pictures?|www)\b"
    r"|تحرير|مراسل|وكالات|وكالة|هيئة|محرر|الأخبار|أخبار|صحيفة|قناة|موقع|المحرر",
    re.I,
)
AGENCIES = frozenset(
    [
        "reuters",
        "ap",
        "a.p.",
        "associated press",
        "the associated press",
        "afp",
        "agence france-presse",
        "agence france presse",
        "dpa",
        "deutsche presse-agentur",
        "deutsche presse agentur",
        "apa",
        "sda",
        "keystone-sda",
        "ats",
        "efe",
        "agencia efe",
        "europa press",
        "ansa",
        "upi",
        "bloomberg",
        "xinhua",
        "tass",
        "itar-tass",
        "interfax",
        "ria novosti",
        "kyodo",
        "kyodo news",
        "yonhap",
        "anadolu",
        "anadolu agency",
        "pa",
        "pa media",
        "press association",
        "aap",
        "cp",
        "the canadian press",
        "canadian press",
        "belga",
        "anp",
        "ntb",
        "tt",
        "ritzau",
        "lusa",
        "pti",
        "ians",
        "ani",
        "epd",
        "kna",
        "afxp",
        "sid",
        "dpa-afx",
        "reuters staff",
        "notimex",
        "telam",
        "télam",
        "spa",
        "wam",
        "mena",
        "kuna",
        "petra",
        "sana",
        "irna",
        "zuma",
        "getty images",
        "getty",
        "رويترز",
        "أ ف ب",
        "فرانس برس",
        "واس",
        "وام",
        "قنا",
        "بترا",
        "سانا",
    ]
)
_PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "do",
        "la",
        "le",
        "las",
        "los",
        "el",
        "al",
        "van",
        "von",
        "den",
        "der",
        "ten",
        "ter",
        "zu",
        "zum",
        "zur",
        "af",
        "av",
        "bin",
        "ibn",
        "ben",
        "y",
        "e",
        "mac",
        "mc",
        "du",
        "des",
        "und",
        "abu",
        "abd",
        "st",
        "bint",
        "o",
    ]
)
_LETTERS = re.compile(r"[^\W\d_]")
_CREDIT_META = ("source", "news_source", "syndication-source", "original-source", "copyright",
                "dc.rights", "dcterms.rights", "rights", "dc.source", "dcterms.source", "agency",
                "dc.publisher.agency", "article:source", "credit", "byl")  # fmt: skip
_CREDIT_LINE = re.compile(
    r"^\W{0,3}(?:©|\(c\)|copyright\b|quelle\b|source\b|fuente\b|المصدر|with (?:reporting"
    r"|material|files)\b"
    r"|mit material\b|con informaci[oó]n de\b|avec\b)|^\s*[(\[][^)\]]{2,40}[)\]]\s*$"
    r"|^\W{0,3}" + _BY + r"\s",
    re.I,
)
_DATELINE = re.compile(
    r"^[^\W\d_][\w .,'/’-]{1,60}?[,.]?\s*(?:\d{1,2}\.?\s*\w+\.?\s*)?"
    r"[(\[–—-]\s*[\w ./&-]{2,40}[)\]–—-]"
)
_ENDING_CREDIT = re.compile(r"[(\[][\w ./,&'’-]{2,60}[)\]]\s*\.?$")


def structured_authors(evidence: Evidence, entry_authors: Iterable[str]) -> Iterator[list[str]]:
    """Written author values, one list a source, best source first: JSON-LD, meta, the feed."""
    article = evidence.article
    by_id = {str(node["@id"]): node for node in evidence.ld if "@id" in node and "name" in node}
    yield list(ld_names(article.get("author"), by_id)) or list(
        ld_names(article.get("creator"), by_id)
    )
    for names in (
        ("article:author", "og:article:author"),
        ("author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
         "dc.creator.personalname", "cxenseparse:author", "article.author", "rnews:author"),
        ("authors", "citation_author", "article:author_name", "article:byline", "vr:author",
         "bt:author", "dc.contributor", "creator"),
    ):  # fmt: skip
        yield evidence.all(*names)
    yield evidence.itemprop.get("author", [])
    yield list(entry_authors)


def ld_names(value: Any, by_id: dict[str, Any] | None = None, depth: int = 0) -> Iterator[str]:
    """The names in a JSON-LD ``author``: text, object, list of them, or a reference into the graph.

    An object that says it is an Organization gives none.
    """
    if depth > 4:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[: MAX_AUTHORS * 2]:
            yield from ld_names(one, by_id, depth + 1)
    elif isinstance(value, dict):
        kind = str(value.get("@type", "")).lower()
        name = value.get("name")
        if not name and by_id and value.get("@id") in by_id:
            yield from ld_names(by_id[str(value["@id"])], by_id, depth + 1)
        elif "organization" not in kind and name:
            yield from ld_names(name, by_id, depth + 1)
        elif not name and (value.get("givenName") or value.get("familyName")):
            yield f"{value.get('givenName', '')} {value.get('familyName', '')}"


def declared_people(evidence: Evidence) -> Iterator[str]:
    """Authors that JSON-LD calls a Person: people even where the site has their name."""
    authors = evidence.article.get("author")
    for one in authors if isinstance(authors, list) else [authors]:
        if isinstance(one, dict) and "person" in str(one.get("@type", "")).lower():
            name = one.get("name")
            if isinstance(name, str):
                yield squeeze(name)


def people(
    values: Iterable[str], outlet_names: Iterable[str] = (), declared: Iterable[str] = ()
) -> tuple[str, ...]:
    """The people's names in written author values, in order, each once.

    ``outlet_names`` (site name, publisher, host) are never people. A single word is a name only if
    it is among ``declared``, the casefolded names that the page calls a Person: elsewhere it is a
    desk, an agency or a user name.
    """
    outlets = {_plain(name) for name in outlet_names if name}
    found: dict[str, str] = {}
    for value in values:
        for name in _split(value):
            if _plain(name) in outlets:
                break  # "Example Times, Springfield, USA": what follows is its address
            if is_person(name, outlets) and (" " in name or name.casefold() in declared):
                found.setdefault(_plain(name), name)
            if len(found) >= MAX_AUTHORS:
                return tuple(found.values())
    return tuple(found.values())


def is_person(name: str, outlets: Iterable[str] = ()) -> bool:
    """Could this be a person's name? Not an outlet, an agency, a desk, a job or an address."""
    plain = _plain(name)
    words = name.split()
    if not plain or not 1 <= len(words) <= MAX_NAME_WORDS or not 2 < len(name) <= 60:
        return False
    if plain in outlets or plain in AGENCIES or name.casefold() in AGENCIES:
        return False
    if any(character.isdigit() for character in name) or "@" in name or "://" in name:
        return False
    if _JOB.search(name) or len(_LETTERS.findall(name)) < 3:
        return False
    cased = [word for word in words if word[:1].upper() != word[:1].lower()]
    if len(words) > 1 and cased:
        capital = sum(word[:1].isupper() or word.lower() in _PARTICLES for word in cased)
        if capital < len(cased):
            return False
    return not (len(words) == 1 and len(cased) == 1 and not words[0][:1].isupper())


def credit_lines(
    evidence: Evidence, raw_authors: Iterable[str], bylines: Iterable[str], paragraphs: list[str]
) -> tuple[str, ...]:
    """Byline and credit lines as found, for agency detection: values of author and source metadata,
    shown bylines, the dateline, and short lines at the end of the text such as "(Reuters)"."""
    lines: dict[str, None] = {}

    def keep(line: str) -> None:
        line = squeeze(line)
        if 1 < len(line) <= MAX_CREDIT and len(lines) < MAX_CREDITS:
            lines.setdefault(line)

    for line in raw_authors:
        keep(line)
    for line in bylines:
        keep(line)
    for line in evidence.all(*_CREDIT_META):
        keep(line)
    for key in ("sourceOrganization", "creditText", "copyrightHolder", "author", "copyrightNotice"):
        for line in _texts(evidence.article.get(key)):
            keep(line)
    for text in paragraphs[:2]:
        if found := _DATELINE.match(text):
            keep(found.group())
    for text in paragraphs[-3:]:
        if len(text) <= MAX_CREDIT and (_CREDIT_LINE.search(text) or _names_agencies(text)):
            keep(text)
        elif found := _ENDING_CREDIT.search(text):
            keep(found.group())
    return tuple(lines)


def _names_agencies(line: str) -> bool:
    """Is the line agency names alone, as "dpa/AFP" or "Reuters, AP" at the end of a report?"""
    parts = [part.strip(" .()[]") for part in re.split(r"[/,&|;]| (?:und|and|y|et|e) ", line)]
    return len(line) <= 60 and any(part.casefold() in AGENCIES for part in parts)


def _texts(value: Any) -> Iterator[str]:
    """Every name in a JSON-LD value, organisations too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value[:MAX_AUTHORS]:
            yield from _texts(one)
    elif isinstance(value, dict) and isinstance(value.get("name"), str):
        yield value["name"]


def _split(value: str) -> Iterator[str]:
    if not isinstance(value, str) or len(value) > 2_000:
        return
    text = squeeze(_TAGS.sub(" ", unescape(value)))
    if text.startswith(("http://", "https://", "www.", "/")):
        return
    text = _QUOTED.sub("", _HANDLE.sub(" ", _PARENTHESES.sub("", _EMAIL.sub(" ", text))))
    for _ in range(2):  # "Text: Von Jana Vogt"
        text = BYLINE.sub("", text)
        text = _BY_AR.sub("", text)
    parts = [part.strip(" .,;:-–—*'’‘") for part in text.split(",")]
    if len(parts) == 2 and all(len(part.split()) == 1 for part in parts) and _inverted(parts):
        text = f"{parts[1]} {parts[0]}"  # "Vogt, Jana"
    for part in _SPLIT.split(text):
        name = _CUT.split(BYLINE.sub("", part), maxsplit=1)[0]
        name = _WEEKDAY.sub("", squeeze(name)).strip(" .,;:-–—*~'’‘|")
        if name.isupper() and " " in name:
            name = " ".join(_capital(word) for word in name.split())
        if name:
            yield unicodedata.normalize("NFC", name)


def _inverted(parts: list[str]) -> bool:
    return all(part[:1].isupper() and part.isalpha() and not _JOB.search(part) for part in parts)


def _capital(word: str) -> str:
    if word.lower() in _PARTICLES and len(word) > 1:
        return word.lower()
    return "-".join(
        part[:1] + part[1:].lower() if len(part) > 2 or "." not in part else part
        for part in word.split("-")
    )


def _plain(name: str) -> str:
    """A name for comparing: letters and digits only, no accents, no case, no "the" or ".com"."""
    text = unicodedata.normalize("NFKD", name.casefold())
    text = re.sub(
        r"^(?:the|der|die|das|el|la|le|los|al)\s+|\.(?:com|de|es|fr|org|net|co\.uk)$", "", text
    )
    return "".join(character for character in text if character.isalnum())
