"""Copies that only keep, cut and move what the original says."""

from __future__ import annotations

import re

from newsroom import sentences
from newsroom.churn.records import (
    Job,
    Version,
    printed_dateline,
    retitled,
    unchanged,
    version,
)
from wirewatch.records import replace

TAIL_KEEPS = (0.4, 0.8)  # share of the sentences that stays when a desk cuts to fit
BRIEF_SENTENCES = 3
SHORT_BRIEF = (110, 220)  # characters from which a short brief ends with its sentence
DROPPED = (0.15, 0.4)  # share of the paragraphs that goes
MOVED_QUOTES = (0.5, 1.0)  # share of the sentences with quotes that moves

QUOTED = re.compile("[\"“”„«»]|``|''")


def verbatim(job: Job) -> Version:
    """The report as the agency sent it."""
    return version(job, note="verbatim")


def rebylined(job: Job) -> Version:
    """The report under the outlet's own byline, the agency and the dateline gone."""
    byline = job.rng.choice([name for name in job.phrases.bylines if name != job.original.author])
    made = version(job, note=f"byline {byline!r} for {job.original.author!r}")
    return replace(made, byline=byline, dateline="")


def dateline_changed(job: Job) -> Version:
    """The report with another place before its first sentence."""
    old = job.original.dateline
    place = job.rng.choice([name for name in job.phrases.datelines if name != old])
    made = version(job, note=f"dateline {place!r} for {old!r}")
    return replace(made, dateline=printed_dateline(place, job.original.agency))


def tail_cut(job: Job) -> Version:
    """The first 40 to 80 per cent of the sentences, ended where a sentence ends."""
    total = sum(len(sentences.spans(part)) for part in job.original.paragraphs)
    if total < 2:
        return unchanged(job, "nothing to cut off")
    keep = min(total - 1, max(1, round(total * job.rng.uniform(*TAIL_KEEPS))))
    return version(job, head(job.original.paragraphs, keep), f"first {keep} of {total} sentences")


def brief(job: Job) -> Version:
    """The first three sentences, as one paragraph, under any of the report's headlines."""
    first = [s for part in job.original.paragraphs for s in sentences.split(part)]
    first = first[:BRIEF_SENTENCES]
    made = version(job, [sentences.join(first)], f"first {len(first)} sentences")
    return retitled(made, job)


def brief_short(job: Job) -> Version:
    """The first sentence or two, as a page's ticker or a newsletter prints them."""
    first = [s for part in job.original.paragraphs for s in sentences.split(part)]
    size = job.rng.randint(*SHORT_BRIEF)
    kept: list[str] = []
    for sentence in first[:BRIEF_SENTENCES]:
        kept.append(sentence)
        if sum(map(len, kept)) >= size:
            break
    return retitled(version(job, [sentences.join(kept)], f"first {len(kept)} sentences"), job)


def quotes_moved(job: Job) -> Version:
    """The sentences that hold quotes stand elsewhere, each as a paragraph of its own.

    A report without quotes has two of its plain sentences moved.
    """
    units = [
        (at, sentence)
        for at, part in enumerate(job.original.paragraphs)
        for sentence in sentences.split(part)
    ]
    if len(units) < 3:
        return unchanged(job, "too short to move anything")
    quoted = [n for n, (_, sentence) in enumerate(units) if n and QUOTED.search(sentence)]
    movable = quoted or list(range(1, len(units)))
    count = max(1, round(len(movable) * job.rng.uniform(*MOVED_QUOTES))) if quoted else 2
    moved = sorted(job.rng.sample(movable, min(count, len(movable))))
    rest: list[list[str]] = [[] for _ in job.original.paragraphs]
    for n, (at, sentence) in enumerate(units):
        if n not in moved:
            rest[at].append(sentence)
    built = [sentences.join(part) for part in rest if part]
    original_order = [sentence for _, sentence in units]
    for _ in range(8):  # a shuffle may put everything back where it was
        tried = list(built)
        for n in job.rng.sample(moved, len(moved)):
            tried.insert(job.rng.randint(1, len(tried)), units[n][1])
        if [s for part in tried for s in sentences.split(part)] != original_order:
            break
    what = "sentences with quotes" if quoted else "plain sentences, there being no quotes,"
    return version(job, tried, f"{len(moved)} {what} moved")


def paragraphs_dropped(job: Job) -> Version:
    """The report without 15 to 40 per cent of its paragraphs, the first always kept.

    A report of one or two paragraphs loses sentences instead.
    """
    parts = list(job.original.paragraphs)
    what = "paragraphs"
    if len(parts) < 3:
        parts = [sentence for part in parts for sentence in sentences.split(part)]
        what = "sentences"
    if len(parts) < 2:
        return unchanged(job, "nothing to drop")
    count = min(len(parts) - 1, max(1, round(len(parts) * job.rng.uniform(*DROPPED))))
    gone = set(job.rng.sample(range(1, len(parts)), count))
    kept = [part for at, part in enumerate(parts) if at not in gone]
    if what == "sentences":
        kept = [sentences.join(kept)]
    return version(job, kept, f"{count} of {len(parts)} {what} dropped")


def paragraphs_reordered(job: Job) -> Version:
    """The first paragraph, then the others in another order."""
    parts = list(job.original.paragraphs)
    what = "paragraphs"
    if len(parts) < 3:
        parts = [sentence for part in parts for sentence in sentences.split(part)]
        what = "sentences"
    rest = parts[1:]
    if len(set(rest)) < 2:
        return unchanged(job, "nothing to reorder")
    while rest == parts[1:]:
        job.rng.shuffle(rest)
    return version(job, [parts[0], *rest], f"{len(rest)} {what} in another order")


def head(paragraphs: tuple[str, ...], count: int) -> list[str]:
    """The text up to the end of its ``count``-th sentence, in its own paragraphs."""
    kept: list[str] = []
    for part in paragraphs:
        if count <= 0:
            break
        ends = sentences.spans(part)
        kept.append(part[: ends[min(count, len(ends)) - 1][1]] if ends else part)
        count -= len(ends)
    return kept
