"""The evaluation data of deduplication: newswire texts, weak pairs, and the seeded stream.

Reads the folders that the benchmarks are given and makes ``Story`` records of them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsroom.churn import COPY_KINDS, HARDER, OTHER_KINDS, churn, seeded, source
from wirewatch.records import Article, Story, replace, stable_id

WORDS = 60  # a base story of the stream has so many at least: a brief needs something to be cut of
COPIED = 0.45  # share of the base stories that others copy, as in the measurements this follows
COPIES = (1, 3)
OTHERS = 0.15  # share of the base stories that something like a copy is made of
VERBATIM = 24  # words in a row that nobody writes alike by chance, and templates seldom have
DELAY = 48.0  # hours within which a copy follows
OUTLETS = 60
GAP = 60  # seconds between the stories of a dense stream
WEEK = timedelta(days=7)  # within which a natural near-copy counts; the window of deduplication

_DATE = re.compile(r"(\d+-\w+-\d+)\s+\d*?(\d?\d:\d\d:\d\d)")  # one has an hour of 605
_SIGNED = re.compile(r"\s*\bReuters?\b\W*$", re.IGNORECASE)

NEWSWIRE = "topics-reuters21578"  # the folder that has the stories


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON-lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def newswire(folder: Path) -> list[Story]:
    """The Reuters-21578 stories that have a body, by time; ``feed_id`` keeps their number.

    ``folder`` is the set's own, or the one that it lies in by that name.
    """
    if folder.name != NEWSWIRE and (folder / NEWSWIRE).is_dir():
        folder = folder / NEWSWIRE
    with gzip.open(folder / "reuters21578.json.gz", "rt", encoding="utf-8") as file:
        documents = json.load(file)
    stories = []
    for document in documents:
        found = _DATE.search(document["date"])
        if not document["body"] or not found:
            continue
        moment = datetime.strptime(" ".join(found.groups()) + " +0000", "%d-%b-%Y %H:%M:%S %z")
        stories.append(
            make_story(
                f"reuters {document['newid']}",
                document["title"],
                unwrapped(document["body"]),
                moment.astimezone(UTC),
                outlet="Newswire",
                number=document["newid"],
            )
        )
    return sorted(stories, key=lambda story: (story.time, story.id))


def unwrapped(body: str) -> str:
    """A body with its paragraphs one a line, without the agency's sign-off."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n {2,}", body)]
    paragraphs[-1] = _SIGNED.sub("", paragraphs[-1])
    return "\n".join(part for part in paragraphs if part)


def make_story(
    name: str, title: str, text: str, moment: datetime, outlet: str = "", number: str = ""
) -> Story:
    """A story of the data."""
    address = f"https://data.invalid/{name.replace(' ', '/')}"
    return Story(
        id=stable_id("story", name),
        article=Article(
            url=address,
            canonical_url=address,
            title=title,
            text=text,
            published=moment,
            first_seen=moment,
            outlet=outlet,
            language="en",
            feed_id=number,
        ),
        word_count=len(text.split()),
    )


@dataclass(frozen=True)
class Stream:
    """Stories by time with their truth."""

    stories: list[Story]
    base: dict[str, str]  # by story id: the report it is, or is a copy of
    kind: dict[str, str]  # "original", a copy kind, or another kind
    second: dict[str, str]  # of a mix: the report that gave the rest


@dataclass(frozen=True)
class Setting:
    """How a stream is made harder than the usual one."""

    headlines: bool = True  # stories have titles
    dense: bool = False  # a story a minute, whatever days they are of
    shuffled: bool = False  # in an order that chance makes, of which a dense stream has its times
    harder: tuple[str, ...] = ()  # kinds of copy made in their harder way (HARDER)


USUAL = Setting()


def make_stream(
    folder: Path,
    half: int,
    seed: str = "stream",
    size: int = 2_700,
    setting: Setting = USUAL,
) -> Stream:
    """One half of the stream: ``size`` base stories of consecutive days and what became of them.

    Base stories are one in two by their number, so the halves share no report. Of natural reruns,
    updates and follow-ups with verbatim background only the first is kept (:func:`akin`), for
    nobody has judged them; templates stay in as traps. In a dense stream all days come within one
    window, so there near-copies of any day are left out.
    """
    every = newswire(folder)
    pairs = read_lines(folder / "dedup-reuters" / "pairs.jsonl")
    dropped = {
        max(pair["a"], pair["b"], key=int)
        for pair in pairs
        if pair["weak_label"] != "template_other_day"
    }
    long_enough = (
        story
        for story in every
        if int(story.article.feed_id) % 2 == half
        and story.word_count >= WORDS
        and story.article.feed_id not in dropped
    )
    bases = akin(long_enough, None if setting.dense else WEEK)[:size]
    stories, base, kind, second = [], {}, {}, {}
    for story in bases:
        stories.append(story)
        base[story.id], kind[story.id] = story.id, "original"
    for at, story in enumerate(bases):
        rng = seeded(seed, story.id)
        wanted: list[str] = []
        if rng.random() < COPIED:
            wanted += rng.sample(COPY_KINDS, rng.randint(*COPIES))
        if rng.random() < OTHERS:
            wanted.append(rng.choice(OTHER_KINDS))
        for way in wanted:
            other = bases[
                max(0, min(len(bases) - 1, at + rng.choice([-1, 1]) * rng.randint(1, 40)))
            ]
            if other.id == story.id:
                other = bases[at - 1]
            original = source(story.article.title, story.article.text)
            kind_made = HARDER[way] if way in setting.harder else way
            second_report = source(other.article.title, other.article.text)
            made = churn(kind_made, original, rng, second_report)
            if made.note.startswith("unchanged") or _is_whole(way, story, other, made.text):
                continue
            moment = story.time + timedelta(hours=rng.uniform(0.05, DELAY))
            if way == "template_numbers":  # templates come on other days, inside the window
                moment = story.time + timedelta(hours=rng.uniform(20, 150))
            new = make_story(
                f"{seed} {story.id} {way}",
                made.title,
                made.text,
                moment,
                outlet=f"Outlet {rng.randrange(OUTLETS)}",
            )
            stories.append(new)
            kind[new.id] = way
            base[new.id] = story.id if way in COPY_KINDS else new.id
            if way == "shared_boilerplate":
                base[new.id] = other.id
            if way in ("mix", "embedded", "roundup", "related_news"):
                second[new.id] = other.id
    stories.sort(key=lambda story: (story.time, story.id))
    return Stream(arranged(stories, seed, setting), base, kind, second)


