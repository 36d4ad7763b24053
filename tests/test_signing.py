"""Signed text: what was signed comes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.records import Record
from wirewatch.signing import BadSignature, Purpose, sign, token, unsign

SECRET = b"the secret of this test"


class Parcel(Record, frozen=True, kw_only=True):
    name: str
    when: datetime
    values: tuple[str | float | None, ...] = ()


class Letter(Record, frozen=True, kw_only=True):
    number: int


PARCEL = Parcel(name="Zoë\u202e", when=datetime(2026, 11, 8, tzinfo=UTC), values=("a", 1.5, None))


@given(st.text(max_size=40), st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4))
def test_what_was_signed_comes_back(name: str, values: list[float]) -> None:
    parcel = Parcel(name=name, when=PARCEL.when, values=tuple(values))
    signed = sign(parcel, SECRET, Purpose.CURSOR)
    assert unsign(signed, SECRET, Purpose.CURSOR, Parcel) == parcel
    assert set(signed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_text_is_of_one_secret_one_purpose_and_one_kind() -> None:
    signed = sign(PARCEL, SECRET, Purpose.SESSION)
    assert unsign(signed, SECRET, Purpose.SESSION, Parcel) == PARCEL
    for secret, purpose, kind in (
        (b"another secret", Purpose.SESSION, Parcel),
        (SECRET, Purpose.CURSOR, Parcel),
        (SECRET, Purpose.SESSION, Letter),
    ):
        with pytest.raises(BadSignature):
            unsign(signed, secret, purpose, kind)


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_no_text_is_signed_by_chance(text: str) -> None:
    with pytest.raises(BadSignature):
        unsign(text, SECRET, Purpose.CURSOR, Parcel)


def test_a_token_is_of_one_name_one_secret_and_one_purpose() -> None:
    tokens = [
        token(name, secret, purpose)
        for name in ("ada", "bob", "é")
        for secret in (SECRET, b"another secret")
        for purpose in Purpose
    ]
    assert all(one != other for one, other in permutations(tokens, 2))
    assert token("ada", SECRET, Purpose.FORM) == token("ada", SECRET, Purpose.FORM)
    assert {len(one) for one in tokens} == {43}
