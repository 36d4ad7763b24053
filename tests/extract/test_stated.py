"""What a page states of its body, checked against what was found."""

from __future__ import annotations

from tests.extract.pages import BODY, html, paragraphs
from wirewatch.extract.lines import Line
from wirewatch.extract.stated import fuller, lines_of, with_standfirst, with_stated
from wirewatch.extract.tree import parse

FOUND = [Line(text, "p") for text in BODY]
STANDFIRST = (
    "Two winters after the flood the council has found the money, and the lorries will have to "
    "wait another fourteen months before they cross the river again."
)


def test_what_follows_the_end_of_the_stated_body_is_none_of_it() -> None:
    more = [Line("Ten pictures of the flood that you will not forget soon", "p")]
    assert with_stated([*FOUND, *more], list(BODY)) == FOUND


def test_what_stands_before_the_stated_body_and_long_paragraphs_within_stay() -> None:
    first = Line("Hallam, from our correspondent in the north of the county", "p")
    within = Line("Nobody at the meeting spoke for the ferrymen, although " * 4, "p")
    found = [first, FOUND[0], within, *FOUND[1:]]
    assert with_stated(found, list(BODY)) == found


def test_a_stated_body_with_all_that_was_found_and_more_is_taken() -> None:
    assert with_stated(FOUND[:1], lines_of("<p>" + "</p><p>".join(BODY) + "</p>")) == FOUND


def test_a_stub_or_another_articles_body_changes_nothing() -> None:
    other = "Quite another report about football, with goals in every half of the match. " * 12
    for value in (other, BODY[0][:100], BODY[0] + " " + BODY[1][:150], None, 5, ["x"]):
        assert with_stated(FOUND * 2, lines_of(value)) == FOUND * 2


def test_a_shown_standfirst_comes_first_and_once() -> None:
    page = f"<h1>Council rebuilds bridge</h1><h2 class=sub> {STANDFIRST}</h2>{paragraphs()}"
    tree = parse(html(body=page).decode())
    assert tree is not None
    found = with_standfirst(FOUND, tree, STANDFIRST)
    assert found == [Line(STANDFIRST, "p"), *FOUND]
    assert with_standfirst(found, tree, STANDFIRST) == found
    assert with_standfirst(FOUND, tree, STANDFIRST[:-20].rstrip() + " ...")[0].text == STANDFIRST


def test_a_description_that_is_not_shown_above_the_text_is_not_taken() -> None:
    for page in (paragraphs(), f"{paragraphs()}<p>{STANDFIRST}</p>"):
        tree = parse(html(body=page).decode())
        assert tree is not None
        assert with_standfirst(FOUND, tree, STANDFIRST) == FOUND


def test_the_feeds_text_stands_in_for_a_half_and_for_a_stub() -> None:
    assert fuller(FOUND[:2], list(BODY)) == FOUND
    assert fuller([], list(BODY)) == FOUND


def test_a_feed_with_another_text_or_little_more_changes_nothing() -> None:
    assert fuller(FOUND, [*BODY, "Read on."]) == FOUND
    assert fuller(FOUND[:2], [*BODY[1:], "The town hall was full."]) == FOUND[:2]
    assert fuller(FOUND, []) == FOUND
