"""What the pages are made of: addresses, charts, texts side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wirewatch.search.counts import Point
from wirewatch.search.language import BadQuery, Limits, parse
from wirewatch.web.site import state as states
from wirewatch.web.site.render import direction, language_name, outward
from wirewatch.web.site.sidebyside import lay_out
from wirewatch.web.site.state import FIELDS, NOT, State
from wirewatch.web.site.volume import _drawn, _together, _without_strays, spark

LIMITS = Limits()
TEXTS = some.text(
    some.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
)
VALUES = some.lists(some.tuples(some.sampled_from(sorted(FIELDS)), TEXTS), max_size=4)


@given(TEXTS, VALUES, VALUES, some.sampled_from(["", "7d", "2026-11-01..2026-11-07"]))
def test_an_address_gives_back_the_state_that_made_it(
    q: str, having: list, without: list, time: str
) -> None:
    made = State(
        q=q,
        having=tuple(dict.fromkeys(having)),
        without=tuple(dict.fromkeys(without)),
        time=time,
        sort="relevance",
        collapse="none",
    )
    again = states.read(parse_qsl(urlsplit(made.link()).query, keep_blank_values=True))
    assert sorted(again.having) == sorted(made.having)
    assert sorted(again.without) == sorted(made.without)
    assert (again.q, again.time, again.sort, again.collapse) == (q, time, "relevance", "none")
    carried = states.read(made.hidden())
    assert (sorted(carried.having), carried.q) == (sorted(made.having), q)


@given(TEXTS, VALUES, VALUES)
def test_every_state_is_a_query_or_a_clear_refusal(q: str, having: list, without: list) -> None:
    try:
        query = State(q=q, having=tuple(having), without=tuple(without)).query(LIMITS)
    except BadQuery:
        return
    parse(query, LIMITS)


def test_filters_bind_closer_than_the_query() -> None:
    state = State(q="a OR b", having=(("outlet", "Coast Post"),), without=(("topic", "sport"),))
    assert state.query(LIMITS) == '(a OR b) outlet:"Coast Post" NOT topic:sport'
    assert State().query(LIMITS) == "*"
    assert State(time="7d").query(LIMITS) == "published:7d"
    assert states.read([("from", "2026-11-01"), ("to", "2026-11-07")]).time == (
        "2026-11-01..2026-11-07"
    )


def test_a_filter_is_put_on_and_taken_off() -> None:
    state = State(q="a").adding("outlet", "Post").barring("agency", "Wire")
    assert f"{NOT}agency=Wire" in state.link()
    assert state.dropping("outlet", "Post").dropping("agency", "Wire") == State(q="a")
    assert state.adding("outlet", "Post") == state


@pytest.mark.parametrize("url", ["javascript:alert(1)", " data:text/html,x", "//x", "ftp://x", ""])
def test_only_the_web_is_linked(url: str) -> None:
    assert outward(url) == ""


def test_languages_are_named_and_run_their_way() -> None:
    assert language_name("pt-BR") == "Portuguese (Brazil)"
    assert language_name("x-not-one") == "x-not-one"
    for tag in ("ar", "fa-IR", "he", "ur", "yi", "ckb", "az-Arab"):
        assert direction(tag) == "rtl"
    for tag in ("en", "az", "zh-Hant"):
        assert direction(tag) == "ltr"
    for tag in ("", "und", "mul", "glk", "x-not-one", "en-!"):  # then the text itself says it
        assert direction(tag) == "auto"


def side(diff, number: int) -> str:
    rows = [row for _, part in diff.parts for row in part]
    return "".join(run.text for row in rows for run in (row.left, row.right)[number])


@given(some.text("ab c.\n", max_size=60), some.text("ab c.\n", max_size=60))
def test_side_by_side_loses_no_word(left: str, right: str) -> None:
    diff = lay_out(left, right)
    for text, number in ((left, 0), (right, 1)):
        assert side(diff, number).split() == text.split()


def test_side_by_side_names_what_differs() -> None:
    moved = "one two three four five six seven"
    diff = lay_out(
        f"{moved} A B C D E F\nsame line here\nold end",
        f"A B C D E F {moved}\nsame line here\nnew end",
    )
    kinds = {run.kind for _, part in diff.parts for row in part for run in (*row.left, *row.right)}
    assert kinds == {"same", "gone", "new", "moved"}
    assert diff.moved >= 6
    assert (diff.gone, diff.new) == (1, 1)
    same = lay_out("A b.\nC d.\nE f.\nG h.", "a B\nc d\ne f\ng h")
    assert [fold for fold, _ in same.parts] == [True]


def test_side_by_side_compares_chinese_by_character() -> None:
    diff = lay_out("北京大学发布报告", "北京大学发表报告")
    assert (diff.gone, diff.new) == (1, 1)


def points(*counts: int) -> list[Point]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [Point(start=begin + timedelta(days=n), count=c) for n, c in enumerate(counts)]


def test_bars_are_as_high_as_their_counts() -> None:
    drawn = _drawn(points(0, 5, 10), "day", 0)
    assert [bar.height for bar in drawn.bars] == [0, 50, 100]
    assert drawn.bars[1].begin == drawn.bars[1].end == "2026-01-02"
    tiny = _drawn(points(1, 1_000), "day", 0)
    assert tiny.bars[0].height > 1  # a bar that cannot be seen would say that there is nothing


def test_a_stray_date_does_not_flatten_the_chart() -> None:
    kept = _without_strays(points(1, *[0] * 300, *[50] * 20))
    assert len(kept) == 20
    assert len(_without_strays(points(*[5] * 100))) == 100


def test_days_add_up_to_weeks_and_months() -> None:
    days = points(*range(60))  # from Thursday, 1 January 2026
    for interval, starts in (("week", (29, 5, 12)), ("month", (1, 1))):
        together = _together(days, interval)
        assert sum(one.count for one in together) == sum(range(60))
        assert tuple(one.start.day for one in together)[: len(starts)] == starts
        assert all(one.start.weekday() == 0 for one in together) or interval == "month"


def test_a_curve_stays_inside_its_box() -> None:
    for values in ((), (0,), (0, 0), (1, 5, 3)):
        for pair in spark(values, 112, 20).split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= 112
            assert 0 <= y <= 20
