"""What is no article, and why: told from the page's text, title, structure and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from wirewatch import encodings
from wirewatch.extract.evidence import Evidence, squeeze
from wirewatch.extract.metadata import Metadata
from wirewatch.records import Reason

Verdict = tuple[Reason, str] | None

_BINARY = ((b"%PDF-", "PDF"), (b"\x89PNG", "PNG image"), (b"\xff\xd8\xff", "JPEG image"),
           (b"GIF8", "GIF image"),
           (b"PK\x03\x04", "ZIP archive"), (b"\x1f\x8b", "gzip data"), (b"ID3", "audio"),
           (b"OggS", "Ogg media"),
           (b"RIFF", "RIFF media"), (b"\x7fELF", "program"), (b"\x00\x00\x00\x18ftyp", "video"),
           (b"\x00\x00\x00\x20ftyp", "video"), (b"wOF", "font"), (b"BM", ""))  # fmt: skip
_TEXT_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml", "")
_MAX_LINKS = 500  # link texts taken out of a short text; no short page needs more
_SENTENCE = 50  # characters of the shortest line that counts as running text
_PARAGRAPH = 20  # characters of a paragraph that is more than a label
_OWN_DATES = ("json-ld", "opengraph", "microdata", "meta")  # which error pages do not state
_MAX_NULS = 0.01  # share of NUL bytes past which the body is no text; UTF-16 is told by its mark
_DENSE = re.compile("[\u0e01-\u0e3a\u3040-\u9fff\uac00-\ud7a3]")
_KNOWN_BY = 60  # last characters by which the text's end is found in the page
_BEHIND = 600  # characters behind the text in which a wall stands; a page's foot is further
_SHORT = 1_500  # characters below which a page can be an error page or a wall

_NOT_FOUND = re.compile(
    r"\b(?:404|410)\b.{0,30}\b(?:error|not found|fehler|erreur)|\b(?:error|fehler"
    r"|erreur)\b\W{0,3}\b(?:404|410)\b|^\W*(?:404|410)\b\W*$"
    r"|(?:page|article|story|content|site|resource|document) (?:you .{0,40})?(?:was |is |could "
    r"|can)?\s?(?:not|n.t) (?:be )?(?:found|available|exist)"
    r"|(?:page|article|story) (?:does not|doesn.t|no longer) exist|no longer available|not found\b"
    r"|(?:seite|artikel|inhalt|beitrag)\b.{0,30}(?:nicht|kein\w*)\b.{0,12}(?:gefunden|verfügbar"
    r"|vorhanden|existier\w+)|nicht gefunden"
    r"|(?:página|artículo|noticia|contenido)\b.{0,30}no (?:se )?(?:ha sido |pudo ser "
    r"|ha podido ser )?(?:encontrad[oa]|existe|disponible|encontró|encuentra)"
    r"|no encontrad[oa]|página inexistente|(?:page|article)\b.{0,20}(?:introuvable"
    r"|n.existe (?:pas|plus)|non trouvée?)"
    r"|(?:الصفحة|المقال|الخبر).{0,25}غير (?:موجودة?|متاحة?|متوفرة?)|لم يتم العثور",
    re.I,
)
_CONSENT = re.compile(
    r"cookies?\b|consent\w*|einwillig\w+|zustimm\w+|datenschutz\w*|privacy|privacidad|gdpr|dsgvo|rgpd|consentimiento|consentement"
    r"|accept(?:er)? (?:all|tout)|akzeptier\w+|aceptar|tracking|personali[sz]ed ads"
    r"|personalisierte|werbung|partners?\b|partner[n]?\b"
    r"|vie privée|confidentialité|legitimate interest|berechtigt\w+ interesse"
    r"|ملفات تعريف الارتباط|الخصوصية|موافق\w*|الكوكيز",
    re.I,
)
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|log on|password|forgot .{0,10}password|create an? account|anmeld\w+"
    r"|einlogg\w+|passwort"
    r"|iniciar sesión|inicia sesión|contraseña|se connecter|connexion|mot de passe"
    r"|identifi\w+)\b|تسجيل الدخول|كلمة المرور",
    re.I,
)
# What only a wall says, where the text stops.
_PAYWALL = re.compile(
    r"(?:to|and|please) continue reading|already a subscriber|subscribers? only"
    r"|subscrib\w+ (?:to|now|for) .{0,20}(?:read (?:on|more|the (?:rest|full))|continue reading"
    r"|(?:read|access) (?:this|the (?:full|whole|rest)))"
    r"|subscriber[- ]exclusive|only (?:available )?(?:for|to) subscribers"
    r"|this (?:article|story|content) is (?:for|reserved|exclusive)"
    r"|unlock this (?:article|story)"
    r"|jetzt weiterlesen|weiterlesen mit|mit .{0,20}\bplus\b .{0,20}(?:lesen|weiter)"
    r"|nur für abonnenten|abonnent\w* (?:können|lesen)|bereits abonnent"
    r"|(?:exklusiv|artikel) für abonnent\w+"
    r"|suscr[ií]b\w+ .{0,40}(?:leyendo|leer|continuar|seguir)|(?:solo|exclusivo"
    r"|contenido) para suscriptores|ya (?:eres|soy) suscriptor"
    r"|réservé\w* (?:à nos |aux )?abonnés|abonnez-vous pour|pour lire la suite|déjà abonné"
    r"|il vous reste .{0,10}%"
    r"|للمشتركين فقط|هذا المحتوى (?:خاص|متاح) (?:لل|ب)?مشتركين|اشترك (?:الآن )?(?:لمتابعة|لقراءة"
    r"|للمتابعة)",
    re.I,
)
# What an advert for a subscription says too, beside a whole text.
_OFFER = re.compile(
    r"subscrib\w+ (?:to|now|for) .{0,40}(?:read|continu|access|full|unlimited)"
    r"|free articles? (?:this month|left|remaining)|start your (?:free )?trial"
    r"|probeabo|abo abschließen|suscr[ií]b\w+ .{0,40}acceder|seguir leyendo",
    re.I,
)
_ENDED = re.compile(r"[^.…][.!?。！？؟।][\"'”’»)\]]*$")  # a text that ends with a whole sentence
_WALL_NAMES = re.compile(r"pay-?wall|reg-?wall|barrier|piano|meter|premium", re.I)
# Containers of what stands beside an article: adverts for a subscription among it.
_BESIDE = frozenset(("header", "nav", "footer", "aside", "form"))
_BESIDE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:(?:mast|page-?)?head(?:er)?|account|login|nav\w*|menu|foot(?:er)?|side-?bar|aside|topbar|top-bar|banner"
    r"|widget|newsletter|promo\w*|teaser\w*|advert\w*|ads?|related|recommend\w*|subscribe-box"
    r"|abo-?box)(?:$|[\s_-])",
    re.I,
)
_INDEX_TYPES = frozenset({"collectionpage", "itemlist", "searchresultspage", "profilepage"})
_SECTION_PATH = re.compile(
    r"^/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?$|/(?:tags?|category|categories|kategorie|categoria|topics?|themen?|temas?|sections?|ressort|author|authors|autor"
    r"|search|suche|buscar|archive?s?|archiv|index\.\w+|page/\d+)(?:/[^/]*)?/?$",
    re.I,
)


def by_bytes(body: bytes, content_type: str) -> Verdict:
    """Refusals that need no parsing: nothing there, or no text."""
    if not body.strip():
        return Reason.EMPTY, f"the body has {len(body)} bytes and nothing in them"
    kind = content_type.split(";", 1)[0].strip().lower()
    for magic, name in _BINARY:
        if body.startswith(magic) and (name or kind.startswith("image/")):
            return Reason.NOT_TEXT, f"the body is {name or kind}"
    markup = b"<html" in body[:2_000].lower() or b"<!doctype html" in body[:200].lower()
    if not kind.startswith(_TEXT_TYPES[:-1]) and kind and not markup:
        return Reason.NOT_TEXT, f"the content type is {kind}"
    nuls = body.count(0)
    if (
        nuls > len(body) * _MAX_NULS
        and not body.startswith((b"\xff\xfe", b"\xfe\xff"))
        and ("utf-16" not in content_type.lower() and not encodings.bare(body))
    ):
        return Reason.NOT_TEXT, f"{nuls} of {len(body)} bytes are NUL"
    return None


def by_content(
    tree: HtmlElement,
    evidence: Evidence,
    known: Metadata,
    text: str,
    url: str,
    settings: Mapping[str, Any],
) -> Verdict:
    """Refusals of a parsed page, the most telling first; None where it is an article."""
    length = weight(text)
    if length < _SHORT:
        length = min(length, _own_words(tree, text))
    too_short = length < settings["extract.min_chars"]
    titles = [known.title, evidence.title, *(heading for heading, _ in evidence.h1[:2])]
    dated = known.published is not None and known.published.source in _OWN_DATES
    if length < _SHORT and (not dated or too_short):
        for title in titles:
            if title and len(title) < 120 and _NOT_FOUND.search(title):
                return Reason.SOFT_404, f'the title says "{title[:80]}"'
    if length >= _SHORT and not _may_be_index(evidence, known, url):
        return None
    shown = visible_text(tree) if length < _SHORT else ""
    if length < _SHORT:
        verdict = _wall(tree, evidence, known, text, shown, settings)
        if verdict:
            return verdict
        if too_short and len(shown) < _SHORT and (found := _NOT_FOUND.search(shown)):
            return Reason.SOFT_404, f'the page says "{found.group()[:80]}"'
    index = _index(tree, evidence, known, text, url, settings)
    if index:
        return index
    if not text or (too_short and not _has_paragraph(tree)):
        return Reason.EMPTY, f"{len(text)} characters of text and no paragraph among them"
    if too_short:
        return Reason.TOO_SHORT, (
            f"{length} characters of text, fewer than {settings['extract.min_chars']}"
        )
    return None


def weight(text: str) -> int:
    """Length in characters, one of a script without spaces (Thai, Han, Kana, Hangul) for three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


