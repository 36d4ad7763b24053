"""Indices that take no writes, or of which a part is missing."""

from __future__ import annotations

from collections.abc import Iterator

from wirewatch.records import Trouble
from wirewatch.store import names
from wirewatch.store.nodes import WRITE, blocked
from wirewatch.troubles.kinds import Kind, View

BLOCKED = Kind(
    name="writes-refused",
    title="an index refuses writes",
    what="the index {index} takes no writes: {block} is set",
    do="where Elasticsearch's disk is nearly full, free space: the block goes by itself. Else "
    "take it off in the index's settings",
)
MISSING = Kind(
    name="shard-missing",
    title="a part of an index is missing",
    what="a shard of {index} is missing",
    do="Elasticsearch's GET _cluster/allocation/explain says why; start the node that has it, or "
    "restore a backup",
)


def look(view: View) -> Iterator[Trouble]:
    """Each index under our prefix that is blocked or not whole."""
    for index, block in blocked(view.store).items():
        if not (block == WRITE and _moved(view, index)):
            yield BLOCKED.found(view.now, index, index=index, block=block)
    health = view.store.es.cluster.health(index=f"{view.store.prefix}-*", level="indices")
    for index, state in sorted(health["indices"].items()):
        if state["status"] == "red":
            yield MISSING.found(view.now, index, index=index)


def _moved(view: View, index: str) -> bool:
    """Whether its writers wait since it is being moved to a new index."""
    following = names.numbered(names.plain(index), names.number(index) + 1)
    return bool(view.store.es.indices.exists(index=following))
