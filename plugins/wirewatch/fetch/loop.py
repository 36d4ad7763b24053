"""The event loop on which thousands of connections are kept."""

from __future__ import annotations

import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

# Objects made since the last collection of cycles at which the next begins; Python's own number is
# 700. A request under way makes hundreds that all live until its end, so nearly every collection
# found nothing and took a third of the time. The cycles that wait are some 5 MB at most.
ALLOCATIONS = 20_000

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """What ``main`` returns: ``asyncio.run`` on uvloop, collecting cycles more seldom meanwhile."""
    before = gc.get_threshold()
    gc.set_threshold(ALLOCATIONS, *before[1:])
    try:
        return uvloop.run(main)
    finally:
        gc.set_threshold(*before)
