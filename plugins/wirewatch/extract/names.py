"""People's names and pen names out of written author values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape

from wirewatch.extract.evidence import squeeze

MAX_AUTHORS = 20  # a list past this is a contributors' page, not a byline
MAX_NAME_WORDS = 6  # "María de los Ángeles Pérez García"
MAX_PEN_WORDS = 4  # "Rasender Reporter"; a longer one is a sentence or a list of links
MAX_NAME = 60  # characters
MAX_VALUE = 2_000  # characters of an author value that is read; a longer one is no byline

# Words that begin a byline: en, es, de, fr, it, nl, da, sv, pt, pl, cs, tr, ru, ar, zh, ja.
BY = (
    r"(?:(?:written|reported|reporting|posted|published|story|text|words|compiled|contributed"
    r"|submitted)\s*(?:by|:)|(?:post |article |themen)?(?:authors?|starter|ersteller)\b|by\b"
    r"|(?:por|von|vom|par|di|da|door|av|af|przez|od)\b"
    r"|(?:ein(?:e)? |im )?(?:gast)?(?:artikel|beitrag|bericht|analyse|kommentar|kolumne|essay"
    r"|text(?: und interview| und fotos?)?|interview|nachricht|meldung|wortlaut"
    r"|pressemitteilung|eingestellt|erstellt|veröffentlicht|publiziert|geschrieben|verfasst"
    r"|gepostet|protokoll)\s*(?:von|:)"
    r"|autor(?:in|en|innen|es|as|a|e|zy|ka)?\b(?:\s*/\s*in)?|auteure?s?\s*:|redaktion\s*:"
    r"|redacci[oó]n\s*:|redakcja\s*:|textos?\s*:|testo\s*:|teksten?\s*:|teksti\s*:|texte\s*:"
    r"|escrito por|publicado por|texto de|una nota de|publié par|écrit par|rédigé par"
    r"|un article de|propos recueillis par|scritto da|pubblicato da|a cura di|articolo di"
    r"|geschreven door|geplaatst door|napisał\w?|opublikował\w?|skrevet af|skriven av|yazan\s*:"
    r"|(?:автор|авторы|текст)\s*:|(?:责任编辑|作者|記者|记者|撰文|文)\s*[:：]"
    r"|بقلم|كتبت?|إعداد|تقرير|تحرير)"
)
BYLINE = re.compile(rf"^\W*{BY}\s*:?\s+|^\W*(?:责任编辑|作者|記者|记者|撰文|文)\s*[:：]\s*", re.I)
# The first two letters of all these, which most texts are refused by in a tenth of the time.
_STARTS = frozenset(
    re.split(
        " ",
        "wr re po st te wo pu co su ar au th by vo pa di da do av af pr od ei im ga be an ko es in "
        "na me pe er ve ge un éc ré ra sc op sk ya ав 责任 作者 記者 记者 撰文 文: 文： بق كت إع "
        "تق تح",
    )
)
BY_ALONE = re.compile(rf"^\W*{BY}\W*$", re.I)
_BY_AR = re.compile(r"^\W*(?:بقلم|كتبت?|إعداد|تقرير|تحرير)\s*[:：]?\s*")
_EMAIL = re.compile(r"\S+@\S+\.\S+|\[email[^\]]*\]|\S+\[at\]\S+")
_HANDLE = re.compile(r"(?<!\w)@\w+")
_TAGS = re.compile(r"<[^>]{0,300}>")
_PARENTHESES = re.compile(r"\s*[(\[（][^)\]）]{0,80}[)\]）]")
_QUOTED = re.compile(r"[\"“”„«»]")
_WEEKDAY = re.compile(
    r"\s+(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|montag|dienstag|mittwoch|donnerstag"
    r"|freitag|samstag|sonntag|hace|am|le|el|stand|datum|date|heute|gestern|vor|il y a|on|um|says"
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
    r"|,?\s+(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.?\s+\d",
    re.I,
)
_SPLIT = re.compile(
    r"\s*[,;，、/&+|]\s*(?:(?:and|und|y|et|e)\s+)?|\s*\n\s*"
    r"|\s+im (?:gespräch|interview) mit\s+"
    r"|\s+(?:and|und|y|e|et|og|och|en|with|mit|con|avec|i)\s+|\s+و\s*(?=\S{2})",
    re.I,
)
# Jobs that stand before or behind a person's name.
_ROLE = (
    r"(?:\w+-)*(?:\w*editor|\w*reporter(?:in)?|\w*correspondent|\w*journalist(?:in)?|\w*writer"
    r"|columnist|contributor|\w*redakteur(?:in)?|\w*korrespondent(?:in)?|\w*expert(?:e|in)"
    r"|\w*autor(?:in)?|\w*leiter(?:in)?|volont[aä]r(?:in)?|periodista|corresponsal|redactora?"
    r"|journaliste|rédact(?:eur|rice)|giornalista|redattrice|redattore)"
)
_ROLE_BEFORE = re.compile(rf"^(?:{_ROLE}\s+)+(?=\S+\s+\S)", re.I)
_ROLE_BEHIND = re.compile(rf"(?<=\S)\s+(?:(?:staff|senior|chief)\s+)*{_ROLE}$", re.I)
# What is in no person's name: desks, jobs, outlets, buttons, labels.
_JOB = re.compile(
    r"\b(?:editor|reporter|correspondent|journalist|writer|staff|contributor|columnist|producer"
    r"|photographer|analyst|bureau|chief|director|manager|professor|lecturer|fellow|phd|m\.?d\.?"
    r"|intern|freelancer?|\w*desk|\w*team|\w*redaktion\w*|redakteur\w*|korrespondent\w*"
    r"|reporterin|volont[aä]r\w*|autor(?:in|en|innen|es|ka|zy)?|agentur\w*|chefredakt\w*"
    r"|\w+leiter(?:in)?"
    r"|redacci[oó]n|redakcja|redactora?|corresponsal|enviad[oa] especial|periodista|agencias?"
    r"|editora?|colaborador\w*|r[ée]daction|r[ée]dacteur|r[ée]dactrice|journaliste"
    r"|envoy[ée]e? sp[ée]ciale?|correspondante?|agences?|avec|redazione|redatie|toimitus"
    r"|\w*news|nachrichten|noticias|online|m[ée]dias?|press|presse|prensa|newspaper|magazine?|tv|radio"
    r"|admin\w*|administrator|webmaster|user|unknown|anonymous|none|null|guest|contributors"
    r"|services?|wires?|agency|agencies|inc|ltd|llc|gmbh|groupe?|network|university|institute"
    r"|foundation|association|copyright|stand|datum|date|nachricht|artikel|beiträge|interview"
    r"|kg|ag|co|verein|stiftung|germany|deutschland|auteur|collectif|no author"
    r"|share|follow|facebook|twitter|instagram|comments?|read|minutes?|updated|today|zeitung"
    r"|verlag|portal|author|authors|view|profile|more|posts?|articles?|photos?|fotos?|pictures?"
    r"|www|kommentare?|lesezeit|uhr|startseite|home|kontakt|impressum|quelle|source|bild|fuente"
    r"|cookies?|login|abo|newsletter|suche|search|menu|menü|navigation)\b"
    r"|تحرير|مراسل|وكالات|وكالة|هيئة|محرر|الأخبار|أخبار|صحيفة|قناة|موقع|المحرر",
    re.I,
)
# Words of the page's own furniture that are no pen name although they stand in a byline.
_LABELS = frozenset(
    re.split(
        " ",
        "by von vom por par di door av af autor author auteur name posted published written text "
        "publiziert veröffentlicht gepostet erstellt eingestellt datum date am on in um at "
        "permalink link reply antworten category kategorie filed under tags alle all mehr about "
        "über zuletzt geändert beginndatum bei per via et and und y sign up log zur zum dem den "
        "youtube tiktok mastodon diaspora linkedin pinterest whatsapp telegram xing",
    )
)
AGENCIES = frozenset(
    re.split(
        ", ",
        "reuters, ap, a.p., associated press, the associated press, afp, agence france-presse, "
        "agence france presse, dpa, deutsche presse-agentur, deutsche presse agentur, apa, sda, "
        "keystone-sda, ats, efe, agencia efe, europa press, ansa, upi, bloomberg, xinhua, tass, "
        "itar-tass, interfax, ria novosti, kyodo, kyodo news, yonhap, anadolu, anadolu agency, "
        "pa, pa media, press association, aap, cp, the canadian press, canadian press, belga, "
        "anp, ntb, tt, ritzau, lusa, pti, ians, ani, epd, kna, afxp, sid, dpa-afx, "
        "reuters staff, notimex, telam, télam, spa, wam, mena, kuna, petra, sana, irna, zuma, "
        "getty images, getty, رويترز, أ ف ب, فرانس برس, واس, وام, قنا, بترا, سانا",
    )
)
_PARTICLES = frozenset(
    re.split(
        " ",
        "de del della di da dos das do la le las los el al van von v. den der ten ter zu zum zur "
        "af av bin ibn ben y e mac mc du des und abu abd st bint o",
    )
)
_ARTICLES = frozenset(re.split(" ", "der den dem die das the a an el la le les los las"))
_BEFORE = " \t\r\n\u00a0–—-•·|/([{\"'„“”«»›>:,.*~#"
_LETTERS = re.compile(r"[^\W\d_]")


def begins_byline(text: str) -> bool:
    """Does the text begin as bylines do?"""
    start = text.lstrip(_BEFORE)[:2].casefold()
    return start in _STARTS and BYLINE.match(text) is not None


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
            if is_person(name, outlets) and (" " in name or plain(name) in declared):
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
            if _is_pen_name(name, outlets):
                found.setdefault(plain(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def is_person(name: str, outlets: Iterable[str] = ()) -> bool:
    """Could this be a person's name? Not an outlet, an agency, a desk, a job or an address."""
    key = plain(name)
    words = name.split()
    if not key or not 1 <= len(words) <= MAX_NAME_WORDS or not 2 < len(name) <= MAX_NAME:
        return False
    if key in outlets or key in AGENCIES or name.casefold() in AGENCIES:
        return False
    if any(character.isdigit() for character in name) or "@" in name or "://" in name:
        return False
    if _JOB.search(name) or len(_LETTERS.findall(name)) < 3 or words[0] in _ARTICLES:
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
    if key in outlets or key in AGENCIES or name.casefold() in AGENCIES:
        return False
    if "@" in name or "/" in name or _JOB.search(name) or not _LETTERS.search(name):
        return False
    if any(word.casefold().strip(".:") in _LABELS for word in words):
        return False
    return len(words) == 1 or not any(character.isdigit() for character in name)


