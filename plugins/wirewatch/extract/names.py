"""People's names and pen names out of written author values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape

from wirewatch.extract import east_asian
from wirewatch.extract.evidence import squeeze
from wirewatch.extract.name_words import (
    AFTER,
    AGENCIES,
    AGENCY_STARTS,
    BEFORE,
    BYLINE,
    CLOSING,
    DESK,
    JOB,
    LABELS,
    POSTED,
    ROLE,
    STARTS,
)

MAX_AUTHORS = 20  # a list past this is a contributors' page, not a byline
MAX_NAME_WORDS = 6  # "María de los Ángeles Pérez García"
MAX_PEN_WORDS = 4  # "Rasender Reporter"; a longer one is a sentence or a list of links
MAX_NAME = 60  # characters
OUTLET_LETTERS = 8  # of a site's name, from which a longer name that has it is the site's too
MAX_VALUE = 2_000  # characters of an author value that is read; a longer one is no byline

_BY_AR = re.compile(r"^\W*(?:بقلم|كتبت?|إعداد|تقرير|تحرير)\s*[:：]?\s*")
_EMAIL = re.compile(r"\S+@\S+\.\S+|\[email[^\]]*\]|\S+\[at\]\S+")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_TAGS = re.compile(r"<[^>]{0,300}>")
_PARENTHESES = re.compile(r"\s*[(\[（][^)\]）]{0,80}[)\]）]")
_SENTENCE = re.compile(r"(?<=\w{4})(?<!Prof)(?<!Dipl)\.\s+(?=[A-Z])")  # "Jana Vogt. Hallam Courier"
_TWICE = re.compile(r"^(.{5,60}?)\s*\1$")  # a link and the text of its picture
_QUOTED = re.compile(r"[\"“”„«»]")
_WEEKDAY = re.compile(
    r"\s+(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|samstag|sonntag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|hace|am|le"
    r"|el|stand|datum|date|heute|gestern|vor|il y a|on|um|says"
    r"|under|shares?)\.?$",
    re.I,
)
_LABEL_INSIDE = re.compile(r"\s(?:autor(?:in)?|author|auteur|texte?)\s*:\s+", re.I)
_CUT = re.compile(
    r"\s+[|•·∙»–—/-]\s+|\s*[|•·∙»→]\s*|\s+(?:quelle|source|fotos?|bild|datum|date)\s*:"
    r"|\s+(?:in|aus|for|für|from|desde|en|à|at)\s+(?=[A-ZÄÖÜÉ])|\s+(?:für|for|pour|para)\s+"
    r"|\s*\b(?:published|updated|posted|last updated|aktualisiert|veröffentlicht|publiziert"
    r"|publié|mis à jour|publicado|actualizado|opublikowano|filed under|hinzugefügt)\b"
    r"|\s+(?:on|am|le|el|il)\s+(?:\w+,?\s+)?(?=\d)|\s+(?=\d{1,2}[./:\s]|\d{4}\b)"
    r"|\s+(?:fotos?|photos?|pictures?|bild(?:er)?|illustration(?:e[ns]|s)?|ilustracion(?:es)?"
    r"|illustrazioni|zeichnung(?:en)?|grafik(?:en)?|video)\s*(?:von|by|par|de|di|por|av|af|door|:)\s"
    r"|\s+(?:übersetz(?:t|ung)|translat(?:ed|ion)|traduit|traducción|traducido|tradotto|vertaald)\b"
    r"|,?\s+(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.?\s+\d",
    re.I,
)
_SPLIT = re.compile(
    r"\s*[,;，、/&+|]\s*(?:(?:and|und|y|et|e)\s+)?|\s*\n\s*"
    r"|\s+im (?:gespräch|interview) mit\s+"
    r"|\s+(?:and|und|y|e|et|og|och|en|with|mit|con|avec|i|ja|ve|és|și|eta|dan|và|και|и|та|і"
    r"|as told to"
    r"|और|และ)\s+|\s+و\s*(?=\S{2})",
    re.I,
)
_ROLE_BEFORE = re.compile(rf"^(?:{ROLE}\s+)+(?=\S+\s+\S)", re.I)
_ROLE_BEHIND = re.compile(rf"(?<=\S)\s+(?:(?:staff|senior|chief)\s+)*{ROLE}$", re.I)
_PARTICLES = frozenset(
    re.split(
        " ",
        "de del della di da dos das do la le las los el al van von v. den der ten ter zu zum zur "
        "af av bin ibn ben y e mac mc du des und abu abd st bint o ó ní mhic nic uí ua ap",
    )
)
_ARTICLES = frozenset(re.split(" ", "der den dem die das the a an el la le les los las"))
_BEFORE = " \t\r\n\u00a0–—-•·|/([{\"'„“”«»›>:,.*~#"
_DOMAIN = re.compile(r"\w\.(?:com|net|org|info|eu|de|at|ch|fr|it|es|nl|pl|uk|br|mx)$", re.I)
_LETTERS = re.compile(r"[^\W\d_]")


def begins_byline(text: str) -> bool:
    """Does the text begin as bylines do?"""
    start = text.lstrip(_BEFORE)[:2].casefold()
    return start in STARTS and BYLINE.match(text) is not None


def people(
    values: Iterable[str], outlet_names: Iterable[str] = (), declared: Iterable[str] = ()
) -> tuple[str, ...]:
    """The people's names in written author values, in order, each once.

    ``outlet_names`` (site name, publisher, host) are never people. A single word is a name only if
    it is among ``declared``, the keys (see ``plain``) of what the page calls a Person: elsewhere it
    is a desk, an agency or a user name.
    """
    outlets = {plain(name) for name in outlet_names if name}
    found: dict[str, str] = {}
    for value in values:
        for name in split(value):
            if plain(name) in outlets:
                break  # "Example Times, Springfield, USA": what follows is its address
            if is_person(name, outlets) and (
                " " in name or plain(name) in declared or east_asian.is_east_asian(name)
            ):
                found.setdefault(plain(name), name)
            elif found and any(map(str.isdigit, name)):
                break  # "Jana Vogt / 6. November 2023 / Share": the byline ended with the date
            if len(found) >= MAX_AUTHORS:
                return tuple(found.values())
    return tuple(found.values())


def pen_names(values: Iterable[str], outlet_names: Iterable[str] = ()) -> tuple[str, ...]:
    """What may stand as author where no person's name is known: a given name, a user name.

    Blogs and forums sign with nothing else. Never an outlet, a desk, an agency, an address or a
    word of the page's furniture; the caller must know that the page calls it the author.
    """
    outlets = {plain(name) for name in outlet_names if name}
    found: dict[str, str] = {}
    for value in values:
        for name in split(value):
            if plain(name) in outlets or (found and any(map(str.isdigit, name)) and " " in name):
                break
            if name.casefold() in AGENCIES or (not found and JOB.search(name)):
                break  # "Reuters, Hallam, Nov 20": what follows is its dateline or address
            if _is_pen_name(name, outlets):
                found.setdefault(plain(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def names_a_desk(value: str, outlet_names: Iterable[str]) -> bool:
    """Does a byline name the outlet, an agency or a desk, and nobody before it?"""
    outlets = {plain(name) for name in outlet_names if name}
    name = next(iter(split(value)), "")
    return bool(name) and (
        _is_outlet(name, plain(name), outlets)
        or name.casefold() in AGENCIES
        or DESK.search(name) is not None
    )


def is_person(name: str, outlets: Iterable[str] = ()) -> bool:
    """Could this be a person's name? Not an outlet, an agency, a desk, a job or an address."""
    key = plain(name)
    words = name.split()
    if _is_outlet(name, key, outlets) or key in AGENCIES or name.casefold() in AGENCIES:
        return False
    if east_asian.is_east_asian(name):
        return east_asian.is_person(name)
    if not key or not 1 <= len(words) <= MAX_NAME_WORDS or not 2 < len(name) <= MAX_NAME:
        return False
    if len(words) > 1 and words[0].casefold() in AGENCY_STARTS:
        return False
    if any(character.isdigit() for character in name) or any(sign in name for sign in "@:!?"):
        return False
    if JOB.search(name) or len(_LETTERS.findall(name)) < 3 or words[0] in _ARTICLES:
        return False
    if words[0].casefold() in ("the", "der", "die"):
        return False
    cased = [word for word in words if word[:1].upper() != word[:1].lower()]
    if len(words) > 1 and cased:
        capital = sum(word[:1].isupper() or word.lower() in _PARTICLES for word in cased)
        if capital < len(cased) or not any(word[:1].isupper() for word in cased):
            return False
    return not (len(words) == 1 and len(cased) == 1 and not words[0][:1].isupper())