def arranged(stories: list[Story], seed: str, setting: Setting) -> list[Story]:
    """The stories of a stream in the order, with the times and the titles, of a setting."""
    if setting.shuffled:
        stories = seeded(seed, "order").sample(stories, len(stories))
    start = min(story.time for story in stories)
    made = []
    for at, story in enumerate(stories):
        article = story.article
        if setting.dense:
            moment = start + timedelta(seconds=GAP * at)
            article = replace(article, published=moment, first_seen=moment)
        if not setting.headlines:
            article = replace(article, title="")
        made.append(replace(story, article=article))
    return made


def _is_whole(way: str, story: Story, other: Story, text: str) -> bool:
    """Whether a round-up meant to quote a sentence prints most of a report of few sentences."""
    if way != "roundup":
        return False
    own = _trigrams(text)
    reports = (_trigrams(story.article.text), _trigrams(other.article.text))
    return any(len(report & own) >= 0.5 * len(report) for report in reports)


def _trigrams(text: str) -> frozenset[tuple[str, str, str]]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def akin(stories: Iterable[Story], within: timedelta | None = WEEK) -> list[Story]:
    """The stories without those that nature made near-copies of an earlier one.

    A story goes when an earlier one (``within`` that time; None: of any time) has 24 words in a row
    of it and half of the word 3-grams of the shorter of both, by exact comparison. Templates, whose
    figures interrupt every run, are kept.
    """
    kept: list[Story] = []
    grams: dict[str, frozenset[tuple[str, str, str]]] = {}
    where: dict[tuple[str, ...], list[Story]] = {}
    for story in stories:
        words = re.findall(r"\w+", story.article.text.casefold())
        own = _trigrams(story.article.text)
        runs = set(zip(*(words[at:] for at in range(VERBATIM)), strict=False))
        near = {
            other.id
            for run in runs
            for other in where.get(run, ())
            if within is None or story.time - other.time <= within
        }
        if any(len(own & grams[o]) >= 0.5 * min(len(own), len(grams[o])) for o in near):
            continue
        kept.append(story)
        grams[story.id] = own
        for run in runs:
            where.setdefault(run, []).append(story)
    return kept


def event_texts(folder: Path) -> tuple[list[Story], dict[str, str], dict[str, str]]:
    """The ECB+ texts as stories of one moment; their subtopic, and their id in the data."""
    moment = datetime(2014, 1, 1, tzinfo=UTC)
    stories, label, number = [], {}, {}
    for document in read_lines(folder / "docs.jsonl"):
        story = make_story(f"event {document['id']}", "", document["text"], moment)
        stories.append(story)
        label[story.id] = document["subtopic"]
        number[document["id"]] = story.id
    return stories, label, number


def adjusted_rand(pairs: Iterable[tuple[str, str]]) -> float:
    """The adjusted Rand index (Hubert, Arabie 1985) of (truth, prediction) labels; 1 is perfect."""
    both: dict[tuple[str, str], int] = {}
    rows: dict[str, int] = {}
    columns: dict[str, int] = {}
    for truth, told in pairs:
        both[truth, told] = both.get((truth, told), 0) + 1
        rows[truth] = rows.get(truth, 0) + 1
        columns[told] = columns.get(told, 0) + 1

    def choose(counts: Iterable[int]) -> float:
        return sum(count * (count - 1) / 2 for count in counts)

    total = choose([sum(rows.values())])
    index, row, column = choose(both.values()), choose(rows.values()), choose(columns.values())
    expected = row * column / total if total else 0.0
    most = (row + column) / 2
    return 1.0 if most == expected else (index - expected) / (most - expected)


def pairwise(truth: Sequence[str], told: Sequence[str]) -> dict[str, float]:
    """Precision, recall and F1 of the pairs put into one cluster."""
    both: dict[tuple[str, str], int] = {}
    rows: dict[str, int] = {}
    columns: dict[str, int] = {}
    for one, other in zip(truth, told, strict=True):
        both[one, other] = both.get((one, other), 0) + 1
        rows[one] = rows.get(one, 0) + 1
        columns[other] = columns.get(other, 0) + 1

    def choose(counts: Iterable[int]) -> int:
        return sum(count * (count - 1) // 2 for count in counts)

    right, made, true = choose(both.values()), choose(columns.values()), choose(rows.values())
    precision = right / made if made else 1.0
    recall = right / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}
