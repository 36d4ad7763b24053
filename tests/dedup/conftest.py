"""Stories, an in-memory store and an index for the tests of deduplication."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import makers
from wirewatch import settings as options
from wirewatch.dedup.agency import Agencies, load_agencies
from wirewatch.dedup.deduplicator import Placement, place
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.records import Cluster, Story, stable_id
from wirewatch.settings import Settings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Memory:
    """A store of stories and clusters that counts its requests."""

    def __init__(self) -> None:
        self.by_id: dict[str, Story] = {}
        self.groups: dict[str, Cluster] = {}
        self.requests = 0

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        self.requests += 1
        return {one: self.by_id[one] for one in ids if one in self.by_id}

    def clusters(self, ids: Sequence[str]) -> dict[str, Cluster]:
        self.requests += 1
        return {one: self.groups[one] for one in ids if one in self.groups}

    def keep(self, placement: Placement) -> None:
        for story in (*placement.stories, *placement.changed):
            self.by_id[story.id] = story
        for cluster in placement.clusters:
            self.groups[cluster.id] = cluster

    def partition(self) -> set[frozenset[str]]:
        """The clusters as sets of story ids, checked against the stories' own word."""
        told: dict[str, set[str]] = {}
        for story in self.by_id.values():
            told.setdefault(story.cluster_id, set()).add(story.id)
        for cluster in self.groups.values():
            if not cluster.redirect:
                assert told[cluster.id] == set(cluster.stories)
                assert [s.id for s in map(self.by_id.get, cluster.stories) if s and s.lead] == [
                    cluster.lead
                ]
        return {frozenset(members) for members in told.values()}


class Desk:
    """A deduplicator with its index and store."""

    def __init__(self, root: Path, settings: Settings, agencies: Agencies) -> None:
        self.index = FingerprintIndex(str(root / "fingerprints"))
        self.memory = Memory()
        self.settings = settings
        self.agencies = agencies
        self.runs = 0

    def place(
        self, stories: Iterable[Story], run: str = "", now: datetime = START, keep: bool = True
    ) -> Placement:
        self.runs += 1
        placement = place(
            list(stories),
            self.memory,
            self.index,
            self.settings,
            self.agencies,
            run=run or f"run{self.runs}",
            now=now,
        )
        if keep:
            self.memory.keep(placement)
        return placement


@pytest.fixture(scope="session")
def settings() -> Settings:
    return options.load({})


@pytest.fixture(scope="session")
def agencies(settings: Settings) -> Agencies:
    return load_agencies(settings)


@pytest.fixture
def desk(tmp_path: Path, settings: Settings, agencies: Agencies) -> Desk:
    return Desk(tmp_path, settings, agencies)


def story(
    name: str, text: str, *, hours: float = 0, title: str = "", outlet: str = "", **fields: Any
) -> Story:
    """A story that is in no cluster yet, published and seen hours after the start."""
    moment = START + timedelta(hours=hours)
    given = {
        "id": stable_id("story", name),
        "url": f"https://{name}.example/1",
        "title": title or name,
        "published": moment,
        "first_seen": moment,
        "outlet": outlet or name,
        "language": "und",
        "cluster_id": "",
        "lead": False,
        "run": "",
    }
    return makers.story(name, text, **{**given, **fields})


def prose(seed: int, words: int = 200) -> str:
    """Sentences that no other seed makes: nonsense words, with names and numbers."""
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfw"
    own = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(words)]
    out: list[str] = []
    while len(out) < words:
        sentence = rng.choices(own, k=rng.randint(8, 20))
        sentence[0] = sentence[0].capitalize()
        sentence[-2] = rng.choice(own).capitalize()
        if rng.random() < 0.5:
            sentence[3] = str(rng.randint(2, 9_999))
        out += [*sentence[:-1], sentence[-1] + "."]
    return " ".join(out)


ALPHABETS = {
    "en": "etaoinshrdlucmfw",
    "ru": "оеаинтсрвлкмдпуя",
    "ar": "اليمونرتبةعدسفهك",
    "el": "αοιετσνηυρπκμλως",
    "hi": "करनसतमहपलयबदजगवट",
}
HAN = (
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
)
LATIN = ALPHABETS["en"]


def report(language: str, seed: int, words: int) -> list[str]:
    """The sentences of a report that no other seed makes."""
    if language == "zh":
        rng = random.Random(seed)
        return ["".join(rng.choices(HAN, k=rng.randint(14, 34))) + "。" for _ in range(words // 14)]
    text = prose(seed, words)
    table = str.maketrans(LATIN + LATIN.upper(), ALPHABETS[language] + ALPHABETS[language].upper())
    return [f"{part.strip('.')}." for part in text.translate(table).split(". ")]
