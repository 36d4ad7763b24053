"""The verdict on a pair of texts, and its evidence.

Containment decides whether one text was copied from the other; the numbers and names that differ
in the same place tell a template from a copy; resemblance decides whether the two belong into one
cluster or one merely quotes the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wirewatch.dedup.features import Pair, Profile, conflicts, containments, in_runs, measure
from wirewatch.dedup.frame import only_frame
from wirewatch.dedup.model import load_model
from wirewatch.records import Link
from wirewatch.settings import Settings

PASSAGES = 3  # shared passages kept as evidence
PASSAGE_WORDS = 30  # of each: enough to recognise it, short enough for a document
FLOOR = 0.3  # containment under which nothing else is measured: two English texts share .15 or so
PART = 0.15  # of the shorter text's words in copied runs, for the longer to count as a source
# A source gave only a part: the names and numbers at its edges stand opposite others by chance.
PART_CONFLICT = 0.5
DIFFERENCES = 8  # differing numbers or names kept as evidence
# Share of a text in wording that another has, numbers and names aside, from which both are of one
# template; reports of one affair that quote the same people have half of it at the most.
FORM = 0.7
TEMPLATE = "the same template with other numbers or names"
FRAME = "the same lines above or below different reports"
LITTLE = "they share too little"


@dataclass(frozen=True, slots=True)
class Rule:
    """The thresholds of the verdict; shares are 0 to 1, times are hours."""

    certainty: float
    resemblance: float
    excerpt: float
    strong: float
    weak: float

    @staticmethod
    def of(settings: Settings) -> Rule:
        """The thresholds that the options set."""
        return Rule(
            certainty=settings["dedup.certainty"],
            resemblance=settings["dedup.resemblance"],
            excerpt=settings["dedup.excerpt"],
            strong=settings["dedup.window_strong"],
            weak=settings["dedup.window_weak"],
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pair is: ``copy`` when one text comes from the other, ``source`` when a good part of
    one does, ``joins`` when they share a cluster; ``score`` is the model's probability, ``why``
    says what decided in words."""

    copy: bool
    source: bool
    joins: bool
    score: float
    why: str
    pair: Pair


def compare(
    a: Profile, b: Profile, hours: float, rule: Rule, *, same_outlet: bool = False
) -> Verdict:
    """The verdict on texts a and b, published ``hours`` apart."""
    cheap = containments(a, b)
    if max(cheap[:2]) < FLOOR:
        return TOO_LITTLE
    pair = measure(a, b, hours, cheap)
    score = float(load_model().probability([pair])[0])
    return judge(a, b, pair, score, rule, same_outlet=same_outlet)


def judge(
    a: Profile,
    b: Profile,
    pair: Pair,
    score: float,
    rule: Rule,
    *,
    same_outlet: bool,
    form: float = 0.0,
) -> Verdict:
    """The verdict on two texts with their figures, to which the model gives a probability.

    ``form``, by which only the words change: the share of the shorter text in runs of five words
    that the other has, any number or name standing for one.
    """
    score = round(score, 4)
    if score < rule.certainty and is_misread(pair):
        score = rule.certainty
    why = objection(pair, score, rule, same_outlet, form)
    most = max(pair.containment, pair.containment_of)
    excerpt = most >= rule.excerpt and pair.ratio < 0.5
    joins = not why and (pair.resemblance >= rule.resemblance or excerpt)
    part = max(pair.runs, pair.phrases * most) >= PART and pair.hours <= rule.weak
    source = not why or (part and not is_template(pair, PART_CONFLICT, PART_CONFLICT))
    if source and only_frame(a, b):
        return Verdict(False, False, False, score, FRAME, pair)
    words = why or _words(pair)
    if why and source:
        words = "only a part of one is found in the other"
    return Verdict(not why, source, joins, score, words, pair)


def objection(pair: Pair, score: float, rule: Rule, same_outlet: bool, form: float) -> str:
    """Why a pair is no copy, in words; empty when it is one."""
    if pair.hours > rule.weak:
        return "too many hours apart"
    if is_other_issue(pair):
        return TEMPLATE if form >= FORM else "nearly all numbers in the same place differ"
    most = max(pair.containment, pair.containment_of)
    conflict = max(pair.numbers_conflict, pair.names_conflict)
    if score < rule.certainty:
        return TEMPLATE if is_template(pair) and form >= FORM else LITTLE
    if pair.hours > rule.strong and (most < 0.85 or conflict > 0.1 or pair.runs < 0.8):
        return "another day, and not word for word"
    if same_outlet and pair.head < 0.2 and pair.title < 0.3 and most < 0.95:
        return "one outlet's boilerplate around different reports"
    return ""