def _own_words(tree: HtmlElement, text: str) -> int:
    """Weight of the running text: no links, no lines too short for a sentence of a report.

    Where a page has no main text, extraction ends with all that the page shows.
    """
    links = {squeeze(" ".join(link.itertext())) for link in tree.iter("a")}
    for link in sorted(links, key=lambda one: (-len(one), one))[:_MAX_LINKS]:
        if len(link) > 2:
            text = text.replace(link, " ", 1)
    lines = [squeeze(line) for line in text.split("\n")]
    return sum(found for found in map(weight, lines) if found >= _SENTENCE)


def visible_text(tree: HtmlElement) -> str:
    """The text a reader sees, without scripts and styles, one line."""
    body = tree.find(".//body")
    root = tree if body is None else body
    parts = [
        text
        for text in root.xpath(
            ".//text()[not(ancestor::script or ancestor::style or ancestor::noscript or "
            "ancestor::template)]"
        )
        if not text.isspace()
    ]
    return squeeze(" ".join(parts))


def _has_paragraph(tree: HtmlElement) -> bool:
    return any(
        len(squeeze(" ".join(one.itertext()))) >= _PARAGRAPH and one.find(".//a") is None
        for one in tree.iter("p")
    )


def _wall(
    tree: HtmlElement,
    evidence: Evidence,
    known: Metadata,
    text: str,
    shown: str,
    settings: Mapping[str, Any],
) -> Verdict:
    length = weight(text)
    limit = settings["extract.paywall_chars"]
    paywall = _paywall(tree, known, text, shown) if length < limit else None
    if length < limit and (known.free is False or paywall) and (known.title or text):
        said = f'"{paywall.group()[:60]}"' if paywall else "its metadata"
        if paywall or length < limit // 2:
            return Reason.PAYWALL, f"{length} characters of text before the paywall ({said})"
    words = len(text.split()) or 1
    consent = len(_CONSENT.findall(text))
    kinds = len({found.casefold() for found in _CONSENT.findall(text)})
    if kinds >= 3 and consent * 100 >= words * settings["extract.consent_percent"]:
        return Reason.CONSENT_WALL, f"{consent} of {words} words are about cookies and consent"
    if length < settings["extract.min_chars"]:
        shown_words = len(shown.split()) or 1
        shown_consent = len(_CONSENT.findall(shown))
        if (
            shown_consent >= 4
            and shown_consent * 100 >= shown_words * settings["extract.consent_percent"]
        ):
            return Reason.CONSENT_WALL, (
                f"{shown_consent} of {shown_words} words shown are about cookies and consent"
            )
    password = next(
        (one for one in tree.iter("input") if (one.get("type") or "").lower() == "password"), None
    )
    logins = len(_LOGIN.findall(shown))
    # a login form in the page's head is everywhere; it is the page only where hardly any text is
    if length < settings["extract.login_chars"] and not evidence.article:
        title = f"{known.title} {evidence.title}"
        if (password is not None or logins >= 3) and _LOGIN.search(title):
            return Reason.LOGIN, f"a login form and {length} characters of text"
        if password is not None and logins >= 2 and length < settings["extract.min_chars"]:
            return Reason.LOGIN, f"a login form and {length} characters of text"
    return None


