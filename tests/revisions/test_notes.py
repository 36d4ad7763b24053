"""Notes are recognised in the languages that news comes in, and news is not taken for one."""

from __future__ import annotations

import pytest

from wirewatch.records import RevisionKind
from wirewatch.revisions import compare, notes
from wirewatch.revisions.notes import NoteKind

CORRECTIONS = [
    "Correction: An earlier version of this report gave a figure of 3,200.",
    "Correction (March 3): The minister's name is Ruiz.",
    "This article was amended on 3 March 2026 to correct a name.",
    "This story has been updated to reflect that two people died.",
    "CLARIFICATION — the vote was on Monday.",
    "(Corrects spelling of name in paragraph 3)",
    "The loss was 12 cents a share, the company said. (Corrects cents a share)",
    "Fe de errores: La cifra correcta es 2.300.",
    "Una versión anterior de esta noticia daba otra cifra.",
    "Corrección: la cifra correcta es 12.",
    "Korrektur: Der Name lautet Müller.",
    "Anm. d. Red.: In einer früheren Version stand ein falscher Ort.",
    "Richtigstellung",
    "In einer früheren Fassung dieses Beitrags war von 12 die Rede.",
    "Rectificatif : le bilan est de trois morts.",
    "Cet article a été modifié pour corriger une date.",
    "Correção: o nome correto é Silva.",
    "Rettifica: il nome è Rossi.",
    "Rectificatie: de naam is Jansen.",
    "Исправление: погибли трое.",
    "تصحيح: العدد الصحيح هو 12.",
    "تصويب: ورد في نسخة سابقة من هذا الخبر رقم خطأ",
    "更正：死者為三人。",
    "訂正：氏名に誤りがありました。",
]
WITHDRAWALS = [
    "KILL: Do not use the story slugged STRIKE.",
    "MANDATORY KILL - harbour strike",
    "This story has been withdrawn because its source was false.",
    "The agency has withdrawn the article about the harbour.",
    "Retraction: the quotes were made up.",
    "Esta noticia ha sido retirada.",
    "Diese Meldung wurde von der Redaktion zurückgezogen.",
    "Cette dépêche est annulée.",
    "تم سحب الخبر",
]
NEWS = [
    "The motion has been withdrawn, the speaker said.",
    "Troops were withdrawn from the town on Monday.",
    "A market correction was expected by analysts.",
    "The editors corrected the record of the session.",
    "Killing time: how passengers wait at the harbour",
    "An earlier version of the bill was rejected.",
    "El portavoz pidió una rectificación al ministro.",
    "Die Korrektur der Prognose fiel deutlich aus.",
    "This report was published by the central bank.",
    "The company clarified its offer.",
]


@pytest.mark.parametrize("line", CORRECTIONS)
def test_corrections(line: str) -> None:
    assert [note.kind for note in notes("T", f"Body.\n{line}")] == [NoteKind.CORRECTION]


@pytest.mark.parametrize("line", WITHDRAWALS)
def test_withdrawals(line: str) -> None:
    assert [note.kind for note in notes("T", f"Body.\n{line}")] == [NoteKind.WITHDRAWAL]


@pytest.mark.parametrize("line", NEWS)
def test_news_is_no_note(line: str) -> None:
    assert notes(line, f"Body.\n{line}") == ()


def test_titles_carry_notes_too() -> None:
    for title in (
        "CORRECTED-Strike ends",
        "(CORRECTED) - Strike ends",
        "Strike ends (corrected)",
        "Berichtigung: Streik endet",
    ):
        assert [note.kind for note in notes(title, "Body.")] == [NoteKind.CORRECTION], title
    assert [note.kind for note in notes("WITHDRAWN: Strike ends", "")] == [NoteKind.WITHDRAWAL]
    assert notes("Markets: correction ahead", "Body.") == ()


def test_only_a_new_note_makes_a_correction() -> None:
    noted = "Body one.\nCorrection: the figure is 12."
    first = compare("T", "Body one.", "T", noted)
    assert first is not None
    assert first.kind == RevisionKind.CORRECTION
    assert first.note is not None
    assert first.note.text == "Correction: the figure is 12."
    later = compare("T", noted, "T", noted.replace("one", "two"))
    assert later is not None
    assert later.kind == RevisionKind.CHANGED


def test_a_withdrawal_outweighs_a_correction() -> None:
    found = compare("T", "Body.", "T", "Correction: x is y.\nThis story has been withdrawn.")
    assert found is not None
    assert found.kind == RevisionKind.WITHDRAWAL
