from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup.conftest import prose
from wirewatch.dedup.fingerprint import NUMBER, distinct, fingerprints, tokenise


def test_any_copied_run_of_ten_words_leaves_a_fingerprint() -> None:
    for seed in range(50):
        passage = prose(seed, 60).split()[20:30]
        host = prose(1_000 + seed).split()
        embedded = " ".join([*host[:77], *passage, *host[77:]])
        ours, theirs = (fingerprints(tokenise(text)) for text in (prose(seed, 60), embedded))
        assert np.intersect1d(ours, theirs).size, seed


def test_folding_makes_one_word_of_its_spellings() -> None:
    same = ["“ＡＢＣ” — Straße 1,500 co\u00adoperate", '"abc" - STRASSE 1500 cooperate']
    first, second = (tokenise(text).hashes.tolist() for text in same)
    assert first == second


def test_numbers_are_told_from_words_and_keep_their_fraction() -> None:
    tokens = tokenise("It rose 3.5 pct to 10,200 on 12/03 from the 10th.")
    numbers = [w for w, kind in zip(tokens.words, tokens.kinds, strict=True) if kind == NUMBER]
    assert numbers == ["3.5", "10,200", "12/03", "10"]


@pytest.mark.parametrize(
    "text",
    [
        "新华社北京三月二日电记者从国家统计局获悉今年前两个月全国工业生产稳步回升",
        "สำนักข่าวรายงานว่าคณะรัฐมนตรีเห็นชอบแผนพัฒนาเศรษฐกิจฉบับใหม่ในวันอังคาร",
        "政府は二日の閣議で新たな経済対策を決定した。物価高への対応を柱とする。",
    ],
)
def test_scripts_without_spaces_are_shingled_by_characters(text: str) -> None:
    whole = fingerprints(tokenise(text))
    framed = fingerprints(tokenise("前文です別の話。" + text + "終わりの言葉。"))
    # The short text keeps every shingle, the longer one in eight: the run leaves several in both.
    assert np.intersect1d(whole, framed).size >= 5


def test_sentences_begin_after_their_end_signs() -> None:
    tokens = tokenise("… One two. Three!\nFour five? 六七八。九十")
    begun = [tokens.words[row] for row in tokens.sentences]
    assert begun == ["One", "Three", "Four", "六七八", "九十"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    tokens = tokenise(text)
    assert len(tokens.words) == len(tokens.hashes) == len(tokens.kinds)
    assert tokens.sentences.tolist() == sorted(set(tokens.sentences.tolist()))
    assert (tokens.sentences[:1] == 0).all()
    assert len(tokens.sentences) == 0 or tokens.sentences[-1] < len(tokens.words)
    prints = fingerprints(tokens)
    assert (distinct(prints) == prints).all()


def test_one_word_a_hundred_thousand_times_leaves_one_fingerprint() -> None:
    assert len(fingerprints(tokenise("spam " * 100_000))) == 1


def test_lone_surrogates_and_only_signs_are_bounded() -> None:
    assert fingerprints(tokenise("\ud800 \udfff a")).size == 0
    assert tokenise("... !!! \n\n").words == []
    assert tokenise("").words == []