def _paywall(tree: HtmlElement, known: Metadata, text: str, shown: str) -> re.Match[str] | None:
    """The words of a paywall; None where they are an advert beside a text that is whole.

    An advert for the newspaper uses a wall's words. A text that its page does not call paid, and
    that ends with a whole sentence, is cut only where a wall's own words stand behind it.
    """
    found = _PAYWALL.search(shown)
    offered = found or _OFFER.search(shown)
    if offered is None or known.free is False or not _ENDED.search(text.rstrip()):
        return offered
    if found is None or known.free is True:
        return None
    said = _beside_the_text(tree)
    last = squeeze(text)[-_KNOWN_BY:]
    end = said.rfind(last)
    behind = said if end < 0 else said[end : end + len(last) + _BEHIND]
    return _PAYWALL.search(behind)


def _beside_the_text(tree: HtmlElement) -> str:
    """The text that is shown with the article: outside of heads, feet, sides and promotions."""
    body = tree.find(".//body")
    parts: list[str] = []
    stack = [tree if body is None else body]
    while stack:
        element = stack.pop()
        if isinstance(element, str):
            parts.append(element)
            continue
        for child in reversed(element):
            if child.tail:
                stack.append(child.tail)
            label = f"{child.get('class') or ''} {child.get('id') or ''}"
            if child.tag not in _BESIDE and (
                _WALL_NAMES.search(label) or not _BESIDE_NAMES.search(label)
            ):
                stack.append(child)
        if element.text and element.tag not in ("script", "style", "noscript", "template"):
            parts.append(element.text)
    return squeeze(" ".join(parts))


