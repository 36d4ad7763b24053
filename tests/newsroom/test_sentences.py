"""Where sentences and paragraphs of news text end."""

from __future__ import annotations

import pytest

from newsroom import sentences


@pytest.mark.parametrize(
    "parts",
    [
        ["Mr. Holt paid 4.2 million.", "He left on Feb. 3 for the U.S. Senate."],
        ['"We knew," she said.', '"It was No. 4!"', "Nobody answered."],
        ["He said no.", "J. R. Stone agreed at 9.52 p.m. on Saturday."],
        ["Acme Inc. rose.", "Brandt & Co. fell."],
        ["Am 3. Mai sprach Dr. Ohlsen z. B. über Geld.", "»Das reicht«, sagte sie."],
        ["«No lo sé», dijo.", "¿Quién?", "El Sr. Usoz calló."],
        ["قال: «لا أعرف».", "هل عاد؟", "لم يعد."],
        ["他来了。", "她走了！", "谁？"],
    ],
)
def test_splits(parts: list[str]) -> None:
    text = sentences.join(parts)
    assert sentences.split(text) == parts


@pytest.mark.parametrize("text", ["", "   ", "...", "word", '"', "\n\n"])
def test_odd_text_is_no_error_and_loses_nothing(text: str) -> None:
    assert "".join(sentences.split(text)) == text.strip()


def test_paragraphs_by_blank_lines_indents_lines_and_sentences() -> None:
    assert sentences.paragraphs("One\nline.\n\nTwo.") == ("One line.", "Two.")
    assert sentences.paragraphs("The bank\nsaid so.\n    It paid.\n Reuter\n") == (
        "The bank said so.",
        "It paid. Reuter",
    )
    assert sentences.paragraphs("One ends.\nTwo ends.") == ("One ends.", "Two ends.")
    wrapped = "The first sentence is\nwrapped. The second\ntoo. A third\none. And a fourth."
    assert sentences.paragraphs(wrapped) == (
        "The first sentence is wrapped. The second too.",
        "A third one. And a fourth.",
    )
    assert sentences.paragraphs(" \r\n ") == ()
