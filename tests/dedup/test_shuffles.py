"""The sample newsroom's stories in many orders and batchings: the same clusters each time."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC
from pathlib import Path

import pytest

from newsroom.plan import plan
from tests.dedup.conftest import START, Desk, story
from wirewatch.dedup.agency import Agencies
from wirewatch.records import Story
from wirewatch.settings import Settings

BATCHES = (1, 4, 13, 40, 200)  # stories a batch; with 1 every story is a run of its own


def newsroom() -> tuple[list[Story], set[frozenset[str]]]:
    """Every article of the newsroom as its page would give it, and the clusters that are true."""
    stories, clusters = [], defaultdict(set)
    for placement in plan().placements:
        made = story(
            placement.key,
            placement.version.text,
            url=f"http://{placement.outlet.label}.com/{placement.slug}",
            title=placement.version.title,
            published=placement.published(START).astimezone(UTC),
            first_seen=START,
            language=placement.text.language,
            outlet=placement.outlet.name,
        )
        stories.append(made)
        clusters[placement.cluster].add(made.id)
    return stories, {frozenset(ids) for ids in clusters.values()}


@pytest.mark.parametrize("shuffles", [10, pytest.param(100, marks=pytest.mark.large)])
def test_every_shuffle_makes_the_same_clusters(
    tmp_path: Path, settings: Settings, agencies: Agencies, shuffles: int
) -> None:
    stories, expected = newsroom()
    for seed in range(shuffles):
        rng = random.Random(seed)
        order = rng.sample(stories, len(stories))
        size = BATCHES[seed % len(BATCHES)]
        desk = Desk(tmp_path / str(seed), settings, agencies)
        for at in range(0, len(order), size):
            desk.place(order[at : at + size])
        assert desk.memory.partition() == expected, (seed, size)
