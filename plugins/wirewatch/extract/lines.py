"""Lines of a body that are no part of the report: related links, newsletters, the title again."""

from __future__ import annotations

import re

MAX_FURNITURE = 160  # characters; a longer paragraph that begins like a teaser is prose

# Beginnings of lines that lead away from the report, by language: en, es, de, fr, ar.
_LEADS_AWAY = re.compile(
    r"""^\W*(?:
    read\ (?:more|also|next|on|the\ full|our)\b|related\s*(?::|$)
    |related\ (?:news|articles?|stor(?:y|ies)|content|topics?|links?|coverage)\b
    |(?:see|watch|listen|you\ may)\ also\b|more\ (?:on\ this|from|stories|news|about\ this)\b
    |recommended\ *(?::|$|for\ you|stories|reading)|most\ (?:read|popular)\b
    |don.?t\ miss\b|sign\ up\ (?:for|to)\b|subscribe\ (?:to|now|for)\b
    |get\ (?:our|the)\ .{0,40}newsletter|follow\ us\b
    |share\ (?:this|on|via)\b|click\ here\b|advertisement\W*$|story\ continues\ below
    |continue\ reading|skip\ (?:to|past)\b
    |join\ (?:our|the)\ (?:newsletter|conversation|channel)|download\ (?:our|the)\ app
    |watch\ (?:the\ )?video\b|comments?\s*\(?\d*\)?$
    |lesen\ sie\ (?:auch|mehr|hier)|mehr\ (?:zum\ thema|dazu|lesen|aus|nachrichten)\b.{0,50}$
    |auch\ interessant|das\ könnte\ sie\ auch
    |weiterlesen\W*$|zum\ thema\s*(?::|$)|anzeige\W*$|newsletter\b.{0,60}(?:abonnieren|anmelden)
    |jetzt\ (?:abonnieren|anmelden|newsletter)
    |folgen\ sie\ uns|artikel\ (?:teilen|drucken|merken)|kommentare?\s*\(?\d*\)?$
    |(?:lea|lee|leer|ver|vea|mira|conozca|le\ puede\ interesar|te\ puede\ interesar|puede\ leer)
    \ ?(?:también|más|además)?\s*:
    |lea\ también|lee\ también|leer\ más\b|ver\ más\b
    |más\ (?:noticias|información|sobre\ este)\b.{0,30}$|noticias\ relacionadas
    |te\ (?:puede|recomendamos)
    |suscríb\w+\b|regístr\w+\b|síguenos|publicidad\W*$|comparte\ (?:esta|este|en)\b
    |recib\w+\ .{0,40}newsletter
    |lire\ (?:aussi|la\ suite|également|plus)\b|à\ lire\b|voir\ aussi
    |sur\ le\ même\ (?:sujet|thème)|inscrivez-vous|abonnez-vous
    |suivez-nous|partager\b.{0,30}$|publicité\W*$|la\ suite\ après|recevez\b.{0,60}newsletter
    |اقرأ\ (?:أيضا|أيضاً|المزيد|ايضا)|إقرأ\ أيضا|شاهد\ أيضا|مواضيع\ (?:ذات\ صلة|متعلقة)
    |أخبار\ ذات\ صلة|المزيد\ من.{0,25}$|تابعونا|اشترك\ في\ (?:نشرتنا|النشرة|قناتنا)|إعلان\W*$
    |شارك\ (?:على|عبر|هذا|المقال|الخبر).{0,25}$
    )""",
    re.I | re.X,
)
_COUNTERS = re.compile(
    r"^\W*\d{0,6}\s*(?:views?|shares?|likes?|comments?|kommentare|comentarios|min read"
    r"|minutes? read)\W*$",
    re.I,
)
_RIGHTS = re.compile(
    r"^\W*(?:©|\(c\)\s|copyright\b)|all rights reserved|alle rechte vorbehalten"
    r"|todos los derechos reservados|tous droits réservés|جميع الحقوق محفوظة",
    re.I,
)
_WORD = re.compile(r"\w+")


def is_furniture(line: str) -> bool:
    """Does the line lead away from the report ("Read more: …", "Sign up for our newsletter")?"""
    return len(line) <= MAX_FURNITURE and bool(
        _LEADS_AWAY.match(line) or _COUNTERS.match(line) or _RIGHTS.search(line)
    )


def clean(lines: list[str], title: str) -> list[str]:
    """The lines without furniture, without the title where they begin with it, each run of one
    line repeated once."""
    kept: list[str] = []
    key = words_key(title)
    for line in lines:
        if is_furniture(line):
            continue
        if len(kept) < 2 and key and words_key(line) == key:
            continue
        if kept and kept[-1] == line:
            continue
        kept.append(line)
    return kept


def words_key(text: str) -> str:
    """The text's words alone, for comparing lines: no case, no punctuation."""
    return " ".join(_WORD.findall(text.casefold()))
