"""The query language: what it reads, how it prints, and what it says of a wrong query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.search.language import (
    BadQuery,
    Limits,
    expand,
    free_words,
    parse,
    to_text,
    understand,
)
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


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("!harbour monday", 1, "-harbour"),
        ("monday !(harbour port)", 8, "-(…)"),
        ('!"sea wall"', 1, "-(…)"),
        ("title:!harbour", 7, "-title:harbour"),
        ("harbour –port", 9, "-port"),
        ("harbour −“sea wall”", 9, "a blank after the dash"),
        ("harbour --port", 9, "one dash"),
        ("mayor || harbour", 7, "mayor OR harbour"),
        ("mayor|harbour", 6, "mayor OR harbour"),
        ("a ｜ b", 3, "OR"),
        ("topic:arts|sport", 11, "arts OR sport"),
        ("mayor && harbour", 7, "AND"),
        ("mayor&&harbour", 6, "AND"),
        ("mayor NEAR/4 harbour", 7, '"mayor harbour"~4'),
        ('"the mayor" w/7 harbour', 13, '"the mayor harbour"~7'),
        ("mayor near3 harbour", 7, "~3"),
        ("mayor ONEAR/900 harbour", 7, "~50"),
        ("mayor adj harbour", 7, '"mayor harbour"~5'),
        ("mayor ADJ2 (harbour OR port)", 7, '"mayor harbour"~2'),
        ("mayor NEAR harbour", 7, '"mayor harbour"~5'),
        ("mayor w/s harbour", 7, "~5"),
        ("mayor pre/2 harbour", 7, "~2"),
        ("mayor /3 harbour", 7, "~3"),
        ("mayor /n6/ harbour", 7, "~6"),
        ("mayor AROUND(3) harbour", 7, "~5"),
        ("mayor ANDNOT harbour", 7, "NOT or -word"),
        ("x title=harbour", 3, "title:harbour"),
        ("la=en", 1, "lang:en"),
        ("published>=2026-11-01", 1, "published:2026-11-01"),
        ("wc>500 harbour", 1, "no such field"),
        ("HEADLINE(harbour)", 1, "title:(…)"),
        ("outlet(Herald)", 1, "outlet:(…)"),
        ("atleast3(harbour)", 1, "words alone"),
        ("site:herald.example", 1, "url:herald.example"),
        ("intitle:harbour", 1, "title:harbour"),
        ("before:2026-11-01", 1, "published:..2026-11-01"),
        ("source_name:herald", 1, "outlet:herald"),
        ("/harb.*r/", 1, "words"),
        ("/harbou?r/", 1, "words"),
        ("harb?ur", 5, "a word's end"),
        ('"the harb?ur"', 10, "whole words"),
        ("harbo$", 1, "harbo*"),
        ("=harbour", 1, '"harbour"'),
    ],
)
def test_refuses_what_other_tools_mean_by_it_and_says_what_to_write(
    query: str, column: int, said: str
) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(query)
    assert caught.value.column == column
    assert said in caught.value.expected


@pytest.mark.parametrize(
    "text",
    ["E=mc2", "AT&T", "Wow!", "n/a", "24/7", "US$", "Ke$ha", "C++", "+5", "w/o", "Yahoo!Japan"],
)
def test_a_word_that_only_looks_like_an_operator_is_one(text: str) -> None:
    assert parse(text) == Word(text)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("«sea wall» x", And((Phrase("sea wall"), Word("x")))),
        ("»sea wall«", Phrase("sea wall")),
        ("Home » News", And((Word("Home"), Word("News")))),
        ("（a OR b） title：c", And((Or((Word("a"), Word("b"))), Word("c", "title")))),
        ("＂sea wall＂ harb＊", And((Phrase("sea wall"), Prefix("harb")))),
        (r"\!x \NEAR\/5 a\|b", And(tuple(map(Word, ("!x", "NEAR/5", "a|b"))))),
        ("a AND NOT b", And((Word("a"), Not(Word("b"))))),
    ],
)
def test_reads_what_means_the_same_elsewhere(query: str, tree: object) -> None:
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("outlet:Kestrel Times", 1, 'outlet:"Kestrel Times"'),
        ("x source:Kestrel Daily Times", 3, 'outlet:"Kestrel Daily Times"'),
        ("title:sea wall OR x", 1, "wall is looked for in title and text"),
        ("(topic:arts music)", 2, 'topic:"arts music"'),
        ("+harbour", 1, "every word is required"),
        ('a +"sea wall"', 3, "every word is required"),
        ("harbour! wall", 8, "harbour*"),
        ("harbour or port", 9, "write OR"),
        ("harbour and not port", 13, "write NOT"),
        ("'sea wall' falls", 1, "single quotation marks"),
    ],
)
def test_notes_what_may_be_meant_otherwise(query: str, column: int, said: str) -> None:
    (note,) = understand(query)[1]
    assert note.column == column
    assert said in note.message


@pytest.mark.parametrize(
    "query",
    [
        "outlet:Kestrel",
        "outlet:Kestrel AND Times",
        'outlet:"Kestrel Times" x',
        "outlet:(Kestrel Times) x",
        "outlet:Kestrel title:x",
        "lang:en harbour",
        "'tis the town's wall",
        "or not and",
        "12:30 – 13:00",
        "url:a.example/+x!",
    ],
)
def test_notes_nothing_where_nothing_is_in_doubt(query: str) -> None:
    assert understand(query)[1] == ()


def test_notes_are_few() -> None:
    assert len(understand("+harbour " * 20)[1]) == 5


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
        *("!", "|", "&&", "NEAR/5", "adj", "w/", "«", "»", "=", "?", "$", "–", "（", "'", "or"),
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
