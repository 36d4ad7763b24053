"""Many small questions to Elasticsearch in few requests, and which of them it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from elasticsearch import BadRequestError

T = TypeVar("T")

REASON = 300  # characters of a reason that are kept: it may repeat the whole query


def portions(
    items: Iterable[T], weigh: Callable[[T], int], most: int, *, count: int = 0
) -> Iterator[list[T]]:
    """The items in order, as many at a time as weigh ``most`` together, and ``count`` of them.

    One that is heavier comes alone; ``count`` 0 is any number.
    """
    part: list[T] = []
    weight = 0
    for item in items:
        own = weigh(item)
        if part and (weight + own > most or len(part) == count):
            yield part
            part, weight = [], 0
        part.append(item)
        weight += own
    if part:
        yield part


def ask_all(items: Sequence[T], ask: Callable[[Sequence[T]], None]) -> dict[T, str]:
    """Asks for the items at once; a refused request is halved until the item at fault is alone.

    Returns those that the server refuses (400), with its reason in words. Its other failures are
    no item's fault and are raised.
    """
    try:
        ask(items)
    except BadRequestError as error:
        if len(items) == 1:
            return {items[0]: _why(error)}
        half = len(items) // 2
        return ask_all(items[:half], ask) | ask_all(items[half:], ask)
    return {}


def _why(error: BadRequestError) -> str:
    told = error.body.get("error") if isinstance(error.body, dict) else None
    causes = told.get("root_cause") if isinstance(told, dict) else None
    reason = causes[0].get("reason") if causes else None
    return f"Elasticsearch refuses it: {str(reason or error)[:REASON]}"
