"""Reports that a desk repeats in the same words, and reports that are printed again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.dedup.conftest import ALPHABETS, Desk, prose, report, story
from wirewatch.dedup.agency import Agencies
from wirewatch.records import Story
from wirewatch.settings import Settings

LANGUAGES = [*ALPHABETS, "zh"]
DAYS = (0, 26, 51, 75, 100, 144)  # hours at which a desk has its report
FIGURES = ("415", "38", "2740"), ("902", "38", "3125"), ("61", "17", "2740")
HAN_FIGURES = ("四百一", "三八", "二七四"), ("九百二", "三八", "三一二"), ("六一", "一七", "二七四")


def notice(language: str, figures: Sequence[str], seed: int = 1) -> str:
    """A desk's regular report: the same words but for its figures."""
    sentences = report(language, seed, 40 * len(figures))[: 2 * len(figures)]
    for at, figure in enumerate(figures):
        sentence = sentences[2 * at]
        middle = len(sentence) // 2
        middle = middle if language == "zh" else sentence.find(" ", middle)
        gap = "" if language == "zh" else " "
        sentences[2 * at] = f"{sentence[:middle]}{gap}{figure}{sentence[middle:]}"
    return " ".join(sentences)


def partition(
    root: Path,
    stories: Sequence[Story],
    settings: Settings,
    agencies: Agencies,
    seed: int,
) -> set[frozenset[str]]:
    """The clusters of stories that come in an order of chance."""
    rng = random.Random(seed)
    order, size = rng.sample(stories, len(stories)), rng.choice((1, 2, 5, len(stories)))
    desk = Desk(root / str(seed), settings, agencies)
    for at in range(0, len(order), size):
        desk.place(order[at : at + size])
    return desk.memory.partition()


@pytest.mark.parametrize("language", [*LANGUAGES, "zh in words"])
def test_each_issue_of_a_desks_report_is_its_own_also_with_equal_figures(
    tmp_path: Path, settings: Settings, agencies: Agencies, language: str
) -> None:
    figures = HAN_FIGURES if language == "zh in words" else FIGURES
    groups = []
    for day, hours in enumerate(DAYS):
        text = notice(language[:2], figures[day % 3])
        own = story(f"desk {day}", text, hours=hours, outlet="Desk", title=" ")
        copy = story(f"copy {day}", text, hours=hours + 3, title=" ")
        groups.append([own, copy])
    every = [one for group in groups for one in group]
    expected = {frozenset(one.id for one in group) for group in groups}
    for seed in range(4):
        assert partition(tmp_path, every, settings, agencies, seed) == expected, seed


def test_an_agencys_issues_are_told_whoever_prints_them(
    tmp_path: Path, settings: Settings, agencies: Agencies
) -> None:
    issues = [
        story(
            f"{day} {paper}",
            f"LONDON (Reuters) - {notice('en', FIGURES[day % 3])}",
            hours=hours + 2 * paper,
            title=" ",
        )
        for day, hours in enumerate(DAYS)
        for paper in range(2)
    ]
    expected = {frozenset((issues[at].id, issues[at + 1].id)) for at in range(0, len(issues), 2)}
    for seed in range(4):
        assert partition(tmp_path, issues, settings, agencies, seed) == expected, seed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_printed_again_for_days_stays_one(
    tmp_path: Path, settings: Settings, agencies: Agencies, language: str
) -> None:
    text = " ".join(report(language, 3, 200))
    longer = f"{text} {report(language, 4, 40)[0]}"
    again = [story(f"own {n}", text, hours=hours, outlet="Own") for n, hours in enumerate(DAYS[:4])]
    update = story("own more", longer, hours=60, outlet="Own")
    others = [story(f"other {n}", text, hours=30 * n) for n in range(4)]
    every = [*again, update, *others]
    for seed in range(4):
        got = partition(tmp_path, every, settings, agencies, seed)
        assert got == {frozenset(one.id for one in every)}, seed


def test_an_agencys_report_reprinted_for_days_stays_one(
    tmp_path: Path, settings: Settings, agencies: Agencies
) -> None:
    text = prose(5, 120)
    every = [
        story(f"paper {n}", f"{place} (Reuters) - {text}", hours=20 * n)
        for n, place in enumerate(("LONDON", "PARIS", "LONDON", "ROME"))
    ]
    for seed in range(4):
        got = partition(tmp_path, every, settings, agencies, seed)
        assert got == {frozenset(one.id for one in every)}, seed


def test_a_correction_teaches_no_habit(
    tmp_path: Path, settings: Settings, agencies: Agencies
) -> None:
    text = prose(6, 200)
    number = next(word for word in text.split() if word.isdigit())
    corrected = text.replace(number, f"{number}7", 1)
    every = [
        story("first", text, hours=0, outlet="Own"),
        story("corrected", corrected, hours=20, outlet="Own"),
        story("again", corrected, hours=45, outlet="Own"),
        story("reprint", text, hours=60),
    ]
    for seed in range(4):
        got = partition(tmp_path, every, settings, agencies, seed)
        assert got == {frozenset(one.id for one in every)}, seed


def test_a_story_freed_of_another_issue_says_so_nowhere(desk: Desk) -> None:
    text, other = notice("en", FIGURES[0]), notice("en", FIGURES[1])
    desk.place([story("first", text, outlet="Desk"), story("late", text, hours=96, outlet="Desk")])
    assert len(desk.memory.partition()) == 1
    desk.place([story("between", other, hours=48, outlet="Desk")])
    assert len(desk.memory.partition()) == 3
    late = desk.memory.by_id[story("late", text).id]
    assert (late.link, late.sources) == (None, ())


def test_late_copies_of_a_report_with_many_figures_stay_with_their_issue(
    tmp_path: Path, settings: Settings, agencies: Agencies
) -> None:
    rng = random.Random(8)
    groups = []
    for day in range(4):
        text = notice("en", [str(rng.randint(100, 9_999)) for _ in range(6)])
        own = story(f"desk {day}", text, hours=24 * day, outlet="Desk", title=" ")
        groups.append([own, story(f"late {day}", text, hours=24 * day + 40, title=" ")])
    every = [one for group in groups for one in group]
    expected = {frozenset(one.id for one in group) for group in groups}
    for seed in range(4):
        assert partition(tmp_path, every, settings, agencies, seed) == expected, seed
