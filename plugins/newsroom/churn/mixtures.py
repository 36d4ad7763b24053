"""Copies with text that the original has not: boilerplate, other reports, updates, debris.

Shares are counted in characters, because words cannot be counted in every script.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsroom import sentences
from newsroom.churn.copies import QUOTED, head
from newsroom.churn.phrases import Phrases
from newsroom.churn.records import Job, Version, retitled, seeded, version
from newsroom.churn.wording import FEW, swap_words
from wirewatch.records import replace

# Of a mix: the first report gives about 64 per cent, the second 25, the desk itself the rest.
MIX_SECOND = 0.25 / 0.64  # characters of the second report for one of the first
MIX_OWN = 0.11 / 0.64
EMBEDDED_KEEPS = (0.7, 1.0)  # share of the report that a round-up prints
EMBEDDED_REST = (0.25, 0.5)  # characters of other items for one of the report
RELATED = (2, 5)  # headlines in a "Related news" list
UPDATES = (1, 3)  # paragraphs that a later version adds
SCRAPED_KEEPS = (0.65, 0.9)  # share of the sentences a scraper's page keeps


def boilerplate_added(job: Job) -> Version:
    """The agency's legal block below the report, sometimes a service line above it."""
    block = boilerplate(job.original.agency, job.phrases)
    above = block[:1] if job.rng.random() < 0.3 else ()
    parts = [*above, *job.original.paragraphs, *block[len(above) :]]
    return version(job, parts, f"{len(block)} paragraphs of boilerplate")


def boilerplate(agency: str, phrases: Phrases) -> tuple[str, ...]:
    """The block that goes with everything from this agency."""
    return seeded("boilerplate", agency).choice(phrases.boilerplate)


def related_news(job: Job) -> Version:
    """The headline once more above the report, and a list of other headlines below it."""
    tail = _related(job)
    parts = [job.original.title, *job.original.paragraphs, *tail]
    return version(job, parts, f"headline repeated, {len(tail) - 1} related headlines")


def mix(job: Job) -> Version:
    """About 64 per cent of this report, 25 of the other, and the desk's own sentences between."""
    assert job.other is not None  # noqa: S101  # churn() refuses the order otherwise
    first, second = job.original.paragraphs, job.other.paragraphs
    if second:
        first = tuple(_take(first, int(_size(second) / MIX_SECOND)))
    main = list(first)
    added = _take(second, int(_size(main) * MIX_SECOND))
    own = _fill(job.phrases.links, int(_size(main) * MIX_OWN), job) if main else []
    at = job.rng.randint(min(1, len(main)), len(main))
    block = [*own[:1], *added, *own[1:]]
    note = f"{_size(main)} characters of this report, {_size(added)} of {job.other.title!r}"
    return retitled(version(job, [*main[:at], *block, *main[at:]], note), job)


def embedded(job: Job) -> Version:
    """Most of the report inside a round-up, whose other items are up to half as long."""
    total = _size(job.original.paragraphs)
    excerpt = _take(job.original.paragraphs, int(total * job.rng.uniform(*EMBEDDED_KEEPS)))
    room = int(_size(excerpt) * job.rng.uniform(*EMBEDDED_REST))
    items = [sentences.join(head(job.other.paragraphs, 2))] if job.other else []
    items = [item for item in items if 0 < len(item) < 0.7 * room]
    items += _fill(job.phrases.round_up, room - _size(items), job)
    job.rng.shuffle(items)
    at = job.rng.randint(0, len(items))
    note = f"{_size(excerpt)} of {total} characters among {len(items)} other items"
    made = version(job, [*items[:at], *excerpt, *items[at:]], note)
    return replace(made, title=job.rng.choice(job.phrases.round_up_titles), byline="", dateline="")


def update(job: Job) -> Version:
    """A later version: one to three new paragraphs, the first of them high up."""
    parts = list(job.original.paragraphs)
    most = max(1, min(UPDATES[1], len(parts) // 2))  # an update does not drown a brief
    added = job.rng.sample(job.phrases.updates, job.rng.randint(UPDATES[0], most))
    parts.insert(min(1, len(parts)), added[0])
    for paragraph in added[1:]:
        parts.insert(job.rng.randint(2, len(parts)), paragraph)
    made = version(job, parts, f"{len(added)} paragraphs added")
    frame = job.rng.choice(job.phrases.update_titles)
    return replace(made, title=frame.format(title=made.title))


def scraped(job: Job) -> Version:
    """What a scraper's page makes of a report.

    The headline repeated, captions left in, some sentences lost and some merged with sentences of
    other passages, the quotes in another order, a few words swapped, commas doubled, and a
    "Related news" tail.
    """
    rng, original = job.rng, job.original
    swapped, _ = swap_words(job, original.paragraphs, FEW)
    units = [sentence for part in swapped for sentence in sentences.split(part)]
    keep = max(1, round(len(units) * rng.uniform(*SCRAPED_KEEPS)))
    body = rng.sample(range(1, len(units)), max(0, min(keep, len(units)) - 1))
    chosen = [0, *sorted(body)] if units else []  # the lead is never lost
    kept = [units[at] for at in chosen]
    places = [at for at, sentence in enumerate(kept) if at and QUOTED.search(sentence)]
    for at, taken in zip(places, rng.sample(places, len(places)), strict=True):
        kept[at] = units[chosen[taken]]
    merges = min(2, max(0, len(kept) - 2))
    for _ in range(merges):
        passage = kept.pop(rng.randrange(1, len(kept)))
        at = rng.randrange(1, len(kept))
        kept[at] = sentences.join((passage, kept[at]))
    captions = [
        caption.format(title=original.title, place=original.dateline.title() or original.title)
        for caption in rng.sample(job.phrases.captions, 2)
    ]
    parts = [original.title, captions[0], *kept]
    at = rng.randrange(2, len(parts) + 1)
    parts[at:at] = captions[1:]
    with_comma = [at for at, part in enumerate(parts) if ", " in part and at > 1]
    for at in rng.sample(with_comma, min(2, len(with_comma))):
        parts[at] = parts[at].replace(", ", ",, ", 1)
    tail = _related(job) if rng.random() < 0.5 else [job.phrases.related]
    note = f"{len(chosen)} of {len(units)} sentences kept, {merges} merged, {len(places)} quotes"
    return replace(version(job, [*parts, *tail], note), byline="", dateline="")


def _related(job: Job) -> list[str]:
    lines = job.rng.sample(job.phrases.related_headlines, job.rng.randint(*RELATED))
    if job.other is not None and job.other.title:
        lines[0] = job.other.title
    return [job.phrases.related, *lines]


def _take(paragraphs: Sequence[str], size: int) -> list[str]:
    """The sentences from the start that come nearest to so many characters, one at least."""
    count = length = 0
    for part in paragraphs:
        for start, end in sentences.spans(part):
            if count and length + (end - start) / 2 > size:
                return head(tuple(paragraphs), count)
            count += 1
            length += end - start
    return head(tuple(paragraphs), count)


def _fill(stock: Sequence[str], size: int, job: Job) -> list[str]:
    """Phrases of the stock, each once, until they come nearest to so many characters."""
    chosen: list[str] = []
    for phrase in job.rng.sample(stock, len(stock)):
        if _size(chosen) + len(phrase) / 2 > size:
            break
        chosen.append(phrase)
    return chosen or [job.rng.choice(stock)]


def _size(parts: Sequence[str]) -> int:
    return sum(len(part) for part in parts)
