from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup.conftest import prose
from wirewatch.dedup.features import Pair, Profile, measure
from wirewatch.dedup.model import FIGURES, Model, Weights, figures, load_model

shares = st.floats(0, 1)
SHARES = ("containment", "containment_of", "resemblance", "runs", "phrases", "sentences", "head")


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    made = {name: draw(shares) for name in (*SHARES, "numbers", "names", "ratio", "title")}
    made |= {name: draw(shares) for name in ("numbers_conflict", "names_conflict")}
    placed = {name: draw(st.integers(0, 40)) for name in ("numbers_placed", "names_placed")}
    return Pair(**made, **placed, length=draw(st.integers(0, 2_000)), hours=1.0)


@given(pairs(), pairs())
def test_more_shared_text_never_makes_a_copy_less_likely(one: Pair, other: Pair) -> None:
    model = load_model()
    low, high = figures(one), figures(other)
    joined_low, joined_high = [], []
    for at, direction in enumerate(FIGURES.values()):
        ends = sorted((low[at], high[at])) if direction else (low[at], low[at])
        joined_low.append(ends[0] if direction >= 0 else ends[1])
        joined_high.append(ends[1] if direction >= 0 else ends[0])
    odds = [_odds(model, row) for row in (joined_low, joined_high)]
    assert odds[0] <= odds[1] + 1e-9


def _odds(model: Model, row: list[float]) -> float:
    names = dict(zip(FIGURES, row, strict=True))
    pair = Pair(
        containment=names["contained"],
        containment_of=min(names["covered"], names["contained"]),
        resemblance=names["resemblance"],
        runs=names["runs"],
        phrases=names["phrases"],
        sentences=names["sentences"],
        numbers=names["numbers"],
        numbers_conflict=names["numbers_conflict"],
        numbers_placed=int(names["numbers_placed"]),
        names=names["names"],
        names_conflict=names["names_conflict"],
        names_placed=0,
        head=names["head"],
        title=0,
        length=int(names["words"]),
        ratio=names["ratio"],
        hours=0,
    )
    share = float(model.probability([pair])[0])
    return math.log(max(share, 1e-12) / max(1 - share, 1e-12))


@given(pairs())
def test_the_reasons_add_up_to_the_answer(pair: Pair) -> None:
    model = load_model()
    odds = sum(model.because(pair).values())
    assert 1 / (1 + math.exp(-odds)) == pytest.approx(float(model.probability([pair])[0]), abs=1e-6)


def test_many_pairs_at_once_are_answered_as_one_by_one() -> None:
    texts = [Profile(prose(seed)) for seed in range(4)]
    some = [measure(one, other, 0) for one in texts for other in texts]
    model = load_model()
    together = model.probability(some)
    alone = [float(model.probability([pair])[0]) for pair in some]
    assert np.allclose(together, alone)
    assert [share > 0.5 for share in alone] == [one is other for one in texts for other in texts]
    assert len(model.probability([])) == 0


def test_weights_for_other_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="other figures"):
        Model(Weights(figures=("a",), trained_on={}, base=0.0, trees=()))