def _may_be_index(evidence: Evidence, known: Metadata, url: str) -> bool:
    kind = evidence.first("og:type").lower()
    if evidence.article or kind in ("article", "og:article", "video.other", "news"):
        return False
    path = urlsplit(url).path
    return (
        bool(evidence.ld_types & _INDEX_TYPES)
        or bool(_SECTION_PATH.search(path))
        or (known.published is None or known.published.source in ("time", "feed"))
    )


def _index(
    tree: HtmlElement,
    evidence: Evidence,
    known: Metadata,
    text: str,
    url: str,
    settings: Mapping[str, Any],
) -> Verdict:
    """A page of teasers: many linked headlines, and paragraphs that are mostly such teasers."""
    if not _may_be_index(evidence, known, url):
        return None
    headlines: dict[str, None] = {}
    blocks = 0
    for link in tree.iterfind(".//a[@href]"):
        words = squeeze("".join(link.itertext()))
        if len(words) >= 25 and " " in words:
            headlines.setdefault(words)
            if (
                any(parent.tag in ("h2", "h3", "h4") for parent in link.iterancestors())
                or link.find("h2") is not None
                or link.find("h3") is not None
            ):
                blocks += 1
        if len(headlines) > 2_000:
            break
    many = settings["extract.index_links"]
    linked = sum(len(words) for words in headlines)
    lines = text.split("\n") if text else []
    prose = sum(len(line) for line in lines if len(line) > 200 and line not in headlines)
    said = bool(evidence.ld_types & _INDEX_TYPES) or bool(_SECTION_PATH.search(urlsplit(url).path))
    if (blocks >= many or (said and len(headlines) >= many)) and prose < min(linked, 1_000):
        return Reason.INDEX_PAGE, (
            f"{len(headlines)} linked headlines and {prose} characters of running text"
        )
    if said and len(headlines) >= many // 2 and prose < min(linked // 2, 1_000):
        return Reason.INDEX_PAGE, (
            f"the address of a section, {len(headlines)} linked headlines and {prose} characters "
            f"of running text"
        )
    return None
