"""What is a change, what is cosmetic, and what is said of a change."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.records import RevisionKind
from wirewatch.revisions import compare
from wirewatch.revisions.diff import differences, moved
from wirewatch.revisions.words import words

BODY = (
    "Dock workers walked off the job at Port Ellery on Tuesday.\n"
    "Some 3,200 people joined the strike, the union said.\n"
    "Talks over night-shift rules had broken down before dawn."
)


def apply(old: list[str], new: list[str]) -> list[str]:
    """The new words, made of the old ones and the differences."""
    made: list[str] = []
    at = 0
    for a, b, c, d in differences(old, new):
        made += old[at:a] + new[c:d]
        at = b
    return made + old[at:]


@given(st.lists(st.sampled_from("abcde"), max_size=40), st.lists(st.sampled_from("abcde")))
def test_the_differences_lead_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    assert apply(old, new) == new
    assert bool(differences(old, new)) == (old != new)


@given(st.integers(0, 10_000))
def test_a_long_text_with_edits_is_put_right(seed: int) -> None:
    rng = random.Random(seed)
    old = [f"w{rng.randrange(400)}" for _ in range(1_500)]
    new = list(old)
    for _ in range(8):
        at = rng.randrange(len(new))
        new[at : at + rng.randrange(6)] = [f"n{rng.randrange(99)}" for _ in range(rng.randrange(6))]
    spans = differences(old, new)
    assert apply(old, new) == new
    assert sum(b - a for a, b, _, _ in spans) <= 200  # not the whole text


def test_texts_that_share_nothing_are_one_replacement() -> None:
    old, new = [f"a{n}" for n in range(60_000)], [f"b{n}" for n in range(60_000)]
    assert differences(old, new) == [(0, 60_000, 0, 60_000)]


def test_one_word_over_and_over_does_not_hang() -> None:
    """difflib alone takes the square of it, and longer."""
    old, new = ["ha"] * 50_000 + ["x"], ["ho"] + ["ha"] * 49_000 + ["y", "ha"] * 300
    assert apply(old, new) == new


def test_a_paragraph_that_moved_is_counted_as_moved() -> None:
    lines = BODY.split("\n")
    found = compare("T", BODY, "T", "\n".join([lines[0], lines[2], lines[1]]))
    assert found is not None
    assert found.change.words_moved >= 8
    assert found.change.words_added == found.change.words_removed == 0
    old, new = list("abcdefgh"), list("fghabcde")
    assert moved(old, new, [(0, 5, 0, 0), (8, 8, 3, 8)]) == 5


def test_a_changed_figure_is_a_change_with_its_words() -> None:
    found = compare("Strike", BODY, "Strike", BODY.replace("3,200", "2,300"))
    assert found is not None
    assert found.kind == RevisionKind.CHANGED
    change = found.change
    assert (change.words_added, change.words_removed, change.title) == (1, 1, False)
    [edit] = change.edits
    assert (edit.removed, edit.added) == ("3,200", "2,300")
    assert words(BODY)[edit.at] == "3,200"


@pytest.mark.parametrize(
    ("old", "new"),
    [("up 5%", "up 5"), ("fell -5 degrees", "fell 5 degrees"), ("£50", "$50"), ("1.5 m", "15 m"),
     ("Frau Muller", "Frau Müller"), ("us and them", "US and them"), ("हिन्दी", "हिन्दा"),
     ("總統選舉", "總統落選"), ("قتل 3", "قتل 4"), ("The 2nd of May", "The 2nd of June"),
     ("Final score: 2-1", "Final score: 2-0"), ("3 : 1", "3 : 2")],
)  # fmt: skip
def test_a_small_difference_that_matters_is_a_change(old: str, new: str) -> None:
    assert compare("T", old, "T", new) is not None
    assert compare(old, BODY, new, BODY) is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('He said "no" - twice', "He said “no” — twice "),
        ("It's over…", "It’s over..."),
        ("one  two\n\nthree", "one two\nthree"),
        ("co\u00adoperate and\u00a0see\u200b", "cooperate and see"),
        ("Le président : « oui »", "Le président: «oui»"),
        ("ﬁnal résumé", "final re\u0301sume\u0301"),
        ("الخبــر", "الخبر"),
        ("Text.\nUpdated 5 minutes ago", "Text.\nUpdated 2 hours ago"),
        ("Text.\nBy Ana Ruiz · 3 hours ago", "Text.\nBy Ana Ruiz · 4 hours ago"),
        (
            "Text.\nLast updated: 3 March 2026, 14:05 GMT",
            "Text.\nLast updated 4 March 2026 at 9 am",
        ),
        ("Text.\n2026-03-03 14:05", "Text.\n2026-03-03 15:10"),
        ("Text.\n1,234 comments", "Text.\n1,302 comments"),
        ("Text.\n12 shares · 3 likes", "Text.\n2.3k shares · 410 likes"),
        ("Text.\nComments (12)", "Text.\nComments (13)"),
        ("Text.", "Text.\nRead more: Another story altogether"),
        ("Text.\nSee also: This", "Text.\nSee also: That"),
        ("Texto.\nhace 5 minutos", "Texto.\nhace 2 horas"),
        ("Texto.\nActualizado el 3 de marzo de 2026 a las 14:05", "Texto."),
        ("Texto.\n12 comentarios", "Texto.\n14 comentarios"),
        ("Texto.\nLea también: Otra cosa", "Texto."),
        ("Text.\nvor 5 Minuten", "Text.\nvor einer Stunde"),
        ("Text.\nAktualisiert am 3. März 2026 um 14:05 Uhr", "Text.\nStand: 4. März 2026"),
        ("Text.\n12 Kommentare", "Text.\n14 Kommentare"),
        ("Texte.\nil y a 5 minutes", "Texte.\nil y a 2 heures"),
        ("Texte.\nMis à jour le 3 mars 2026 à 14 h 05", "Texte."),
        ("Texte.\n12 commentaires", "Texte.\n14 commentaires"),
        ("Texte.\nLire aussi : Autre chose", "Texte."),
        ("نص.\nمنذ 5 دقائق", "نص.\nمنذ ساعة"),
        ("نص.\nآخر تحديث في الساعة 14:05", "نص."),
        ("نص.\n12 تعليق", "نص.\n14 تعليق"),
        ("نص.\nاقرأ أيضا: خبر آخر", "نص."),
    ],
)
def test_cosmetics_are_no_revision(old: str, new: str) -> None:
    assert compare("T", f"{BODY}\n{old}", "T", f"{BODY}\n{new}") is None


def test_a_sentence_of_the_body_is_never_furniture() -> None:
    old = "The clip, which police say shows the attack, had 1,234 shares within an hour of it"
    assert compare("T", old, "T", old.replace("1,234", "9,876")) is not None


def test_a_title_alone_is_a_change() -> None:
    found = compare("Old words", BODY, "New words", BODY)
    assert found is not None
    assert found.change.title
    assert found.change.edits[0].at == -1


def test_the_diff_kept_is_bounded_and_says_so() -> None:
    old = " ".join(f"w{n} same{n} also{n}" for n in range(500))
    new = old.replace("w", "v")
    found = compare("T", old, "T", new)
    assert found is not None
    assert (len(found.change.edits), found.change.edits_left_out) == (100, 400)
    whole = compare("T", "a " * 5_000, "T", "b " * 5_000)
    assert whole is not None
    assert len(whole.change.edits[0].removed) < 1_000


@pytest.mark.parametrize("text", ["9" * 150_000, "9 " * 150_000, "ago " * 50_000, "(" * 200_000])
def test_hostile_lines_cost_no_time(text: str) -> None:
    assert compare("T", text, "T", text + "x") is not None
