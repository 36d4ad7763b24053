"""A million stories made from the newswire set, and queries to ask of them; the same each time.

Each story is put together of sentences of a few reports of one subject, so that words keep the
frequencies and the company that they have in print. Two of five stories are copies: another
outlet's cut of an earlier one, in its cluster.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wirewatch.records import Article, Story, TopicTag, replace, stable_id

SEED = 7
END = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = 365  # that the stories are spread over: twelve or thirteen monthly indices
OUTLETS = 400
AUTHORS = 3_000
COPIES = 0.4  # share of stories that are a copy of an earlier one
RECENT = 2_000  # stories among which a copy finds its original
OTHER = ("de", "fr", "es", "it", "pt", "nl", "sv")  # the words stay English, the analysis does not
OTHERS = 0.07  # share of stories in one of them
AGENCIES = ("Reuters", "Associated Press", "Agence France-Presse", "dpa", "Kyodo")


@dataclass
class Newswire:
    """What stories are made from."""

    titles: list[str] = field(default_factory=list)
    subjects: dict[str, list[list[str]]] = field(default_factory=dict)  # to reports of sentences


def read(folder: Path) -> Newswire:
    """The reports that have a body, by their first subject."""
    wire = Newswire()
    subjects: defaultdict[str, list[list[str]]] = defaultdict(list)
    with gzip.open(folder / "reuters21578.json.gz", "rt", encoding="utf-8") as file:
        documents = json.load(file)
    for document in documents:
        if body := document["body"]:
            text = " ".join(body.split())
            sentences = re.findall(r".+?(?:[.!?](?= [A-Z])|$)", text)
            subjects[(document["topics"] or ["other"])[0]].append(
                [one.strip() for one in sentences]
            )
            wire.titles.append(" ".join(document["title"].split()).capitalize())
    wire.subjects = {name: reports for name, reports in subjects.items() if len(reports) > 4}
    return wire


def stories(
    wire: Newswire, count: int, *, seed: int = SEED, until: datetime = END
) -> Iterator[Story]:
    """So many stories, the oldest first."""
    chance = random.Random(seed)
    names = sorted(wire.subjects)
    weights = [len(wire.subjects[name]) for name in names]
    popular = [1 / (rank + 3) for rank in range(OUTLETS)]
    step = timedelta(days=DAYS) / count
    recent: list[Story] = []
    picked = iter(())  # subjects and outlets drawn a thousand at a time: one by one is slow
    for number in range(count):
        drawn = next(picked, None)
        if drawn is None:
            picked = zip(
                chance.choices(names, weights, k=1_000),
                chance.choices(range(OUTLETS), popular, k=1_000),
                strict=True,
            )
            drawn = next(picked)
        subject, outlet = drawn
        time = until - timedelta(days=DAYS) + number * step
        url = f"https://outlet{outlet}.example/{seed}/{number}"
        told = Story(
            id=stable_id("story", url),
            article=Article(
                url=url,
                canonical_url=url,
                title="",
                text="",
                authors=(f"Author {chance.randrange(AUTHORS)}",),
                published=time,
                first_seen=time,
                language=chance.choice(OTHER) if chance.random() < OTHERS else "en",
                outlet=f"Outlet {outlet}",
                host=f"outlet{outlet}.example",
                country=("US", "GB", "DE", "FR", "IN")[outlet % 5],
            ),
            cluster_id=stable_id("story", url),
            lead=True,
            indexed=time,
            run="made",
        )
        if recent and chance.random() < COPIES:
            first = recent[chance.randrange(len(recent))]
            copied = first.article
            kept = copied.text.split("\n")
            told = replace(
                told,
                cluster_id=first.cluster_id,
                lead=False,
                article=replace(
                    told.article,
                    language=copied.language,
                    title=copied.title if chance.random() < 0.7 else chance.choice(wire.titles),
                    text="\n".join(kept[: max(2, len(kept) - chance.randrange(3))]),
                ),
                agency=first.agency,
                topics=first.topics,
            )
        else:
            reports = wire.subjects[subject]
            sentences = [
                sentence
                for _ in range(3)
                for sentence in _slice(chance, reports[chance.randrange(len(reports))])
            ]
            told = replace(
                told,
                article=replace(
                    told.article, title=chance.choice(wire.titles), text="\n".join(sentences)
                ),
                agency=chance.choice(AGENCIES) if chance.random() < 0.5 else "",
                topics=(TopicTag(code=f"made:{subject}", name=subject, score=0.9),),
            )
            if len(recent) < RECENT:
                recent.append(told)
            else:
                recent[chance.randrange(RECENT)] = told
        yield replace(told, word_count=len(told.article.text.split()))


def _slice(chance: random.Random, sentences: list[str]) -> list[str]:
    start = chance.randrange(len(sentences))
    return sentences[start : start + 4]


def queries(wire: Newswire, count: int = 200, *, seed: int = SEED) -> list[dict[str, Any]]:
    """So many searches as people write them: ``query`` and the options of a search page."""
    chance = random.Random(seed + 1)
    frequency: Counter[str] = Counter()
    sentences: list[str] = []
    for reports in wire.subjects.values():
        for report in reports:
            for sentence in report:
                frequency.update(set(re.findall(r"[a-z]{4,}", sentence.lower())))
                sentences.append(sentence)
    ranked = [word for word, n in frequency.most_common() if n >= 20]
    common, middle, rare = ranked[50:300], ranked[300:2_000], ranked[2_000:]
    subjects = sorted(wire.subjects)

    def words(n: int) -> str:
        return " ".join(chance.choice(chance.choice((common, middle, rare))) for _ in range(n))

    def row(n: int) -> str:
        while True:
            found = re.findall(r"[A-Za-z]{2,}", chance.choice(sentences))
            if len(found) > n + 2:
                at = chance.randrange(len(found) - n)
                return " ".join(found[at : at + n])

    def day(back: int) -> str:
        return f"{END - timedelta(days=back):%Y-%m-%d}"

    kinds = (
        lambda: words(1),
        lambda: words(2),
        lambda: words(3),
        lambda: f'"{row(2)}"',
        lambda: f'"{row(3)}"~4',
        lambda: f"{chance.choice(middle)[:5]}* {words(1)}",
        lambda: f"({words(1)} OR {words(1)} OR {words(1)}) -{words(1)}",
        lambda: f"title:{chance.choice(middle)}",
        lambda: f"{words(1)} published:{day(chance.randrange(30, 300))}..{day(20)}",
        lambda: f"{words(1)} published:{day(chance.choice((7, 30)))}..",
        lambda: f"topic:{chance.choice(subjects)} {words(1)}",
        lambda: f'outlet:"Outlet {chance.randrange(20)}" {words(1)}',
        lambda: f"agency:reuters {words(2)} lang:en",
        lambda: f'({row(2)}) OR "{row(2)}" OR title:({words(2)})',
    )
    made = []
    for number in range(count):
        asked = {
            "query": kinds[number % len(kinds)](),
            "sort": "relevance" if chance.random() < 0.3 else "newest",
            "collapse": "none" if chance.random() < 0.2 else "cluster",
            "facets": ["topic", "outlet", "agency"] if chance.random() < 0.3 else [],
        }
        made.append(asked)
    return made
