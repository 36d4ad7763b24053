from __future__ import annotations

from io import StringIO

from rich.console import Console

from tests.dedup.conftest import Desk, prose, story
from wirewatch.dedup.explain import (
    changed,
    compare_stories,
    differences,
    history,
    render_comparison,
    render_history,
)
from wirewatch.settings import Settings


def shown(renderable: object) -> str:
    console = Console(file=StringIO(), width=200)
    console.print(renderable)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_a_verdict_comes_with_figures_reasons_and_passages(settings: Settings) -> None:
    text = prose(1)
    first, second = story("a", text), story("b", text + " It was added later.", hours=2)
    told = compare_stories(second, first, settings)
    assert (told.earlier, told.later, told.copy, told.same_cluster) == (
        first.id,
        second.id,
        True,
        True,
    )
    assert told.figures["runs"] == 1
    assert told.reasons
    assert told.differences[-1].after == "It was added later."
    assert "{+It was added later.+}" in shown(render_comparison(told))
    other = compare_stories(first, story("c", prose(2), hours=1), settings)
    assert (other.copy, other.score) == (False, 0)
    assert "they share too little" in shown(render_comparison(other))


def test_two_reports_of_one_affair_are_told_by_what_they_lack_and_not_as_a_template(
    settings: Settings,
) -> None:
    quotes = [" ".join(prose(seed, 14).split()) for seed in (11, 12)]
    first = story("a", f"{prose(1, 60)} {quotes[0]} {prose(2, 60)} {quotes[1]}")
    second = story("b", f"{quotes[1]} {prose(3, 70)} {quotes[0]} {prose(4, 50)}", hours=1)
    told = compare_stories(first, second, settings)
    assert not told.copy
    assert "template" not in told.why
    frame = (
        "The {} exchange closed at {} points on {}, dealers said, while turnover came to {} lots,"
        " and the board of the {} exchange expects {} more members by the end of the year."
    )
    one = story("c", frame.format("Alder", "1204", "Monday", "88", "Alder", "12"))
    other = story("d", frame.format("Brome", "977", "Friday", "61", "Brome", "15"), hours=1)
    assert "same template" in compare_stories(one, other, settings).why


def test_what_weighs_most_against_a_copy_is_said(settings: Settings) -> None:
    words = prose(5, 120).split()
    words[::4] = prose(6, 60).split()[: len(words[::4])]
    told = compare_stories(
        story("a", prose(5, 120)), story("b", " ".join(words), hours=1), settings
    )
    assert not told.copy
    assert "% of the" in told.why


def test_the_words_are_aligned() -> None:
    parts = [(d.change, d.before, d.after) for d in differences("a b c d", "A b x d e")]
    assert parts == [
        ("same", "a b", "A b"),
        ("replaced", "c", "x"),
        ("same", "d", "d"),
        ("added", "", "e"),
    ]


def test_what_a_copy_cut_added_and_moved() -> None:
    before = story("a", "One is here. Two is here. Three is here. Four is here.")
    after = story("b", "One is here. Three is here. Five is here. Two is here.")
    cut, added, moved = changed(before, after)
    assert (cut, added) == (("Four is here.",), ("Five is here.",))
    assert len(moved) == 1


def test_the_history_of_a_cluster_tells_each_change(desk: Desk) -> None:
    text = prose(1)
    first = story("a", text, title="Plain")
    second = story("b", text + " Added here.", hours=1, title="Fancy [bold]")
    desk.place([first, second])
    cluster = desk.memory.groups[first.id]
    changes = history(cluster, desk.memory.by_id)
    assert [change.relation for change in changes] == ["first", "copy"]
    assert (changes[1].headline, changes[1].added) == ("Fancy [bold]", ("Added here.",))
    assert "Fancy [bold]" in shown(render_history(cluster, changes))