def _is_pen_name(name: str, outlets: set[str]) -> bool:
    key = plain(name)
    words = name.split()
    if not key or not 1 <= len(words) <= MAX_PEN_WORDS or not 2 <= len(name) <= MAX_NAME:
        return False
    if _is_outlet(name, key, outlets) or key in AGENCIES or name.casefold() in AGENCIES:
        return False
    if (
        "@" in name
        or "/" in name
        or _DOMAIN.search(name)
        or JOB.search(name)
        or not _LETTERS.search(name)
    ):
        return False
    if any(word.casefold().strip(".:") in LABELS for word in words):
        return False
    return len(words) == 1 or not any(character.isdigit() for character in name)


def _is_outlet(name: str, key: str, outlets: Iterable[str]) -> bool:
    """Is it what the site is called, or a longer form of that?

    With or without the article that hosts have: "The Local" is thelocal.example. "OÖ Volksblatt" is
    volksblatt.example; but two plain words of which the last is that are somebody of that surname.
    """
    if key in outlets or any(article + key in outlets for article in ("the", "der", "die")):
        return True
    words = name.split()
    if len(words) == 1 or (len(words) == 2 and len(words[0]) > 2):
        return False  # somebody of the outlet's readers: "Riverblogger" of riverblog.example
    return any(len(one) >= OUTLET_LETTERS and one in key for one in outlets)


