"""What looks like a copy and is none: templates, round-ups, shared boilerplate."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from newsroom import sentences
from newsroom.churn.mixtures import boilerplate
from newsroom.churn.numbers import FIGURE, other_figure
from newsroom.churn.phrases import Phrases, phrases
from newsroom.churn.records import (
    Job,
    Source,
    Version,
    printed_dateline,
    unchanged,
    version,
)
from wirewatch.records import replace

# From so many figures on a template may keep its names, as a daily market notice does.
FIGURES_ENOUGH = 8
WORDS_A_FIGURE = 25  # and only if there is one figure in so many words at least
ROUND_UP_ITEMS = (2, 4)  # items of a round-up that come from no report
MOST_STEPS = 4  # a number word becomes one of the next four, so that it stays plausible
QUOTED_SENTENCES = (1, 2)  # sentences that a round-up takes of a report
QUOTED_AT_MOST = 0.25  # share of a report from which a round-up takes one sentence only

_WORD = re.compile(r"[^\W\d_][\w-]*(?:['’](?!s\b)\w+)*")  # "O'Hara", but not the 's of "Oldham's"
_NEW_SENTENCE = re.compile(r"(?:^|[.!?:…؟][\"'”’»)\]]*\s+|\n|[\"“„«»‘(¿¡]|``\s?)$")
_ONSETS = (
    "B",
    "Br",
    "C",
    "D",
    "Dr",
    "F",
    "G",
    "Gr",
    "H",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "T",
    "V",
)
_MIDDLES = ("al", "an", "ar", "el", "en", "er", "il", "in", "ol", "on", "or", "ul", "ur", "ev")
_ENDINGS = (
    "by",
    "den",
    "dorf",
    "ett",
    "ham",
    "ic",
    "mond",
    "ner",
    "oda",
    "ov",
    "sby",
    "tis",
    "wen",
)


def template_numbers(job: Job) -> Version:
    """The same text with every figure, number word, month and weekday another, and other names.

    A text full of figures keeps its names by the toss of a coin. Names are told by their capitals,
    so Arabic has none, and German only those of two words.
    """
    original = job.original
    text = "\n".join((original.title, original.author, *original.paragraphs))
    figures = FIGURE.findall(text)
    dense = len(figures) >= FIGURES_ENOUGH and len(text.split()) < WORDS_A_FIGURE * len(figures)
    names = [] if dense and job.rng.random() < 0.5 else _names(original, job.phrases)
    change = _changer(text, names, job)
    parts = [change(part) for part in original.paragraphs]
    if tuple(parts) == original.paragraphs:
        return unchanged(job, "neither figures nor names")
    made = version(job, parts, f"{len(figures)} figures and {len(names)} names changed")
    return replace(
        made,
        title=change(original.title),
        byline=change(original.author),
        dateline=printed_dateline(change(original.dateline), original.agency),
    )


def roundup(job: Job) -> Version:
    """A sentence or two of each report among items of a round-up."""
    reports = (job.original,) if job.other is None else (job.original, job.other)
    return _roundup(job, reports)


def roundup_of(reports: Sequence[Source], rng: random.Random, language: str = "en") -> Version:
    """A round-up of several reports, a sentence or two of each; at least one report."""
    order = Job(kind="roundup", original=reports[0], other=None, rng=rng, phrases=phrases(language))
    return _roundup(order, reports)


def shared_boilerplate(job: Job) -> Version:
    """The other report under the boilerplate that ``boilerplate_added`` gives to this one."""
    assert job.other is not None  # noqa: S101  # churn() refuses the order otherwise
    block = boilerplate(job.original.agency, job.phrases)
    note = f"the other report with {len(block)} paragraphs of boilerplate"
    return version(replace(job, original=job.other), [*job.other.paragraphs, *block], note)


def _roundup(job: Job, reports: Sequence[Source]) -> Version:
    items: list[str] = job.rng.sample(job.phrases.round_up, job.rng.randint(*ROUND_UP_ITEMS))
    for report in reports:
        units = [s for part in report.paragraphs for s in sentences.split(part)]
        if units:
            count = job.rng.randint(*QUOTED_SENTENCES)
            at = job.rng.randrange(min(4, len(units)))  # what is quoted stands near the top
            while count > 1 and sum(map(len, units[at : at + count])) > QUOTED_AT_MOST * len(
                report.text
            ):
                count -= 1
            items.append(sentences.join(units[at : at + count]))
    job.rng.shuffle(items)
    made = version(job, items, f"round-up of {len(reports)} reports")
    return replace(made, title=job.rng.choice(job.phrases.round_up_titles), byline="", dateline="")


def _changer(text: str, names: Sequence[str], job: Job) -> Callable[[str], str]:
    """What rewrites one passage: the same figure or name becomes the same other one everywhere."""
    rng, stock = job.rng, job.phrases
    swaps: dict[str, str] = {}
    for words in (stock.number_words, stock.months, stock.weekdays):
        by = rng.randint(1, MOST_STEPS)
        swaps.update({word: words[(at + by) % len(words)] for at, word in enumerate(words)})
    taken = set(_WORD.findall(text))
    for name in names:
        swaps[name] = _new_name(rng, taken)
    figures = dict.fromkeys(FIGURE.findall(text), "")
    for figure in figures:
        figures[figure] = other_figure(figure, rng)
    folded = {word.casefold(): new for word, new in swaps.items()}

    def one_word(match: re.Match[str]) -> str:
        word = match[0]
        if word in swaps:
            return swaps[word]
        new = folded.get(word.casefold())
        if new is None or word.islower():  # "may" is no month
            return word
        return new.upper() if word.isupper() and len(word) > 1 else new[:1].upper() + new[1:]

    def change(passage: str) -> str:
        passage = _WORD.sub(one_word, passage)
        return FIGURE.sub(lambda match: figures.get(match[0], match[0]), passage)

    return change


def _names(original: Source, stock: Phrases) -> list[str]:
    """The words that are names by their capitals, in the order of the text."""
    known = {word.casefold() for word in (*stock.not_names, *stock.months, *stock.weekdays)}
    nouns_too = "Der" in stock.not_names  # German writes every noun with a capital
    found: dict[str, None] = {}
    for part in original.paragraphs:
        run: list[str] = []
        end = -2
        for match in _WORD.finditer(part):
            word = match[0]
            name = word[0].isupper() and len(word) > 1 and word.casefold() not in known
            if name and match.start() == end + 1 and part[end] == " ":
                run.append(word)
            else:
                run = [word] if name else []
            end = match.end()
            if not name or word.isupper():
                continue
            if nouns_too:
                found.update(dict.fromkeys(run[-2:] if len(run) > 1 else ()))
            elif len(run) > 1 or not _NEW_SENTENCE.search(part[: match.start()]):
                found.update(dict.fromkeys(run[-2:]))
    return list(found)


def _new_name(rng: random.Random, taken: set[str]) -> str:
    while True:
        name = rng.choice(_ONSETS) + rng.choice(_MIDDLES) + rng.choice(_ENDINGS)
        if name not in taken:
            taken.add(name)
            return name