def is_other_issue(pair: Pair) -> bool:
    """Whether nearly all numbers in the same place differ: another issue of a regular report.

    Of 4,137 pairs of copies in the tuning stream none was so, of the others 750.
    """
    least = 3 if pair.numbers_conflict == 1 else 4
    return pair.numbers_conflict >= 0.8 and pair.numbers_placed >= least


def is_misread(pair: Pair) -> bool:
    """Whether one text is the other with faults all over it, as a poor scan has: few long runs, but
    most of either text. The model, which saw clean scans, asks for runs.

    Of 700 pairs of the tuning stream that it took for different and that share half of a text, 21
    were so and all of them copies.
    """
    return (
        pair.resemblance >= 0.5
        and min(pair.containment, pair.containment_of) >= 0.65
        and pair.phrases >= 0.2
        and max(pair.numbers_conflict, pair.names_conflict) <= 0.35
    )


def is_template(pair: Pair, numbers: float = 0.3, names: float = 0.3) -> bool:
    """Whether the numbers or names that stand in the same place mostly differ.

    ``numbers`` and ``names``: the shares of each from which they do.
    """
    if pair.numbers_conflict >= 0.5 and pair.numbers_placed >= 3:
        return True
    if pair.runs >= 0.85:
        return False
    return pair.numbers_conflict >= numbers or pair.names_conflict >= names


def _words(pair: Pair) -> str:
    if pair.resemblance >= 0.9:
        return "nearly the same text"
    if pair.ratio < 0.5:
        return "the shorter text is found in the longer"
    return "most of one text is found in the other"


# What a pair is that shares so little that nothing else was measured.
TOO_LITTLE = Verdict(False, False, False, 0.0, LITTLE, Pair.nothing())


def relation(pair: Pair, *, same_outlet: bool, joins: bool) -> str:
    """What text a, the later, is to text b: copy, revision, truncated, excerpt, embedded or mix."""
    if same_outlet and pair.resemblance >= 0.33 and joins:
        return "revision"
    if pair.containment >= 0.8 and pair.containment_of >= 0.8:
        return "copy"
    if pair.containment >= 0.8:
        return "truncated" if pair.ratio >= 0.5 else "excerpt"
    if pair.containment_of >= 0.8:
        return "embedded" if pair.ratio < 0.5 else "copy"
    return "copy" if joins and pair.resemblance >= 0.33 else "mix"


def link(
    a: Profile,
    b: Profile,
    b_id: str,
    pair: Pair,
    *,
    joins: bool,
    score: float,
    same_outlet: bool,
) -> Link:
    """The record of a being a copy of b, with the passages, numbers and names that show it."""
    return Link(
        story_id=b_id,
        relation=relation(pair, same_outlet=same_outlet, joins=joins),
        score=score,
        containment=round(pair.containment, 4),
        containment_of=round(pair.containment_of, 4),
        resemblance=round(pair.resemblance, 4),
        shared=passages(a, b),
        numbers_differ=differing(a, b, "placed_numbers"),
        names_differ=differing(a, b, "placed_names"),
        hours_apart=round(pair.hours, 2),
    )


def passages(a: Profile, b: Profile) -> tuple[str, ...]:
    """The longest runs of words that both texts have, longest first, as a writes them."""
    covered = in_runs(a, b)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], covered.astype(np.int8), [0]))))
    spans = sorted(
        zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True),
        key=lambda span: (span[0] - span[1], span[0]),
    )
    found = []
    for start, end in spans[:PASSAGES]:
        words = a.tokens.words[start : min(end, start + PASSAGE_WORDS)]
        found.append(" ".join(words) + (" …" if end - start > PASSAGE_WORDS else ""))
    return tuple(found)


def differing(a: Profile, b: Profile, kind: str) -> tuple[str, ...]:
    """The numbers (``placed_numbers``) or names of a that stand in the place of others in b."""
    mine = getattr(a, kind)
    _, differ = conflicts(mine, getattr(b, kind))
    words = [a.tokens.words[row] for row in mine[0][differ].tolist()]
    return tuple(dict.fromkeys(words))[:DIFFERENCES]
