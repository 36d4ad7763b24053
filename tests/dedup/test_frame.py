"""Lines around different reports, which make no copy and no source of them."""

from __future__ import annotations

import pytest

from tests.dedup.conftest import ALPHABETS, Desk, report, story
from wirewatch.dedup.explain import compare_stories


def text(language: str, seed: int, words: int) -> str:
    return " ".join(report(language, seed, words))


@pytest.mark.parametrize("language", [*ALPHABETS, "zh"])
def test_the_same_closing_lines_are_no_source_of_different_reports(
    desk: Desk, language: str
) -> None:
    above, block = text(language, 8, 15), text(language, 9, 110)
    pages = [
        story(f"page {n}", f"{above} {text(language, n, size)} {block}", hours=n, title=" ")
        for n, size in enumerate((70, 100, 160, 300))
    ]
    desk.place(pages[:2])
    desk.place(pages[2:])
    assert all(not one.sources and not one.link for one in desk.memory.by_id.values())
    told = compare_stories(pages[0], pages[1], desk.settings)
    assert (told.copy, told.why) == (False, "the same lines above or below different reports")


@pytest.mark.parametrize("language", [*ALPHABETS, "zh"])
def test_a_part_out_of_a_report_stays_a_source(desk: Desk, language: str) -> None:
    main, other = report(language, 1, 300), report(language, 2, 200)
    mixed = " ".join([*main[: len(main) // 2], *other[: len(other) // 3]])
    desk.place([story("main", " ".join(main)), story("other", " ".join(other))])
    placed = desk.place([story("mix", mixed, hours=2)])
    assert [link.story_id for link in placed.stories[0].sources] == [story("other", "").id]


def test_a_passage_that_goes_round_is_a_source_of_none(desk: Desk) -> None:
    item = text("en", 7, 30)
    parts = [report("en", seed, 90) for seed in range(5)]
    rounds = [
        story(f"r{n}", " ".join([*part[: n + 1], item, *part[n + 1 :]]), hours=n, title=" ")
        for n, part in enumerate(parts)
    ]
    desk.place(rounds[:4])
    assert desk.place(rounds[4:]).stories[0].sources == ()


def test_a_passage_of_a_report_with_many_copies_has_its_source(desk: Desk) -> None:
    item = text("en", 7, 30)
    wire = report("en", 8, 90)
    wire = " ".join([*wire[:2], item, *wire[2:]])
    desk.place([story(f"w{n}", wire, hours=n / 4, title=" ") for n in range(5)])
    own = report("en", 9, 90)
    late = story("late", " ".join([*own[:1], item, *own[1:]]), hours=3, title=" ")
    (placed,) = desk.place([late]).stories
    assert len(placed.sources) == 1  # one report, however many copies of it
