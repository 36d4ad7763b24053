"""Copies with other words: headlines, light paraphrase, corrections."""

from __future__ import annotations

import re
from functools import cache

from newsroom import sentences
from newsroom.churn.numbers import FIGURE, other_figure
from newsroom.churn.records import Job, Version, unchanged, version
from wirewatch.records import replace

PARAPHRASED = (0.05, 0.10)  # share of the words that a desk's light hand changes
FEW = 0.03  # the same for a scraper
HEADLINE_WORDS = 9  # words of the first sentence that make a headline where there is no other

_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})[.,](\d{3})(?![\d.,]*\d)")
_STARTS_SENTENCE = re.compile(r"(?:^|[.!?:؟][\"'”’»)]*\s+|[\"“„«])$")
_LEADING = re.compile(r"^(?:the|an?|el|la|los|las|un|una|der|die|das|ein|eine)\s+", re.IGNORECASE)


def headline_rewritten(job: Job) -> Version:
    """The same body under another headline: one of the report's others, or one made of its lead."""
    choices = [line for line in job.original.headlines if line != job.original.title]
    if not choices:
        first = next((s for p in job.original.paragraphs for s in sentences.split(p)), "")
        words = _LEADING.sub("", first).split()
        if not words:
            return unchanged(job, "no text to make a headline of")
        cut = " ".join(words[:HEADLINE_WORDS]).rstrip(".,;:")
        line = cut[:1].upper() + cut[1:]
        choices = [frame.format(head=line) for frame in job.phrases.headline_frames]
    title = job.rng.choice(choices)
    return replace(version(job, note=f"headline was {job.original.title!r}"), title=title)


def paraphrase_light(job: Job) -> Version:
    """Synonyms, contractions and number formats: 5 to 10 per cent of the words changed.

    Less where the text offers fewer words to swap; the note tells the share.
    """
    share = job.rng.uniform(*PARAPHRASED)
    parts, changed = swap_words(job, job.original.paragraphs, share)
    if not changed:
        return unchanged(job, "no word to swap")
    total = sum(len(part.split()) for part in parts)
    return version(job, parts, f"{changed} of {total} words changed")


def swap_words(job: Job, paragraphs: tuple[str, ...], share: float) -> tuple[list[str], int]:
    """The paragraphs with about this share of their words swapped, and how many words that is."""
    pattern, swaps = _swaps(tuple(job.phrases.synonyms.items()))
    found: list[tuple[int, int, int, str]] = []  # paragraph, start, end, replacement
    for at, part in enumerate(paragraphs):
        for match in pattern.finditer(part):
            new = _cased(match, part, swaps)
            if new is not None:
                found.append((at, match.start(), match.end(), new))
        found += [(at, m.start(), m.end(), m[1] + m[2]) for m in _THOUSANDS.finditer(part)]
    target = round(share * sum(len(part.split()) for part in paragraphs))
    job.rng.shuffle(found)
    chosen: list[tuple[int, int, int, str]] = []
    changed = 0
    for at, start, end, new in found:
        if changed >= target:
            break
        overlaps = any(a == at and s < end and start < e for a, s, e, _ in chosen)
        if not overlaps:
            chosen.append((at, start, end, new))
            changed += len(paragraphs[at][start:end].split())
    built = list(paragraphs)
    for at, start, end, new in sorted(chosen, reverse=True):
        built[at] = built[at][:start] + new + built[at][end:]
    return built, changed


def correction(job: Job) -> Version:
    """One figure put right, with the notice that says so; the notice alone without figures."""
    places = [
        (at, match)
        for at, part in enumerate(job.original.paragraphs)
        for match in FIGURE.finditer(part)
        if not re.fullmatch(r"(?:19|20)\d\d", match[0])
    ]
    parts = list(job.original.paragraphs)
    if not parts:
        return unchanged(job, "nothing to correct")
    if places:
        at, match = job.rng.choice(places)
        new = other_figure(match[0], job.rng)
        parts[at] = parts[at][: match.start()] + new + parts[at][match.end() :]
        notice = job.phrases.correction.format(old=match[0], new=new)
        note = f"{match[0]} corrected to {new}"
    else:
        notice = job.phrases.correction_of_name
        note = "correction notice without a figure"
    if job.rng.random() < 0.5:
        parts.append(notice)
    else:
        parts.insert(0, notice)
    made = version(job, parts, note)
    frame = job.rng.choice(job.phrases.correction_titles)
    return replace(made, title=frame.format(title=made.title))


@cache
def _swaps(synonyms: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    table = dict(synonyms)
    keys = sorted(table, key=len, reverse=True)  # the longest phrase first
    alternatives = "|".join(re.escape(key) for key in keys)
    # A hyphen or apostrophe beside a word makes it part of another word.
    pattern = re.compile(rf"(?<![\w'’-])(?:{alternatives})(?![\w'’-])", re.IGNORECASE)
    return pattern, table


def _cased(match: re.Match[str], text: str, swaps: dict[str, str]) -> str | None:
    """The replacement in the case of what it replaces; None inside what looks like a name."""
    word = match[0]
    if word in swaps:
        return swaps[word]
    lower = word[:1].lower() + word[1:]
    if lower in swaps and _STARTS_SENTENCE.search(text[: match.start()]):
        new = swaps[lower]
        return new[:1].upper() + new[1:]
    return None
