from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.dedup.conftest import START, Desk, prose, story
from wirewatch.records import Story


def cut(text: str, start: int, end: int) -> str:
    return " ".join(text.split()[start:end])


def report(seed: int) -> list[Story]:
    """A report and copies of it: verbatim, tail cut, boilerplate added, a brief."""
    text = prose(seed, 260)
    tail = " Related news: " + prose(seed + 5_000, 40)
    return [
        story(f"a{seed}", text),
        story(f"b{seed}", text, hours=1),
        story(f"c{seed}", cut(text, 0, 190), hours=2),
        story(f"d{seed}", text + tail, hours=3),
        story(f"e{seed}", cut(text, 0, 70), hours=4),
    ]


def ids(stories: list[Story]) -> frozenset[str]:
    return frozenset(one.id for one in stories)


def test_copies_share_a_cluster_with_evidence_and_strangers_do_not(desk: Desk) -> None:
    first, second = report(1), report(2)
    placed = desk.place([*first, *second])
    assert [one.id for one in placed.stories] == [one.id for one in [*first, *second]]
    assert desk.memory.partition() == {ids(first), ids(second)}
    brief = placed.stories[4]
    assert brief.link
    assert (brief.link.relation, brief.link.story_id in ids(first)) == ("excerpt", True)
    assert brief.link.containment > 0.95
    assert brief.link.shared[0].split()[:5] == brief.article.text.replace(".", "").split()[:5]
    cluster = next(c for c in placed.clusters if c.id == first[0].id)
    assert (cluster.lead, cluster.outlets) == (first[0].id, 5)
    assert "first published" in cluster.lead_reason


def test_copies_of_earlier_runs_are_found_with_few_requests(desk: Desk) -> None:
    reports = [report(seed) for seed in range(20)]
    for wave in range(5):
        before = desk.memory.requests
        desk.place(one[wave] for one in reports)
        assert desk.memory.requests - before <= 8
    assert desk.memory.partition() == {ids(one) for one in reports}


def test_the_clusters_follow_from_the_set_not_from_order_or_batches(desk: Desk) -> None:
    reports = [report(seed) for seed in range(6)]
    every = [one for stories in reports for one in stories]
    expected = {ids(one) for one in reports}
    for seed in range(8):
        rng = random.Random(seed)
        rng.shuffle(every)
        other = Desk(desk.index.folder / f"{seed}", desk.settings, desk.agencies)
        size = rng.choice([1, 3, 7, 30])
        for at in range(0, len(every), size):
            other.place(every[at : at + size])
        assert other.memory.partition() == expected


def test_a_rerun_gives_the_same_answer(desk: Desk) -> None:
    first, second = report(1), report(2)
    desk.place([*first[:2], *second[:2]])
    batch = [*first[2:], *second[2:]]
    lost = desk.place(batch, run="again", keep=False)  # killed before its answer was kept
    assert desk.place(batch, run="again") == lost
    assert desk.memory.partition() == {ids(first), ids(second)}


def test_a_page_fetched_again_keeps_its_place_and_is_no_copy_of_itself(desk: Desk) -> None:
    first = report(1)
    desk.place(first[:2])
    again = desk.place([first[1]])
    assert again.stories[0].link == desk.memory.by_id[first[1].id].link
    assert again.stories[0].cluster_id == first[0].id
    alone = desk.place([story("solo", prose(9))])
    twice = desk.place([story("solo", prose(9) + " An added line of words at the end.")])
    assert twice.stories[0].link is None
    assert twice.stories[0].cluster_id == alone.stories[0].cluster_id


def test_one_story_twice_in_a_batch_is_placed_twice_the_same(desk: Desk) -> None:
    one = report(1)[0]
    placed = desk.place([one, one])
    assert len(placed.stories) == 2
    assert placed.stories[0] == placed.stories[1]


def test_an_elder_story_that_comes_late_joins_and_two_clusters_merge_on_it(desk: Desk) -> None:
    text = prose(3, 300)
    left, right = (
        story("left", cut(text, 0, 170), hours=5),
        story("right", cut(text, 130, 300), hours=6),
    )
    desk.place([left])
    desk.place([right])
    assert len(desk.memory.partition()) == 2
    whole = desk.place([story("whole", text)])
    assert len(desk.memory.partition()) == 1
    gone = [cluster for cluster in whole.clusters if cluster.redirect]
    assert [(c.id, c.redirect, c.stories) for c in gone] == [(right.id, left.id, ())]
    assert gone[0].evidence
    assert gone[0].evidence.story_id == whole.stories[0].id


