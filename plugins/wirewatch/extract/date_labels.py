"""What the words beside a shown date say of it: that it is of the publication, or of a change."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from wirewatch.extract.evidence import squeeze

MAX_LABEL = 40  # characters of a label; a longer text is a sentence, whatever its words
MAX_BETWEEN = 24  # characters between the label's word and its date: "on Saturday,"
LEVELS = 3  # of elements above a date, its own included, before which its label stands
PIECES = 6  # of text in an element that is a label
SIBLINGS = 4  # elements before a date, in one of which its label stands

# By language, as in date_words; what begins alike in several languages stands once.
_CHANGED = "|".join(
    (
        r"\bupdated?\b|\bedited\b(?! by)|\brevised\b|\bamended\b"
        r"|\blast changed?\b",  # English
        r"\baktuali[sz]|\bzaktuali|\bgeändert|\bbearbeitet|\büberarbeitet|\bletzte änderung",
        r"\bmis(?:e)? à jour|\bmàj\b|\bmodifi|\bactuali[sz]",  # French, Spanish and their kin
        r"\batualiz|\beditad[oa]\b(?! por)|\balterad[oa] em|\bactualitz",
        r"\baggiornat|\baggiornamento|\bultima modifica",  # Italian
        r"\bbijgewerkt|\bgewijzigd|\blaatste (?:update|wijziging)|\beguneratu|\bazken aldaketa",
        r"\buppdater|\bopdater|\boppdater|\bändrad|\bændret|\bendret|\buppfær|\bsíðast breytt",
        r"\bpäivitet|\bmuokattu|\buuendat|\bmuudetud|\btäiendatud",  # Finnish, Estonian
        r"\batjaunin|\batjaunot|\blabots\b|\bpapildināt|\batnaujin|\bpakeist|\bpapildyt",
        r"\bzmian|\bzmodyfik|\bpoprawion|\bupraven|\bzměněn|\bzmenen[éý]|\bposledn[íá] změn",
        r"\bposodobljen|\bspremenjen|\bdopolnjen|\bažurira|\bizm(?:ij)?enjen|\bosvježen|\bdopunjen",
        r"\bажурира|\bизмењен|\bизменет|\bосвежен|\bактуализиран|\bпроменен",  # South Slavic
        r"\bобновл[её]|\bобновен|\bизмен[её]н|\bотредактир|\bоновлен|\bзмінен|\bвідредаг|\bабноўлен",
        r"\bfrissít|\bfrissül|\bmódosít|\bpërditës|\bazhurnuar",  # Hungarian, Albanian
        r"\bενημερώθηκε|\bτελευταία (?:ενημέρωση|τροποποίηση)|\bανανεώθηκε|\bτροποποιήθηκε",
        r"\bgüncelle|\bdüzenlen|\byenilən",  # Turkish, Azerbaijani
        r"\bcập nhật|\bchỉnh sửa|\bdiperbar|\bdiperbah|\bpembaruan|\bdimutakhir|\bterakhir diubah",
        r"\bdikemas ?kini|\bkemas ?kini|\bimesasishwa|\bilisasishwa|\bimehaririwa|\bжаңарт",
        "تحديث|تعديل|عُدّل|به‌روزرسانی|بروزرسانی|به روز ?رسانی|ویرایش|اپ ?ڈیٹ|تازہ کاری",
        "עודכן|עדכון|נערך ב|अपडेट|अद्यतन|संशोधित|আপডেট|হালনাগাদ|புதுப்பிக்க|อัปเดต|อัพเดต|ปรับปรุง",
        "განახლ|թարմաց|更新|改訂|修正|修订|修訂|编辑于|編輯於|최종|수정|업데이트|갱신",
    )
)
_PUBLISHED = "|".join(
    (
        r"\b(?:re)?publi[cksz]|\bposted\b|\bcreated\b|\breleased\b|\bfirst (?:seen|issued)",
        r"\berschienen|\bveröffentlicht|\berstellt\b|\bgepostet|\bpublié|\bparu\b|\bpubblicat",
        r"\bgepubliceerd|\bgeplaatst|\bargitarat|\bpublicer|\bpubliser|\budgivet|\bbirt\b|\bjulkaist",
        r"\bavaldat|\bpaskelbt|\bopublik|\bdodano|\bzveřejn|\bvydáno|\bobjavlj|\bobjaveno|\bобјавље",
        r"\bобјавено|\bпубликува|\bопублик|\bразмещен|\bсоздано|\bmegjelen|\bközzété",
        r"\bbotuar|\bδημοσι|\byayın|\bdərc|\bđăng|\bxuất bản",
        r"\bterbit|\bditerbit|\bdipublik|\btayang",
        "نشر|منتشر|انتشار|شائع|פורסם|प्रकाशित|প্রকাশ|வெளியிட|เผยแพร่|გამოქვეყნ|հրապարակ|жариялан",
        "公開|掲載|配信|发布|發布|发表|發表|发佈|發佈|刊登|등록|입력|게시|작성",
    )
)
_LABEL = re.compile(f"(?P<changed>{_CHANGED})|(?P<published>{_PUBLISHED})", re.I)
_BREAKS = re.compile(r"[|·•–—\n;]")


def is_changed(text: str) -> bool:
    """Does a word of a short text say that something was changed?"""
    return any(found["changed"] for found in _LABEL.finditer(text))


def published_part(text: str) -> str:
    """The text without the dates that its words say are of a change.

    A word says it of what follows it, up to the next; or of what stands before it, where a date
    begins the text and none ends it: "2026年11月27日 更新".
    """
    labels = list(_LABEL.finditer(text))
    if not any(found["changed"] for found in labels):
        return text
    starts = [0, *(found.end() for found in labels)]
    ends = [*(found.start() for found in labels), len(text)]
    between = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    if _has_digits(between[0]) and not _has_digits(between[-1]):
        parts = zip(labels, between[:-1], strict=True)
        kept = [part for label, part in parts if not label["changed"]]
    else:
        parts = zip(labels, between[1:], strict=True)
        kept = [between[0], *(part for label, part in parts if not label["changed"])]
    return " ".join(kept)


def label_before(element: HtmlElement) -> str:
    """The short text that stands before an element, where it can be its label; else empty."""
    node = element
    for _ in range(LEVELS):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            return ""
        before = node.getprevious()
        for _ in range(SIBLINGS):
            if before is None:
                break
            if before.tail and not before.tail.isspace():
                return as_label(before.tail)
            pieces = [piece for piece, _ in zip(before.itertext(), range(PIECES), strict=False)]
            if text := squeeze(" ".join(pieces)):
                return as_label(text) if len(pieces) < PIECES else ""
            before = before.getprevious()
        if parent.text and not parent.text.isspace():
            return as_label(parent.text)
        node = parent
    return ""


def as_label(text: str) -> str:
    """The end of a text, where it can be the label of the date after it; else empty."""
    last = squeeze(_BREAKS.split(text[-2 * MAX_LABEL :])[-1])
    if len(last) > MAX_LABEL:
        return ""
    labels = list(_LABEL.finditer(last))
    rest = last[labels[-1].end() :] if labels else last
    return last if labels and len(rest) <= MAX_BETWEEN and not _has_digits(rest) else ""


def _has_digits(text: str) -> bool:
    return any(map(str.isdecimal, text))
