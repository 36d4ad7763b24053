"""The query language: what it reads, how it prints, and what it says of a wrong query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.search.language import BadQuery, Limits, expand, free_words, parse, to_text
from wirewatch.search.tree import And, Dates, Not, Or, Phrase, Prefix, Saved, Word


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("flood", Word("flood")),
        ("flood river", And((Word("flood"), Word("river")))),
        ("flood AND river", And((Word("flood"), Word("river")))),
        ("a b OR c", Or((And((Word("a"), Word("b"))), Word("c")))),
        ("a (b OR c)", And((Word("a"), Or((Word("b"), Word("c")))))),
        ("(a b) c", And((Word("a"), Word("b"), Word("c")))),
        ("flood -river", And((Word("flood"), Not(Word("river"))))),
        ("flood AND NOT (a OR b)", And((Word("flood"), Not(Or((Word("a"), Word("b"))))))),
        ("and or not", And((Word("and"), Word("or"), Word("not")))),
        ('"Port Elsin"', Phrase("Port Elsin")),
        ("“Port Elsin”~4", Phrase("Port Elsin", 4)),
        ("elect*", Prefix("elect")),
        ("title:elect*", Prefix("elect", "title")),
        ("TITLE:flood", Word("flood", "title")),
        ("source:ledger", Word("ledger", "outlet")),
        ('author:("Ada L" OR x)', Or((Phrase("Ada L", 0, "author"), Word("x", "author")))),
        ("published:2026-11-01..2026-11-07", Dates("published", "2026-11-01", "2026-11-07")),
        ("published:2026-11", Dates("published", "2026-11", "2026-11")),
        ("published:..2026", Dates("published", "", "2026")),
        ("published:7d", Dates("published", ago="7d")),
        ("@water", Saved("water")),
        ("https://a.example/x?y=1:2", Word("https://a.example/x?y=1:2", "url")),
        ("Kyiv: who won? - 12:30", And(tuple(map(Word, ("Kyiv:", "who", "won?", "12:30"))))),
        ("wire-copy", Word("wire-copy")),
        ("'tis it's", And((Word("'tis"), Word("it's")))),
        (r"\AND \-x a\:b f\*\*k", And(tuple(map(Word, ("AND", "-x", "a:b", "f**k"))))),
        ("https://a.example/~ada/x*y", Word("https://a.example/~ada/x*y", "url")),
        ("[Update] -- x !!!", And((Word("[Update]"), Word("x")))),
        ("cafe\u0301", Word("café")),
        ("a\ud800b\x00c", And((Word("a"), Word("b"), Word("c")))),
    ],
)
def test_reads(query: str, tree: object) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("", 1, "no word"),
        ("  !!! ", 1, "no word"),
        ("flood AND", 10, "a word"),
        ("flood OR OR x", 10, "a word"),
        ("(flood", 7, "column 1"),
        ("flood )", 7, "')'"),
        ("a NOT", 6, "a word"),
        ('say "flood', 5, "no end"),
        ('say ""', 5, "empty phrase"),
        ('"a b"~', 7, "0 to 50"),
        ('"a b"~51', 7, "0 to 50"),
        ("x el*", 3, "3 letters"),
        ("x * el**", 7, "at a word's end"),
        ("x te*t", 5, "at a word's end"),
        ("title:te*t", 9, "at a word's end"),
        ('x "elect* y"', 9, "whole words"),
        ("x word~2", 7, "after a phrase"),
        ("word^2", 5, "no ^"),
        ("auther:x", 1, "author"),
        ("x title:", 9, "nothing stands after"),
        ("title:(a OR outlet:b)", 13, "inside title:"),
        ("title:(@x)", 8, "a value for title:"),
        ("lang:english", 6, "en or pt-BR"),
        ("country:Germany", 9, "two letters"),
        ("kind:banana", 6, "one of article, live"),
        ('lang:"en"~3', 6, "no distance"),
        ("published:2026-02-30", 11, "calendar"),
        ("published:yesterday", 11, "7d"),
        ("published:2026-11-07..2026-11-01", 11, "ends before"),
        ("published:9999-12-31", 11, "calendar"),
        ("published:999999d", 11, "hundred years"),
        ("@!a", 1, "name"),
        ("x " * 201, 401, "200 at most"),
        ("x" * 10_001, 10_001, "10,000 at most"),
        ("(" * 11 + "a" + ")" * 11, 11, "10 levels"),
        ("NOT " * 11 + "a", 41, "10 levels"),
        ("abc* " * 21, 101, "20 at most"),
    ],
)
def test_says_what_is_wrong_and_where(query: str, column: int, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(query)
    assert caught.value.column == column
    assert said in str(caught.value)


def test_a_saved_search_is_written_out() -> None:
    saved = {"water": "flood OR @rain", "rain": "rain -snow"}
    tree = expand(parse("@water lang:en"), saved.get)
    assert to_text(tree) == "(flood OR (rain NOT snow)) lang:en"


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ({}, "no saved search 'a'"),
        ({"a": "@a"}, "@a → @a"),
        ({"a": "@b", "b": "x OR @c", "c": "@b"}, "@b → @c → @b"),
        ({"a": "(flood"}, "in the saved search @a: column 7"),
        ({"a": "x " * 150 + "@b", "b": "x " * 150}, "200 at most"),
    ],
)
def test_a_saved_search_that_cannot_be_written_out(saved: dict[str, str], said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        expand(parse("flood @a"), saved.get)
    assert caught.value.column == 7
    assert said in str(caught.value)


def test_saved_searches_cannot_multiply_without_end() -> None:
    saved = {f"s{n}": " ".join([f"@s{n + 1}"] * 10) for n in range(8)} | {"s8": "flood"}
    with pytest.raises(BadQuery, match="200 at most"):
        expand(parse("@s0"), saved.get)


def test_limits_are_the_operators() -> None:
    with pytest.raises(BadQuery, match="2 at most"):
        parse("a b c", Limits(clauses=2))


# Made of what means something, so that most of them come close to a query.
SCRAPS = st.sampled_from(
    [
        *('()":-*~@\\+ “”é🦩\ud800\x00'),
        *(
            "AND",
            "OR",
            "NOT",
            "flood",
            "el",
            "elect*",
            "a:b",
            "~3",
            "\\*",
            "^2",
            "7d",
            "2026-11",
            "..",
        ),
        *("title:", "topic:", "published:", "lang:", "en", "url:", "https://a.example/"),
        *("cluster:", "e\u0301", "北京", "الانتخابات", "  "),
    ]
)
QUERIES = st.one_of(st.text(max_size=60), st.lists(SCRAPS, max_size=25).map("".join))


@pytest.mark.parametrize(
    "query",
    [r"title:a\~2", r"title:\-a", r"x\~2", r"url:a.example/\*", r'outlet:"a\*"', r'"a \* \“b"'],
)
def test_marks_that_were_letters_stay_letters(query: str) -> None:
    tree = parse(query)
    assert parse(to_text(tree)) == tree


def test_free_words_are_the_words_of_any_text() -> None:
    text = 'Re: "who" (NOT me) won AND lost* 4-3? @x it\'s -no'
    assert free_words(text) == r"Re who \NOT me won \AND lost 4 3 x it's no"
    assert free_words(" -- !!") == ""


@given(QUERIES)
def test_any_text_is_a_query_or_an_error_with_a_column(query: str) -> None:
    try:
        tree = parse(query)
    except BadQuery as error:
        assert 1 <= error.column <= len(query) + 1
        return
    assert parse(to_text(tree)) == tree
    assert to_text(parse(to_text(tree))) == to_text(tree)
