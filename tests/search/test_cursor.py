"""Cursors: what they carry comes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.search.cursor import BadCursor, Cursor, fingerprint, seal, unseal

KEY = b"a key of this test"
NOW = datetime(2026, 11, 8, tzinfo=UTC)
CURSOR = Cursor(pit="p" * 300, after=[1.5, 1_795_000_000_000, "id", 7], now=NOW, asked="x")


def test_what_was_sealed_comes_back() -> None:
    assert unseal(seal(CURSOR, KEY), KEY, Cursor) == CURSOR


@given(st.data())
def test_no_change_goes_unseen(data: st.DataObject) -> None:
    sealed = seal(CURSOR, KEY)
    at = data.draw(st.integers(0, len(sealed) - 2))  # the last character may have idle bits
    other = data.draw(st.sampled_from("ABCabc019-_é\x00").filter(lambda c: c != sealed[at]))
    with pytest.raises(BadCursor):
        unseal(sealed[:at] + other + sealed[at + 1 :], KEY, Cursor)


@given(st.text(max_size=80))
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        unseal(text, KEY, Cursor)


def test_every_part_of_what_was_asked_counts() -> None:
    assert fingerprint("a", "b", True) == fingerprint("a", "b", True)
    assert len({fingerprint("a", "b"), fingerprint("ab", ""), fingerprint("b", "a")}) == 3
