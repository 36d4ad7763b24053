"""Train the verdict's model: ``dedup_train.py DIR`` writes plugins/wirewatch/dedup/model.json.

DIR holds dedup-reuters, dedup-ecbplus and topics-reuters21578. Only the tuning halves are used:
streams made of even story numbers, weak Reuters pairs whose first number is even, ECB+ topics of
even number. Needs scikit-learn, which wirewatch itself does not. The other halves are printed as a
check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from dedup_data import event_texts, make_stream, newswire, read_lines
from wirewatch.dedup.candidates import find_candidates
from wirewatch.dedup.features import Pair, Profile, measure
from wirewatch.dedup.model import FIGURES, FILE, Model, Tree, Weights, figures
from wirewatch.dedup.segments import build_rows
from wirewatch.records import Story

# Rounds, depth and rate were chosen among 60, 120 and 3, 4 on the tuning halves.
ROUNDS, DEPTH, RATE = 120, 3, 0.12
SEEDS = ("stream", "second", "third")
LEAF = 15  # pairs in a leaf at least
# A real pair weighs more than a generated one, for there are fewer and they are what matters.
WEIGHT = {"stream": 1.0, "reuters": 3.0, "events": 5.0}
HALF_COPIED = 0.5  # word-3-gram containment from which ECB+ pairs of one event count as copies

Labelled = list[tuple[Pair, bool]]


def compared(stories: list[Story]) -> Iterator[tuple[Story, Story, Pair]]:
    """Every pair of stories that the candidate stage brings up, with its figures."""
    texts = [Profile(story.article.text, story.article.title) for story in stories]
    times = [int(story.time.timestamp()) for story in stories]
    ids = [story.id for story in stories]
    prints = [text.prints for text in texts]
    rows = build_rows(ids, times, prints)
    found = find_candidates([], rows, ids, prints, times, window=7 * 86_400, cap=64, limit=8)
    place = {identity: at for at, identity in enumerate(ids)}
    pairs = {
        tuple(sorted((query, place[other])))
        for query, other in zip(found.query.tolist(), found.ids, strict=True)
    }
    for one, other in sorted(pairs):
        hours = abs(times[one] - times[other]) / 3600
        yield stories[one], stories[other], measure(texts[one], texts[other], hours)


def stream_pairs(folder: Path, half: int) -> Labelled:
    """Pairs of the stream; a pair is true when both come from one report.

    The tuning half is churned with several seeds, so that each kind is seen in many shapes.
    """
    found: Labelled = []
    for seed in SEEDS if half == 0 else SEEDS[:1]:
        stream = make_stream(folder, half, seed)
        truth = stream.base
        found += [(pair, truth[a.id] == truth[b.id]) for a, b, pair in compared(stream.stories)]
    return found


def weak_pairs(folder: Path, half: int) -> Labelled:
    """Reruns (true) and templates of other days (false) of Reuters-21578."""
    texts = {
        story.article.feed_id: Profile(story.article.text, story.article.title)
        for story in newswire(folder)
    }
    return [
        (measure(texts[pair["a"]], texts[pair["b"]], pair["hours_apart"]), label == "rerun")
        for pair in read_lines(folder / "dedup-reuters" / "pairs.jsonl")
        if int(pair["a"]) % 2 == half and (label := pair["weak_label"]) != "update_or_other"
    ]


def event_pairs(folder: Path, half: int) -> Labelled:
    """ECB+ pairs of one event that share half of their word 3-grams (true), of two (false)."""
    stories, label, number = event_texts(folder / "dedup-ecbplus")
    copies = {
        frozenset((number[pair["a"]], number[pair["b"]]))
        for pair in read_lines(folder / "dedup-ecbplus" / "lexical_pairs.jsonl")
        if pair["containment3"] >= HALF_COPIED
    }
    stories = [story for story in stories if int(label[story.id].split("_")[0]) % 2 == half]
    return [
        (pair, copy)
        for a, b, pair in compared(stories)
        if (copy := frozenset((a.id, b.id)) in copies) or label[a.id] != label[b.id]
    ]


def written(fitted: Any, sets: dict[str, Labelled]) -> Weights:
    """The fitted trees as the package's readable form."""
    trees = []
    for (predictor,) in fitted._predictors:  # no public way to read a tree
        nodes = predictor.nodes
        value = nodes["value"].astype(float)
        for at in reversed(range(len(nodes))):  # children stand after their parent
            if not nodes[at]["is_leaf"]:
                low, high = nodes[at]["left"], nodes[at]["right"]
                counts = nodes[low]["count"], nodes[high]["count"]
                value[at] = np.average([value[low], value[high]], weights=counts)
        inner = ~nodes["is_leaf"].astype(bool)
        trees.append(
            Tree(
                figure=tuple(np.where(inner, nodes["feature_idx"], 0).tolist()),
                threshold=tuple(np.where(inner, nodes["num_threshold"], 0.0).tolist()),
                left=tuple(np.where(inner, nodes["left"], 0).tolist()),
                right=tuple(np.where(inner, nodes["right"], 0).tolist()),
                value=tuple(value.round(6).tolist()),
            )
        )
    return Weights(
        figures=tuple(FIGURES),
        trained_on={name: len(pairs) for name, pairs in sets.items()},
        base=round(float(fitted._baseline_prediction.item()), 6),
        trees=tuple(trees),
    )


def readable(model: Weights) -> str:
    """The weights as JSON with one tree a line."""
    trees = ",\n  ".join(msgspec.json.encode(tree).decode() for tree in model.trees)
    head = msgspec.json.encode(msgspec.structs.replace(model, trees=())).decode()
    return head.replace('"trees":[]', f'"trees":[\n  {trees}\n]').replace(',"', ',\n"', 3) + "\n"


def main() -> None:
    folder = Path(sys.argv[1])
    makers = {"stream": stream_pairs, "reuters": weak_pairs, "events": event_pairs}
    sets = {name: make(folder, 0) for name, make in makers.items()}
    table = np.array([figures(pair) for pairs in sets.values() for pair, _ in pairs])
    truth = np.array([copy for pairs in sets.values() for _, copy in pairs])
    weights = np.concatenate([np.full(len(pairs), WEIGHT[name]) for name, pairs in sets.items()])
    fitted = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        max_depth=DEPTH,
        learning_rate=RATE,
        monotonic_cst=list(FIGURES.values()),
        min_samples_leaf=LEAF,
        l2_regularization=1.0,
        random_state=0,
    ).fit(table, truth, sample_weight=weights)
    model = written(fitted, sets)
    drift = np.abs(
        Model(model).probability([p for pairs in sets.values() for p, _ in pairs])
        - fitted.predict_proba(table)[:, 1]
    ).max()
    assert drift < 1e-4, f"the written model differs from the fitted one by {drift}"
    FILE.write_text(readable(model), "utf-8")
    for name, make in makers.items():
        pairs = make(folder, 1)
        told = Model(model).probability([pair for pair, _ in pairs]) >= 0.5
        real = np.array([copy for _, copy in pairs])
        print(
            f"{name}, other half: {len(pairs)} pairs, recall {told[real].mean():.4f},"
            f" {int(told[~real].sum())} of {int((~real).sum())} others linked"
        )


if __name__ == "__main__":
    main()
