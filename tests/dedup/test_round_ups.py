"""Round-ups and mixes of unrelated reports, in any order of publication and of arrival."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.dedup.conftest import ALPHABETS, Desk, prose, report, story
from wirewatch.dedup.agency import Agencies
from wirewatch.records import Story
from wirewatch.settings import Settings


def affairs(seed: int, count: int) -> tuple[list[list[Story]], list[Story]]:
    """The stories of made-up affairs, each affair's by itself, and the round-ups among them."""
    rng = random.Random(seed)
    languages = [*ALPHABETS, "zh"]
    told = [
        (language := rng.choice(languages), report(language, 100 * seed + n, rng.randint(80, 260)))
        for n in range(count)
    ]
    own: list[list[Story]] = []
    for number, (language, sentences) in enumerate(told):
        whole, least = len(sentences), max(2, len(sentences) // 4)
        parts = [
            sentences,
            sentences[: max(least, 7 * whole // 10)],
            sentences[:least],
            [one for one in sentences if rng.random() < 0.85] or sentences,
        ]
        own.append(
            [
                timed(f"report {seed} {number} {copy}", " ".join(part), language, rng)
                for copy, part in enumerate(parts)
                if not copy or rng.random() < 0.7
            ]
        )
    mixed = []
    for number in range(count):
        of = rng.sample(told, rng.randint(2, 4))
        parts = [part[: max(2, int(len(part) * rng.uniform(0.3, 1)))] for _, part in of]
        if rng.random() < 0.5:  # in turns, as a page that updates two stories at once
            parts = [part[at::3] for at in range(3) for part in parts]
        text = " ".join(sentence for part in parts for sentence in part)
        reprints = rng.choice((1, 1, 2, 3))
        mixed += [timed(f"mix {seed} {number} {n}", text, of[0][0], rng) for n in range(reprints)]
    return own, mixed


def timed(name: str, text: str, language: str, rng: random.Random) -> Story:
    """A story of some moment of two days, without a headline to tell it by."""
    return story(name, text, hours=rng.uniform(0, 48), title=" ", language=language)


TIED = 45  # a seed in which a third reprint ties two that lie in different clusters
MORE = [n for n in range(3, 60) if n != TIED]


@pytest.mark.parametrize(
    "seed", [*range(3), TIED, *(pytest.param(n, marks=pytest.mark.large) for n in MORE)]
)
def test_no_cluster_has_two_affairs_whatever_comes_first(
    tmp_path: Path, settings: Settings, agencies: Agencies, seed: int
) -> None:
    own, mixed = affairs(seed, 8)
    affair = {one.id: number for number, stories in enumerate(own) for one in stories}
    every = [*mixed, *(one for stories in own for one in stories)]
    for shuffle, size in enumerate((1, 3, 10, len(every))):
        rng = random.Random(f"{seed} {shuffle}")
        order = rng.sample(every, len(every))
        if shuffle == 1:  # all round-ups before all reports
            order.sort(key=lambda one: one.id in affair)
        desk = Desk(tmp_path / str(shuffle), settings, agencies)
        for at in range(0, len(order), size):
            desk.place(order[at : at + size])
        whole = 0
        for cluster in desk.memory.partition():
            here = {affair[one] for one in cluster if one in affair}
            assert len(here) <= 1, (shuffle, sorted(here))
            whole += any(cluster.issuperset(one.id for one in stories) for stories in own)
        assert whole >= len(own) / 2  # what is copied most is not torn apart for that


def test_a_round_up_goes_over_to_the_report_that_gave_more_of_it(desk: Desk) -> None:
    first, second = prose(1, 240), prose(2, 110)
    mixed = second + " " + " ".join(first.split()[:180])
    round_up = story("mix", mixed)
    lesser = [story(f"second {n}", second, hours=n) for n in (1, 2)]
    desk.place([round_up])
    desk.place(lesser)
    assert len(desk.memory.partition()) == 1
    placed = desk.place([story("first", first, hours=3)])
    assert desk.memory.partition() == {
        frozenset({round_up.id, placed.stories[0].id}),
        frozenset(one.id for one in lesser),
    }
    freed = desk.memory.by_id[lesser[0].id]
    assert freed.link is None
    assert [link.story_id for link in freed.sources] == [round_up.id]
    assert desk.memory.by_id[lesser[1].id].link.story_id == lesser[0].id  # type: ignore[union-attr]


def test_texts_that_share_parts_in_turn_make_no_chain(desk: Desk) -> None:
    parts = [prose(seed, 120) for seed in range(4)]
    pages = [story(f"page {n}", f"{parts[n]} {parts[n + 1]}", hours=n, title=" ") for n in range(3)]
    desk.place(pages)
    home = {one: cluster for cluster in desk.memory.partition() for one in cluster}
    assert home[pages[0].id] != home[pages[2].id]
