"""Correction, clarification and withdrawal notes in a title or a text.

A note is a line that begins with its label ("Correction:", "Fe de errores"), or a sentence that
says of this very report that it was corrected or withdrawn. A motion that "has been withdrawn" is
news, and no note: the sentence must name the report.
"""

from __future__ import annotations

import re
from enum import StrEnum

from wirewatch.records import Record
from wirewatch.revisions.words import plain, words

MOST = 600  # characters of a note that are kept: the longest of wire services have some 400


class NoteKind(StrEnum):
    """What a note says happened."""

    CORRECTION = "correction"  # also a clarification or an amendment
    WITHDRAWAL = "withdrawal"


class Note(Record, frozen=True, kw_only=True):
    """A note as the page has it."""

    kind: NoteKind
    text: str


# Labels that begin a line, and are followed by a colon, a dash, a bracket or the line's end.
_CORRECTION_LABELS = (
    # English
    r"corrections?", r"corrected(?: version)?", r"clarifications?", r"correction and clarification",
    r"corrections? and clarifications?", r"erratum", r"errata",
    # Spanish
    r"fe de (?:errores|erratas)", r"correcci(?:ón|ones)", r"corrige", r"rectificaci(?:ón|ones)",
    r"aclaraci(?:ón|ones)", r"nota aclaratoria",
    # German
    r"korrektur(?:hinweis)?", r"berichtigung", r"richtigstellung", r"klarstellung",
    r"anm(?:erkung|\.) d(?:er|\.) red(?:aktion|\.)", r"(?:wir )?korrigieren",
    # French
    r"rectificatif", r"rectification", r"précision", r"mise au point", r"correctif",
    # Portuguese, Italian, Dutch, Swedish, Polish, Turkish, Russian
    r"correç(?:ão|ões)", r"retificação", r"rettifica", r"errata corrige", r"precisazione",
    r"correctie", r"rectificatie", r"rättelse", r"sprostowanie", r"korekta", r"düzeltme",
    r"исправление", r"поправка", r"уточнение",
    # Arabic, Chinese, Japanese
    r"تصحيح", r"تصويب", r"توضيح", r"استدراك", r"更正", r"勘[误誤]", r"訂正", r"訂正とお詫び",
)  # fmt: skip
_WITHDRAWAL_LABELS = (
    r"(?:mandatory )?kill", r"(?:story |article )?withdrawn", r"retract(?:ion|ed)",
    r"retirad[ao]", r"retractación", r"anulad[ao]", r"anulación",
    r"zurückgezogen", r"rückzug der meldung", r"annulation", r"annule et remplace",
    r"annullata?", r"ingetrokken", r"سحب الخبر", r"إلغاء الخبر", r"撤[稿回]",
)  # fmt: skip
_THIS = r"(?:this|the|an earlier version of this|a previous version of this)"
_PIECE = r"(?:article|story|report|post|piece|item|dispatch|headline|column|copy|page)"
_CORRECTION_SENTENCES = (
    rf"\b{_THIS} {_PIECE} (?:has been|was|is being|had been) (?:since )?"
    r"(?:amended|corrected|clarified|edited to|changed to|"
    r"updated to (?:correct|clarify|reflect|fix|remove))",
    rf"\b(?:an? )?(?:earlier|previous|original) versions? of (?:this|the) {_PIECE}",
    r"\((?:this [^)]{0,40})?(?:corrects|correcting|clarifies)\b",
    r"\buna versión (?:anterior|previa) de est[ea]",
    r"\best[ea] (?:artículo|noticia|nota|texto) (?:ha sido|fue) (?:corregid|modificad|rectificad)",
    r"\bin einer (?:früheren|vorherigen|vorigen|ersten|älteren) (?:version|fassung)",
    r"\bdies(?:er|e|en) (?:artikel|beitrag|text|meldung) (?:wurde|haben wir) .{0,40}"
    r"(?:korrigiert|berichtigt|geändert)",
    r"\bune (?:première |précédente )?version (?:précédente |antérieure )?de (?:cet|cette|ce) "
    r"(?:article|dépêche|texte)",
    r"\bc(?:et|ette) (?:article|dépêche) a été (?:corrigée?|rectifiée?|modifiée?|amendée?)",
    r"\buma versão anterior (?:dest[ea]|d[ea]st[ea])", r"\buna versione precedente di quest",
    r"\bin een eerdere versie van dit", r"\bв (?:предыдущей|более ранней) версии",
    r"نسخة سابقة من (?:هذا|هذه)",
    r"(?:تم|جرى) (?:تصحيح|تعديل) هذا (?:الخبر|المقال|التقرير)",
)  # fmt: skip
_WITHDRAWAL_SENTENCES = (
    rf"\b(?:this|the|our) (?:\w+ )?{_PIECE} (?:has been|was|is) (?:hereby )?"
    r"(?:withdrawn|retracted|removed|taken down|killed)",
    rf"\b(?:withdraws?|retracts?|has withdrawn|has retracted|is withdrawing) (?:this|the|its) "
    rf"(?:\w+ )?{_PIECE}",
    r"\best[ea] (?:artículo|noticia|nota|despacho) (?:ha sido|fue) (?:retirad|anulad)",
    r"\bdies(?:er|e) (?:artikel|beitrag|meldung) (?:wurde|wird|ist) (?:\w+ ){0,3}"
    r"(?:zurückgezogen|gelöscht|entfernt)",
    r"\bc(?:et|ette) (?:article|dépêche) (?:a été|est) (?:retirée?|annulée?|supprimée?)",
    r"(?:تم|جرى) (?:سحب|حذف|إلغاء) (?:هذا )?(?:الخبر|المقال|التقرير)",
)  # fmt: skip