def test_a_mix_of_two_reports_joins_one_and_bridges_nothing(desk: Desk) -> None:
    first, second = prose(1, 240), prose(2, 240)
    mixed = cut(first, 0, 170) + " " + cut(second, 0, 70)
    desk.place([story("one", first), story("two", second, hours=1)])
    placed = desk.place([story("mix", mixed, hours=2)])
    mix = placed.stories[0]
    assert len(desk.memory.partition()) == 2
    assert mix.cluster_id == story("one", first).id
    assert [link.story_id for link in mix.sources] == [story("two", second).id]


TEMPLATE = (
    "The Federal Bank entered the government securities market to arrange {a} billion dollars of"
    " customer repurchase agreements, a spokesman for the bank said. Dealers said that federal"
    " funds were trading at {b} percent when the bank began its temporary and indirect supply of"
    " reserves to the banking system. Economists had expected the bank to add {c} billion dollars"
    " because of seasonal needs in the week to {d}."
)


def test_the_same_template_with_other_numbers_is_no_copy(desk: Desk) -> None:
    first = TEMPLATE.format(a="1.5", b="6.19", c="2", d="March 4")
    second = TEMPLATE.format(a="2.25", b="6.31", c="3", d="March 5")
    desk.place([story("m", first), story("t", second, hours=24), story("copy", first, hours=2)])
    assert sorted(len(part) for part in desk.memory.partition()) == [1, 2]


def test_the_same_text_weeks_later_is_news_again(desk: Desk) -> None:
    text = prose(4)
    desk.place([story("then", text), story("now", text, hours=24 * 20)])
    assert len(desk.memory.partition()) == 2


@pytest.mark.parametrize(
    "text",
    ["", "spam " * 100_000, "x" * 5_000_000, "Advertisement. " * 3, "混 mixed скрипт نص 文字 ก"],
)
def test_odd_bodies_are_placed_in_bounded_time_and_swallow_nobody(desk: Desk, text: str) -> None:
    strangers = [story(f"s{seed}", prose(seed)) for seed in range(5)]
    odd = story("odd", text)
    placed = desk.place([*strangers, odd])
    assert len(placed.stories) == 6
    assert len(desk.memory.partition()) == 6


def test_a_story_without_a_date_is_placed_by_when_it_was_seen(desk: Desk) -> None:
    first = report(1)
    undated = story("undated", first[0].article.text, hours=1, published=None)
    desk.place([first[0], undated])
    assert desk.memory.partition() == {frozenset({first[0].id, undated.id})}


def test_growth_past_the_cap_is_warned_of_with_what_to_blame(desk: Desk) -> None:
    desk.settings = desk.settings.with_options(dedup__growth=5)
    text = prose(6)
    placed = desk.place([story(f"n{n}", text, hours=n / 10) for n in range(8)])
    assert "gained 8 stories" in placed.warnings[0]
    assert text.split()[5] in placed.warnings[0]


def test_fingerprints_whose_stories_are_gone_are_told_and_matched_with_nothing(desk: Desk) -> None:
    first = report(1)
    desk.place(first[:1], keep=False)
    placed = desk.place(first[1:2])
    assert "1 stories left fingerprints" in placed.warnings[0]
    assert placed.stories[0].link is None


def test_days_outside_the_window_are_forgotten(desk: Desk) -> None:
    desk.place(report(1)[:1])
    desk.place(report(2)[:1], now=START + timedelta(days=10))
    assert desk.index.state().stories == 1


def test_an_unsigned_copy_of_an_agencys_report_is_that_agencys(desk: Desk) -> None:
    text = prose(7)
    placed = desk.place(
        [
            story("wire", "LONDON (Reuters) - " + text),
            story("copy", text, hours=1),
            story("copy of copy", cut(text, 0, 150), hours=2),
            story("own", prose(8), hours=1),
        ]
    )
    assert [one.agency for one in placed.stories] == ["Reuters", "Reuters", "Reuters", ""]
    assert placed.stories[1].agency_evidence.startswith(f"copy of {placed.stories[0].id}: dateline")
    assert placed.clusters[0].agency or placed.clusters[1].agency


CHILD = """
import sys, time
from pathlib import Path
from tests.dedup.conftest import Desk
from tests.dedup.test_deduplicator import report
from wirewatch import settings
from wirewatch.dedup.agency import load_agencies
options = settings.load({})
desk = Desk(Path(sys.argv[1]), options, load_agencies(options))
print("ready", flush=True)
for seed in range(1_000):
    desk.place(report(seed)[2:], run="again", keep=False)
"""


def test_killed_while_placing_and_run_again_the_answer_is_the_same(
    tmp_path: Path, desk: Desk
) -> None:
    first, batch = report(1)[:2], report(1)[2:]
    desk.place(first, run="before")
    expected = desk.place(batch, run="again", keep=False)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", "plugins"])}
    for attempt in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout
        child.stdout.readline()
        time.sleep(0.03 + 0.05 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert desk.index.check() == []
        assert desk.place(batch, run="again", keep=False) == expected
