"""The cursor of a list: where the next page goes on, signed and of one list only."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Request

from wirewatch.search.cursor import BadCursor, fingerprint, seal, unseal
from wirewatch.web.security.identity import guards


class ListCursor(msgspec.Struct, frozen=True, kw_only=True):
    """The state between two pages of a list."""

    list_after: list[Any]
    asked: str  # a hash of the list and its filters: a cursor fits no other


def opened(request: Request, cursor: str, *asked: object) -> list[Any]:
    """Where the list goes on after the page that gave the cursor; [] without one.

    Raises BadCursor when it was changed or is of another list.
    """
    if not cursor:
        return []
    state = unseal(cursor, guards(request).secret, ListCursor)
    if state.asked != fingerprint(*asked):
        raise BadCursor("this cursor is of another list: send its own parameters")
    return state.list_after


def sealed(request: Request, after: list[Any] | None, *asked: object) -> str:
    """The cursor of the next page; "" after the last."""
    if after is None:
        return ""
    state = ListCursor(list_after=after, asked=fingerprint(*asked))
    return seal(state, guards(request).secret)
