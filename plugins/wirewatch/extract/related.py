"""Lists of other reports in the midst or at the end of a body: the heading over them, their lines.

A page's "Related news" is often no list of links any more when the engine has read it: the
headlines stand as bare lines behind their heading, and a search finds the report by them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wirewatch.extract.lines import Line

MAX_HEADING = 60  # characters of a heading over other reports
MAX_HEADLINE = 120  # characters of a headline; a longer line is prose
MAX_HEADLINES = 15  # of one list; a longer run of short lines is the report's own: results, names
MIN_GALLERY = 4  # numbered captions ("3/50 …") that make an embedded gallery
MIN_REST = 500  # characters that must be left without the gallery: else the page is one


# Whole lines that stand over other reports, by language.
_HEADING = re.compile(
    r"\W*(?:"
    + "|".join(
        (
            # English
            r"related(?: (?:news|articles?|stor(?:y|ies)|content|topics?|links?|coverage|posts?"
            r"|reading|reports?|headlines))?|(?:read|see|watch) (?:more|also|next)(?: news"
            r"| stories)?",
            r"more (?:on this(?: story| topic)?|(?:news|stories|headlines|articles|reports"
            r"|coverage)"
            r"(?: from .{2,30})?|from .{2,30}|like this|in .{2,20})|also (?:read|see|in the news)",
            r"(?:other|latest|top|recent|popular|trending|featured) (?:news|stories|headlines"
            r"|articles|posts|reports)|most (?:read|popular|viewed|shared)|trending(?: now)?",
            r"recommended(?: (?:for you|stories|reading|articles))?|editors?.{0,2}s? picks?",
            r"you (?:may|might|could) (?:also )?(?:like|be interested in|enjoy)(?: this| these)?",
            r"don.?t miss(?: this| these)?|in other news|what to read next|up next|further reading",
            # German, Dutch, Nordic
            r"(?:mehr|weiteres?) (?:zum thema|dazu|nachrichten|aus .{2,30})|auch interessant"
            r"|weitere (?:artikel|meldungen|nachrichten|themen|beiträge|berichte)(?: .{2,30})?"
            r"|lesen sie (?:auch|mehr|weiter)|(?:das|dies) (?:könnte|dürfte) (?:sie|dich) auch"
            r" interessieren|(?:meist|viel)gelesen|passend(?:es)? (?:dazu|zum thema)|zum thema"
            r"|verwandte (?:artikel|themen|beiträge)|ähnliche (?:artikel|beiträge)|top-themen"
            r"|das interessiert andere|empfohlene artikel|schon gelesen",
            r"lees (?:ook|meer|verder)|gerelateerde? (?:artikelen|nieuws|berichten)"
            r"|meer (?:nieuws|over dit onderwerp|artikelen)|meest gelezen",
            r"läs (?:också|mer|även)|relaterat|relaterade artiklar|mest läst|les (?:også|mer)"
            r"|læs (?:også|mere)|relaterte? (?:saker|artikler)|relaterede artikler|mest lest"
            r"|lue (?:myös|lisää)|aiheesta lisää",
            # Romance
            r"(?:noticias|notas?|contenidos?|artículos?) relacionad[ao]s?|más (?:noticias"
            r"|información"
            r"|sobre .{2,30})|(?:lea|lee|ver|vea|mira) (?:también|más)|te (?:puede"
            r"|podría) interesar"
            r"|quizás? te interese|l[oe] más (?:leído|visto)|otras noticias",
            r"(?:notícias|matérias|artigos|conteúdos?) relacionad[ao]s?|(?:leia"
            r"|veja) (?:também|mais)"
            r"|mais (?:lidas|notícias)|saiba mais|outras notícias",
            r"(?:à )?lire (?:aussi|également)|voir aussi|sur le même (?:sujet|thème)|les plus lus"
            r"|articles? (?:liés?|similaires?|connexes?|associés?)|à découvrir"
            r"|pour aller plus loin",
            r"leggi anche|potrebbe(?:ro)? interessart[ai]|(?:articoli|notizie) correlat[ei]"
            r"|altre notizie|i più letti|citește și|articole similare",
            # Slavic, Greek, Turkish, Indonesian
            r"(?:czytaj|zobacz|przeczytaj) (?:też|także|również|więcej)|powiązane(?: artykuły)?"
            r"|polecamy|najczęściej czytane|čtěte také|související(?: články)?"
            r"|mohlo by vás zajímat",
            r"(?:читайте|смотрите) (?:также|ещё|еще)|по теме|похожие (?:новости|материалы)"
            r"|другие новости|читайте також|за темою|схожі новини|прочетете още|свързани новини",
            r"διαβάστε (?:επίσης|ακόμη|ακόμα)|σχετικά (?:άρθρα|νέα)|ilgili haberler"
            r"|bunlar da ilginizi çekebilir|diğer haberler|baca juga|berita (?:terkait|lainnya)",
            # Arabic, Hebrew, Persian, Hindi
            r"[اإ]قرأ (?:أيض[اًا]+|ايضا|المزيد)|(?:مواضيع|أخبار) (?:ذات صلة|متعلقة|أخرى)|المزيد"
            r"|قد يعجبك|עוד בנושא|כתבות נוספות|اخبار مرتبط|یہ بھی پڑھیں|(?:यह|ये) भी पढ़ें"
            r"|संबंधित खबरें",
            # Chinese, Japanese, Korean, Vietnamese, Thai
            r"相[关關](?:新[闻聞]|[阅閱][读讀]|文章|报道|報導|链接)|延伸[阅閱][读讀]|推[荐薦][阅閱][读讀]"
            r"|更多(?:新闻|新聞|报道|報導)|関連(?:記事|ニュース)|あわせて読みたい|こちらもおすすめ"
            r"|관련 ?(?:기사|뉴스)|많이 본 뉴스|tin liên quan|xem thêm|ข่าวที่เกี่ยวข้อง",
        )
    )
    + r")\W*",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!…:;,。！।؟۔][\"'”’»)\]]*$")
_QUESTION = re.compile(r"[?？]\W*$")
_NUMBERED = re.compile(r"(\d{1,3})\s?/\s?(\d{1,3})(?:\s|$)")


def is_heading(text: str) -> bool:
    """Does the line stand over other reports ("Related news", "Mehr zum Thema")?"""
    return len(text) <= MAX_HEADING and bool(_HEADING.fullmatch(text))


def without_related(lines: Sequence[Line]) -> list[Line]:
    """The lines without such headings and the headlines behind them, and without galleries.

    The headlines are the run of short lines that end in no full stop. A heading of the report that
    ends the run, before its prose, stays.
    """
    lines = _without_gallery(lines)
    kept: list[Line] = []
    place = 0
    while place < len(lines):
        if not is_heading(lines[place].text):
            kept.append(lines[place])
            place += 1
            continue
        end = place + 1
        while end < len(lines) and _is_headline(lines[end].text):
            end += 1
        run = lines[place + 1 : end]
        if len(run) > MAX_HEADLINES:
            run = []
        elif end < len(lines):  # prose follows, perhaps under a heading or a question of its own
            while run and _is_of_prose(run):
                run = run[:-1]
        place += 1 + len(run)
    return kept


def _is_headline(text: str) -> bool:
    return len(text) <= MAX_HEADLINE and not _SENTENCE_END.search(text) and not is_heading(text)


def _is_of_prose(run: Sequence[Line]) -> bool:
    """Does the run's last line belong to the prose behind it?"""
    last = run[-1]
    if last.kind == "head":
        return any(line.kind != "head" for line in run) or len(run) == 1
    return last.kind != "list" and bool(_QUESTION.search(last.text))


def _without_gallery(lines: Sequence[Line]) -> list[Line]:
    totals = [found[2] if (found := _NUMBERED.match(line.text)) else "" for line in lines]
    galleries = {total for total in totals if total and totals.count(total) >= MIN_GALLERY}
    rest = [line for line, total in zip(lines, totals, strict=True) if total not in galleries]
    return rest if sum(len(line.text) for line in rest) >= MIN_REST else list(lines)
