"""The cursor of a list: where the next page goes on, signed and of one list only."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request

from wirewatch.search.cursor import BadCursor, fingerprint, seal, unseal
from wirewatch.web.api.parameters import ListParameters
from wirewatch.web.security.identity import guards


class ListCursor(msgspec.Struct, frozen=True, kw_only=True):
    """The state between two pages of a list."""

    list_after: list[Any]
    asked: str  # a hash of the list and its filters: a cursor fits no other


def opened(request: Request, asked: ListParameters) -> list[Any]:
    """Where the list goes on after the page that gave the cursor; [] without one.

    Raises BadCursor when it was changed or is of another list.
    """
    if not asked.cursor:
        return []
    state = unseal(asked.cursor, guards(request).secret, ListCursor)
    if state.asked != _fingerprint(asked):
        raise BadCursor("this cursor is of another list: send its own parameters")
    return state.list_after


def sealed(request: Request, asked: ListParameters, after: list[Any] | None) -> str:
    """The cursor of the next page; "" after the last."""
    if after is None:
        return ""
    state = ListCursor(list_after=after, asked=_fingerprint(asked))
    return seal(state, guards(request).secret)


def _fingerprint(asked: ListParameters) -> str:
    """A hash of the list, which the kind of its parameters names, and of its filters."""
    return fingerprint(type(asked).__name__, asked.filters())
