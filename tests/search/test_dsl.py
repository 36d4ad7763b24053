"""Trees as DSL, where no server is needed to judge it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.store.test_languages import look_alikes
from wirewatch.search.dsl import clauses, languages_asked, translate
from wirewatch.search.language import parse

NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
KEYS = ("en", "es", "pt", "pt_br", "cjk", "other")


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("x lang:es", ("es",)),
        ("lang:pt", ("pt", "pt_br")),
        ("x lang:(en OR es)", ("en", "es")),
        ("x lang:zh", KEYS),  # the key is cjk: not told by the tag
        ("x lang:fr", KEYS),  # no such key is present: the filter alone decides
        ("x -lang:es", KEYS),
        ("x OR lang:es", KEYS),
    ],
)
def test_a_language_at_the_top_narrows_the_fields(query: str, keys: tuple[str, ...]) -> None:
    assert languages_asked(parse(query), KEYS) == keys


def test_clauses_are_counted_as_the_server_does() -> None:
    assert clauses(parse('flood "a b" title:x topic:y published:7d'), ("en", "es")) == (
        8 + 4 + 4 + 1 + 1
    )
    assert clauses(parse("flood"), ("other",)) == 2


def test_a_relative_date_counts_from_now() -> None:
    made = translate(parse("published:7d"), languages=KEYS, now=NOW)
    assert made == {"bool": {"filter": [{"range": {"time": {"gte": "2026-11-01T12:00:00+00:00"}}}]}}


def test_a_word_that_may_be_parted_is_asked_as_words_in_a_row() -> None:
    """Else its parts would be found anywhere in a story."""
    for sign in filter(str.isprintable, look_alikes()):
        made = translate(parse(f"o{sign}hara"), languages=("en", "other"), now=NOW)
        assert made["multi_match"]["type"] == "phrase", hex(ord(sign))


def test_without_any_language_words_match_nothing() -> None:
    assert translate(parse("flood"), languages=(), now=NOW) == {"match_none": {}}


def test_a_saved_search_must_be_written_out_first() -> None:
    with pytest.raises(ValueError, match="expand"):
        translate(parse("@x"), languages=KEYS, now=NOW)
