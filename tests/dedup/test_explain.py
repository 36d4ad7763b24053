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
