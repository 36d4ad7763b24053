"""The small boosted model that tells copies from what looks like them.

Its weights are ``model.json``, a readable file: the names of the figures and a list of short trees,
each a handful of questions ("numbers_conflict <= 0.31?") that end in a number of log-odds. The
probability is the logistic function of their sum (Friedman: Greedy Function Approximation, 2001).
``benchmarks/dedup_train.py`` trains it. It was held monotone: more shared text can only raise the
probability, more numbers or names that differ in the same place can only lower it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.features import Pair
from wirewatch.records import Record, from_json

FILE = Path(__file__).with_name("model.json")
MOST_PLACED = 20  # numbers in the same place; more say nothing further
MOST_WORDS = 1_000

# The figures in the order of the model's columns, and whether more of each can only raise (1) or
# only lower (-1) the probability.
FIGURES: dict[str, int] = {
    "contained": 1,  # the greater containment of the two
    "covered": 1,  # the lesser
    "resemblance": 1,
    "runs": 1,
    "phrases": 1,
    "sentences": 1,
    "numbers": 1,
    "numbers_conflict": -1,
    "numbers_placed": 0,
    "names": 1,
    "names_conflict": -1,
    "head": 1,
    "words": 0,
    "ratio": 0,
}


class Tree(Record, frozen=True, kw_only=True):
    """One tree; node 0 is its root. A leaf has ``left`` 0."""

    figure: tuple[int, ...]  # column asked about
    threshold: tuple[float, ...]  # goes left when the figure is at most this
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]  # log-odds; of an inner node the mean of its leaves


class Weights(Record, frozen=True, kw_only=True):
    """The content of ``model.json``."""

    figures: tuple[str, ...]
    trained_on: dict[str, int]  # pairs by data set
    base: float  # log-odds before any tree
    trees: tuple[Tree, ...]


class Model:
    """The weights, ready to be asked."""

    def __init__(self, weights: Weights) -> None:
        if weights.figures != tuple(FIGURES):
            raise ValueError(f"the model was trained on other figures: {weights.figures}")
        self.base = weights.base
        nodes = max(len(tree.left) for tree in weights.trees)
        shape = (len(weights.trees), nodes)
        self._figure = np.zeros(shape, np.intp)
        self._threshold = np.zeros(shape)
        self._children = np.zeros((*shape, 2), np.intp)
        self._value = np.zeros(shape)
        self._depth = 0
        for row, tree in enumerate(weights.trees):
            for at in range(len(tree.left)):
                leaf = not tree.left[at]
                self._figure[row, at] = tree.figure[at]
                self._threshold[row, at] = tree.threshold[at]
                self._children[row, at] = (at, at) if leaf else (tree.left[at], tree.right[at])
                self._value[row, at] = tree.value[at]
            self._depth = max(self._depth, _depth(tree))

    def probability(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """For each pair the probability that one is a copy of the other, 0 to 1."""
        if not pairs:
            return np.zeros(0)
        table = np.array([figures(pair) for pair in pairs])
        rows = np.arange(len(pairs))[:, None]
        trees = np.arange(len(self._figure))[None, :]
        node = np.zeros((len(pairs), len(self._figure)), np.intp)
        for _ in range(self._depth):
            right = table[rows, self._figure[trees, node]] > self._threshold[trees, node]
            node = self._children[trees, node, right.astype(np.intp)]
        odds = self.base + self._value[trees, node].sum(axis=1)
        answer: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return answer

    def because(self, pair: Pair) -> dict[str, float]:
        """What each figure adds to the log-odds of a pair, the weightiest first.

        The parts and ``base`` sum to the log-odds: along a path each question's figure is given the
        change of the mean that its answer brings (Saabas 2014).
        """
        row = figures(pair)
        parts = dict.fromkeys(FIGURES, 0.0)
        names = list(FIGURES)
        start = self.base
        for tree in range(len(self._figure)):
            node = 0
            start += float(self._value[tree, 0])
            for _ in range(self._depth):
                figure = int(self._figure[tree, node])
                side = int(row[figure] > self._threshold[tree, node])
                child = int(self._children[tree, node, side])
                parts[names[figure]] += float(self._value[tree, child] - self._value[tree, node])
                node = child
        parts["base"] = start
        return dict(sorted(parts.items(), key=lambda part: -abs(part[1])))


def figures(pair: Pair) -> list[float]:
    """A pair's figures in the order of :data:`FIGURES`."""
    return [
        max(pair.containment, pair.containment_of),
        min(pair.containment, pair.containment_of),
        pair.resemblance,
        pair.runs,
        pair.phrases,
        pair.sentences,
        pair.numbers,
        pair.numbers_conflict,
        min(pair.numbers_placed, MOST_PLACED),
        pair.names,
        pair.names_conflict,
        pair.head,
        min(pair.length, MOST_WORDS),
        pair.ratio,
    ]


@cache
def load_model() -> Model:
    """The package's model. Raises msgspec.ValidationError when its file is not of the form."""
    return Model(from_json(Weights, FILE.read_bytes()))


def _depth(tree: Tree) -> int:
    def below(node: int) -> int:
        if not tree.left[node]:
            return 0
        return 1 + max(below(tree.left[node]), below(tree.right[node]))

    return below(0)