def split(value: str) -> tuple[str, ...]:
    """The single names of a written value, without byline words, jobs, places and dates."""
    return _split(value) if isinstance(value, str) and len(value) <= MAX_VALUE else ()


@lru_cache(maxsize=200)  # a page repeats its few bylines in several places
def _split(value: str) -> tuple[str, ...]:
    return tuple(_single(value))


def _single(value: str) -> Iterator[str]:
    text = squeeze(_without_symbols(_TAGS.sub(" ", unescape(value)))).replace("\u00ad", "")
    if "://" in text or text.startswith(("www.", "/", "©")):
        return  # an address, or who made the template: "Frank Doe - http://doe.example"
    if found := _LABEL_INSIDE.search(text):
        text = text[found.end() :]
    text = _QUOTED.sub("", _HANDLE.sub(" ", _PARENTHESES.sub("", _EMAIL.sub(" ", text))))
    text = POSTED.sub("", text)
    for _ in range(2):  # "Text: Von Jana Vogt"
        text = BYLINE.sub("", text)
        text = _BY_AR.sub("", text)
    if east_asian.is_east_asian(text):
        yield from (unicodedata.normalize("NFC", name) for name in east_asian.names(text) if name)
        return
    text = AFTER.sub("", BEFORE.sub("", squeeze(text)))
    parts = [part.strip(" .,;:-–—*'’‘") for part in text.split(",")]
    if len(parts) == 2 and all(len(part.split()) == 1 for part in parts) and _inverted(parts):
        text = f"{parts[1]} {parts[0]}"  # "Vogt, Jana"
    for part in _SPLIT.split(text):
        name = _CUT.split(BYLINE.sub("", part), maxsplit=1)[0]
        name = _bare(_WEEKDAY.sub("", squeeze(name)).strip(" .,;:-–—*~'’‘|•·✓+"))
        if name.isupper() and " " in name:
            name = " ".join(_capital(word) for word in name.split())
        if name:
            yield unicodedata.normalize("NFC", name)


def _bare(name: str) -> str:
    """A name without job, outlet behind a full stop, agency, and its own repetition."""
    name = _SENTENCE.split(name, maxsplit=1)[0]
    before, _, _ = name.partition(": ")  # "Jana Vogt: EN"
    name = before if " " in before else name
    if " " not in name:
        return name
    bare = CLOSING.sub("", _ROLE_BEHIND.sub("", _ROLE_BEFORE.sub("", name)))
    name = bare if " " in bare else name
    return found[1] if (found := _TWICE.match(name)) and " " in found[1] else name


def _without_symbols(text: str) -> str:
    """The text without emoji, their modifiers, and the private letters of icon fonts."""
    if text.isascii():
        return text
    return "".join(" " if _is_symbol(character) else character for character in text)


def _is_symbol(character: str) -> bool:
    if character < "\u00ff":
        return False  # © tells something
    kind = unicodedata.category(character)
    return (
        kind in ("So", "Co", "Cn")
        or character in "\ufe0e\ufe0f\u200d\u20e3"
        or (kind == "Sk" and character > "\U0001f000")
    )


def _inverted(parts: list[str]) -> bool:
    return all(part[:1].isupper() and part.isalpha() and not JOB.search(part) for part in parts)


def _capital(word: str) -> str:
    if word.lower() in _PARTICLES and len(word) > 1:
        return word.lower()
    return "-".join(
        part[:1] + part[1:].lower() if len(part) > 2 or "." not in part else part
        for part in word.split("-")
    )


@lru_cache(maxsize=2_000)  # the same site names are compared with every value of a page
def plain(name: str) -> str:
    """A name for comparing: letters and digits only, no accents, no case, no "the" or ".com"."""
    text = unicodedata.normalize("NFKD", name.casefold())
    text = re.sub(
        r"^(?:the|der|die|das|el|la|le|los|al)\s+|\.(?:com|de|es|fr|org|net|co\.uk)$", "", text
    )
    return "".join(character for character in text if character.isalnum())
