"""Lines of a body that are no part of the report: related links, newsletters, the title again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from wirewatch.extract.evidence import squeeze

MAX_RIGHTS = 300  # characters of a line on rights; these are longer than the others
MAX_FURNITURE = 160  # characters; a longer paragraph that begins like a teaser is prose
TAIL = 4  # last lines among which the author is introduced


class Line(NamedTuple):
    """A paragraph of the body, and what it was: p, head, list, quote, code, table."""

    text: str
    kind: str


# Beginnings of lines that lead away from the report, by language.
_LEADS_AWAY = re.compile(
    r"^\W*(?:"
    + "|".join(
        (
            # English
            r"the post .{1,150} appeared first on\b",
            r"read (?:more|also|next|on|the full|our)\b|related\s*(?::|$)",
            r"see more\s*:|also on [\w-]+\.\w",
            r"related (?:news|articles?|stor(?:y|ies)|content|topics?|links?|coverage)\b",
            r"(?:see|watch|listen|you may) also\b|more (?:on this|from|stories|news|about this)\b",
            r"recommended *(?::|$|for you|stories|reading)|most (?:read|popular)\b",
            r"explore further\W*$|continue reading|skip (?:to|past)\b|click here\b",
            r"don.?t miss\b|sign up (?:for|to)\b|subscribe (?:to|now|for)\b",
            r"get (?:our|the) .{0,40}newsletter|follow us\b|share (?:this|on|via)\b",
            r"get .{3,60}\b(?:delivered|inbox|by e-?mail|letterbox)",
            r"(?:for|get) the latest .{0,20}(?:news|stories|updates|headlines)",
            r"stay (?:up.to.date|informed|tuned)\b.{0,60}(?:newsletter|news|updates|subscrib)",
            r"do you want to be informed|tell us what you think|advertisement\W*$",
            r"(?:if you .{0,10})?(?:like|enjoy|liked|enjoyed) .{0,10}this (?:article|post|story)\b",
            r"if you buy something through|we may (?:earn|get|receive) .{0,40}commission",
            r"this (?:article|post|story|page|site) (?:may )?contains? (?:affiliate|references)",
            r"story continues below|watch (?:the )?video\b|(?:view |no )?comments?\s*\(?\d*\)?$",
            r"join (?:our|the) (?:newsletter|conversation|channel)|download (?:our|the) app",
            r"(?:join|become) .{0,30}\b(?:member|membership|subscriber|patreon)\b",
            r"(?:please )?support (?:our|us|quality|independent)\b.{0,60}(?:journalism|donat)",
            r"there.s (?:plenty )?more where that|write to .{3,60} at \S+@",
            r"follow .{2,60}\bon (?:twitter|facebook|instagram|youtube|linkedin|x|tiktok)\b",
            # German
            r"lesen sie (?:auch|mehr|hier)|mehr (?:zum thema|dazu|lesen|aus|nachrichten)\b.{0,50}$",
            r"auch (?:interessant|lesenswert|spannend)\s*(?::|$)|schon gelesen\W*$|weiterlesen\W*$",
            r"(?:das|dieser (?:artikel|text|beitrag)) .{0,20}(?:könnte|dürfte) (?:dich|sie) auch",
            r"(?:das interessiert andere|passend dazu)\s*(?::|$)",
            r"zum (?:thema\s*(?::|$)|weiterlesen\W*$)",
            r"(?:mehr|weitere) (?:infos?|informationen|artikel|themen|beiträge|news)\b.{0,40}:?$",
            r"weitere .{0,30}(?:themen|beiträge|artikel)\b.{0,60}$|top-themen\b",
            r"lust auf mehr\W*$|jetzt lesen|hier geht.?s zu",
            r"newsletter\b.{0,60}(?:abonnieren|anmelden|bestellen)|zum newsletter",
            r"jetzt (?:abonnieren|anmelden|newsletter)|folgen sie uns|gefällt dir (?:uns|dies)",
            r"unterstütz\w* (?:uns|unsere|\w+) .{0,60}(?:spende|abo|patreon|steady)",
            r"artikel (?:teilen|drucken|merken)|(?:keine )?kommentare?\s*\(?\d*\)?(?:$| \()",
            r"anzeige\W*$|(?:anzeige|werbung),? enthält|\*?\s*werbung\b.{0,80}$",
            r"(?:titel|beitrags)?(?:bild|foto)\s*:|titelbild\W*$|beitragsbild\W*$|kontakt\s*:?$",
            r"alle angaben ohne gewähr",
            # Spanish and Portuguese
            r"(?:lea|lee|leer|ver|vea|ve|mira|mire|conozca|sigue leyendo|(?:le|te) puede interesar"
            r"|puedes? (?:ver|leer)) ?(?:también|más|además)?\s*:|mira lo que .{0,40}canal",
            r"(?:lea|lee|vea) también|(?:leer|ver) más\b|s[ií]guenos\b",
            r"más (?:noticias|información|sobre)\b.{0,40}$",
            r"(?:noticias|notas?|contenidos?) relacionad",
            r"te (?:puede|recomendamos)|quizás? te interese|recib\w+ .{0,40}newsletter",
            r"suscríb\w+\b|regístr\w+\b|publicidad\W*$|comparte (?:esta|este|en)\b",
            r"(?:leia|veja) (?:também|mais)|saiba mais|siga .{0,40}(?:facebook|instagram|twitter)",
            # French and Italian
            r"lire (?:aussi|la suite|également|plus)\b|à lire\b|voir (?:aussi|également)",
            r"à (?:découvrir|voir) (?:aussi|également)",
            r"en savoir plus|pour aller plus loin|sur le même (?:sujet|thème)|publicité\W*$",
            r"inscrivez-vous|abonnez-vous|suivez-nous|partager\b.{0,30}$|la suite après",
            r"recevez\b.{0,60}newsletter|(?:leggi|guarda) anche|potrebbe interessarti|iscriviti",
            # Dutch, Nordic, Polish, Russian, Ukrainian
            r"lees (?:ook|meer|verder)|bekijk ook|volg ons|läs (?:också|mer|även)",
            r"les (?:også|mer)\b|læs (?:også|mere)|lue (?:myös|lisää)",
            r"(?:czytaj|zobacz|przeczytaj) (?:też|także|również|więcej|dalej)|polecamy\W*$",
            r"materiał chroniony|czytasz właśnie|więcej\]?$",
            r"читайте (?:также|еще|ещё|далее|також)|смотрите также|подпис(?:ывайтесь|аться)",
            # Arabic
            r"اقرأ (?:أيضا|أيضاً|المزيد|ايضا)|إقرأ أيضا|شاهد أيضا|مواضيع (?:ذات صلة|متعلقة)",
            r"أخبار ذات صلة|المزيد من.{0,25}$|تابعونا|اشترك في (?:نشرتنا|النشرة|قناتنا)|إعلان\W*$",
            r"شارك (?:على|عبر|هذا|المقال|الخبر).{0,25}$",
        )
    )
    + ")",
    re.I,
)
_COUNTERS = re.compile(
    r"^\W*\d{0,6}\s*(?:views?|shares?|likes?|comments?|kommentare|comentarios|min read"
    r"|minutes? read)\W*$",
    re.I,
)
# When the page was published or changed: it is read as the story's date, and is no sentence.
_STAMP = re.compile(
    r"^\W*(?:(?:first |last |originally )?(?:posted|published|updated|modified)|veröffentlicht"
    r"|(?:zuletzt )?aktualisiert|stand|publié|mis à jour|publicado|actualizado|atualizado"
    r"|pubblicato|aggiornato|gepubliceerd|bijgewerkt|publicerad|uppdaterad|publisert|oppdatert"
    r"|opublikowano|zaktualizowano|опубликовано|обновлено)"
    r"\b[^.!?]{0,20}\b[0-3]?\d\b[^.!?]{0,20}\b(?:19|20)\d\d\b[^!?]{0,25}$",
    re.I,
)
_RIGHTS = re.compile(
    r"^\W*(?:©|\(c\)\s|copyright\b)|all rights reserved|alle rechte vorbehalten"
    r"|todos los derechos reservados|tous droits réservés|جميع الحقوق محفوظة"
    r"|copyrighted (?:property|material)|written permission must"
    r"|contributed to this (?:report|story|article)\W*$",
    re.I,
)
# Licences and terms, by what only they say.
_TERMS = re.compile(
    r"\b(?:may|must) not be (?:published|reproduced|republished|redistributed"
    r"|broadcast)"
    r"|(?:reproduction|republication|redistribution) .{0,40}(?:prohibited|forbidden|not permitted)"
    r"|(?:licen[cs]ed|published|republished|syndicated|provided|reproduced|appears|used) .{0,40}"
    r"\bunder (?:an? |the |its )?(?:creative commons|(?:content |syndication "
    r"|exclusive )?licen[cs]e)"
    r"|^\W*(?:it|this|the) .{0,40}\b(?:is|are|was|were) (?:re)?(?:licen[cs]ed|syndicated) .{0,20}"
    r"\b(?:title|publication|newspaper|paper|outlet|site|website|subscriber|publisher|client"
    r"|member)s?\b"
    r"|^\W*(?:read |see )?(?:our |the )?(?:terms (?:of (?:use|service)|and conditions)"
    r"|privacy policy)\b"
    r"|(?:nachdruck|vervielfältigung|weiterverbreitung|weiterverwendung) .{0,60}(?:genehmigung"
    r"|zustimmung|verboten|untersagt|nicht gestattet)|lizenziert (?:unter|für|an)\b"
    r"|(?:prohibida|proibida|vietata|interdite?) .{0,20}(?:reproducción|reprodução|riproduzione"
    r"|reproduction)|(?:reproducción|reprodução|riproduzione|reproduction) .{0,30}(?:prohibida"
    r"|proibida|vietata|riservata|interdite)|publi[ck]\w+ (?:bajo|sous|sob|sotto) licen[czs]\w+"
    r"|перепечатка .{0,40}(?:запрещена|разрешена|только)|использование материалов .{0,40}только"
    r"|(?:kopiowanie|przedruk|rozpowszechnianie) .{0,40}(?:zabronione|zastrzeżone|zgody)"
    r"|未[经經].{0,12}(?:不得|禁止).{0,6}[转轉][载載]|(?:禁止|不得).{0,4}[转轉][载載]|無断(?:転載|複製)"
    r"|무단 ?(?:전재|복제)",
    re.I,
)
_INTRODUCES = re.compile(
    r"\W{0,3}\s(?:is|was|has|writes|covers|works|reports|ist|war|arbeitet|schreibt|studierte|hat"
    r"|leitet|es|fue|escribe|trabaja|est|écrit|travaille|è|scrive|jest)\b",
    re.I,
)
_MARK = re.compile(r"^(?:[-*•]\s+|\|\s*)|\s*\|$")
# What separates no words: soft hyphens, which some pages set after every syllable, and zero widths.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_WORD = re.compile(r"\w+")


def is_furniture(line: str) -> bool:
    """Does the line lead away from the report ("Read more: …", "Sign up for our newsletter")?"""
    if len(line) > MAX_FURNITURE:
        return len(line) <= MAX_RIGHTS and bool(_TERMS.search(line))
    return bool(
        _LEADS_AWAY.match(line)
        or _COUNTERS.match(line)
        or _STAMP.match(line)
        or _RIGHTS.search(line)
        or _TERMS.search(line)
    )


def clean(lines: Sequence[Line], title: str, authors: Sequence[str]) -> list[Line]:
    """The lines that are the report's.

    Without furniture, without the title where they begin with it, each
    run of one line repeated once, without the sentence that introduces the author at the end, and
    without a last line that announces what does not follow (a heading, or one that ends with a
    colon).
    """
    kept: list[Line] = []
    key = words_key(title)
    for line in lines:
        if is_furniture(line.text):
            continue
        if len(kept) < 2 and key and words_key(line.text) == key:
            continue
        if kept and kept[-1].text == line.text:
            continue
        kept.append(line)
    if authors and len(kept) > TAIL:
        names = [name.casefold() for name in authors]
        kept[-TAIL:] = [line for line in kept[-TAIL:] if not _introduces(line.text, names)]
    while len(kept) > 2 and _announces(kept[-1]):
        kept.pop()
    return kept


def _introduces(line: str, names: Sequence[str]) -> bool:
    start = line[:MAX_FURNITURE].casefold().lstrip(' "“”„*—–-|:')
    return any(start.startswith(one) and _INTRODUCES.match(start, len(one)) for one in names)


def _announces(line: Line) -> bool:
    return line.kind == "head" or (
        line.kind in ("p", "quote") and line.text.endswith(":") and len(line.text) <= MAX_FURNITURE
    )


def words_key(text: str) -> str:
    """The text's words alone, for comparing lines: no case, no punctuation."""
    return " ".join(_WORD.findall(text.casefold()))


def plain(text: str) -> str:
    """One line of an extraction engine's text without its list and table marks."""
    if not text.isprintable():
        text = text.translate(INVISIBLE)
    return squeeze(_MARK.sub("", text.strip()).replace(" | ", " "))