def split(value: str) -> tuple[str, ...]:
    """The single names of a written value, without byline words, jobs, places and dates."""
    return _split(value) if isinstance(value, str) and len(value) <= MAX_VALUE else ()


@lru_cache(maxsize=200)  # a page repeats its few bylines in several places
def _split(value: str) -> tuple[str, ...]:
    return tuple(_single(value))


def _single(value: str) -> Iterator[str]:
    text = squeeze(_TAGS.sub(" ", unescape(value)))
    if "://" in text or text.startswith(("www.", "/")):
        return  # an address, or who made the template: "Frank Doe - http://doe.example"
    if found := _LABEL_INSIDE.search(text):
        text = text[found.end() :]
    text = _QUOTED.sub("", _HANDLE.sub(" ", _PARENTHESES.sub("", _EMAIL.sub(" ", text))))
    for _ in range(2):  # "Text: Von Jana Vogt"
        text = BYLINE.sub("", text)
        text = _BY_AR.sub("", text)
    parts = [part.strip(" .,;:-–—*'’‘") for part in text.split(",")]
    if len(parts) == 2 and all(len(part.split()) == 1 for part in parts) and _inverted(parts):
        text = f"{parts[1]} {parts[0]}"  # "Vogt, Jana"
    for part in _SPLIT.split(text):
        name = _CUT.split(BYLINE.sub("", part), maxsplit=1)[0]
        name = _WEEKDAY.sub("", squeeze(name)).strip(" .,;:-–—*~'’‘|•·")
        if " " in name:
            bare = _ROLE_BEHIND.sub("", _ROLE_BEFORE.sub("", name))
            name = bare if " " in bare else name
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


@lru_cache(maxsize=2_000)  # the same site names are compared with every value of a page
def plain(name: str) -> str:
    """A name for comparing: letters and digits only, no accents, no case, no "the" or ".com"."""
    text = unicodedata.normalize("NFKD", name.casefold())
    text = re.sub(
        r"^(?:the|der|die|das|el|la|le|los|al)\s+|\.(?:com|de|es|fr|org|net|co\.uk)$", "", text
    )
    return "".join(character for character in text if character.isalnum())