def _line(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"^\W{{0,4}}(?:{'|'.join(labels)})(?:\s*\([^)\n]{{0,60}}\))?\s*(?:[:\-–—]|$)",
        re.IGNORECASE,
    )


_LABELLED = {
    NoteKind.WITHDRAWAL: _line(_WITHDRAWAL_LABELS),
    NoteKind.CORRECTION: _line(_CORRECTION_LABELS),
}
_SAID = {
    NoteKind.WITHDRAWAL: re.compile("|".join(_WITHDRAWAL_SENTENCES), re.IGNORECASE),
    NoteKind.CORRECTION: re.compile("|".join(_CORRECTION_SENTENCES), re.IGNORECASE),
}
_TITLED = re.compile(
    r"^\W{0,2}(?:corrected|correction|corrige|correcci[oó]n|berichtigung|korrektur|rectificatif|"
    r"تصحيح|تصويب)\)?\s*[:\-]|"
    r"\((?:corrected|corregida|korrigierte? (?:fassung|version)|نسخة مصححة)\)$",
    re.IGNORECASE,
)
_TITLED_AWAY = re.compile(
    r"^\W{0,2}(?:(?:mandatory )?kill|withdrawn|retraction|retracted|anulad[ao]|annulation)\s*[:\-]|"
    r"\((?:withdrawn|retracted)\)$",
    re.IGNORECASE,
)


def notes(title: str, text: str) -> tuple[Note, ...]:
    """The notes of a page: its title's first, then line by line; none twice."""
    found: list[Note] = []
    headline = plain(title).strip()
    if _TITLED_AWAY.search(headline):
        found.append(Note(kind=NoteKind.WITHDRAWAL, text=title[:MOST]))
    elif _TITLED.search(headline):
        found.append(Note(kind=NoteKind.CORRECTION, text=title[:MOST]))
    for line in text.split("\n"):
        kind = _kind(plain(line).strip())
        if kind:
            found.append(Note(kind=kind, text=line.strip()[:MOST]))
    return tuple(dict.fromkeys(found))


def new_notes(before: tuple[Note, ...], after: tuple[Note, ...]) -> tuple[Note, ...]:
    """The notes that are new, whatever their typesetting."""
    known = {(note.kind, *words(note.text)) for note in before}
    return tuple(note for note in after if (note.kind, *words(note.text)) not in known)


def _kind(line: str) -> NoteKind | None:
    for patterns in (_LABELLED, _SAID):
        for kind, pattern in patterns.items():
            if pattern.search(line):
                return kind
    return None
