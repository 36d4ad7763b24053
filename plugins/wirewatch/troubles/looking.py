"""Every kind of trouble, and one look for all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from elastic_transport import TransportError
from elasticsearch import ApiError

from wirewatch.records import Trouble
from wirewatch.settings import Settings
from wirewatch.store import Store, Unavailable
from wirewatch.troubles import (
    away,
    channels,
    disk,
    network,
    queues,
    runs,
    scheduler,
    stories,
    tasks,
    writes,
)
from wirewatch.troubles.kinds import Kind, View

log = logging.getLogger("wirewatch.troubles")

UNSEEN = Kind(
    name="not-looked",
    title="not all could be looked at",
    what="it could not be looked whether there is trouble with {part}: {why}",
    do="the words are Elasticsearch's or the system's; put right what they say",
)

LOOKS: dict[str, Callable[[View], Iterator[Trouble]]] = {
    "runs": runs.look,
    "tasks": tasks.look,
    "the scheduler": scheduler.look,
    "stories": stories.look,
    "the network": network.look,
    "queues": queues.look,
    "disks": disk.look,
    "writes": writes.look,
    "channels": channels.look,
}
KINDS: tuple[Kind, ...] = (
    away.AWAY,
    runs.FAILED,
    runs.LONG,
    runs.LATE,
    tasks.FAILED,
    scheduler.DEAD,
    scheduler.AWAY,
    stories.QUIET,
    network.OURS,
    queues.PAGES,
    queues.MESSAGES,
    queues.MARKS,
    queues.DEAD,
    disk.FULL,
    disk.SOON,
    writes.BLOCKED,
    writes.MISSING,
    channels.NOWHERE,
    UNSEEN,
)
BY_NAME = {kind.name: kind for kind in KINDS}


def look(store: Store, settings: Settings, now: datetime) -> list[Trouble]:
    """The troubles that there are now. A part that cannot be looked at is one itself."""
    view = View(store, settings, now)
    found: list[Trouble] = []
    for part, looked in LOOKS.items():
        try:
            found += looked(view)
        except (ApiError, TransportError, Unavailable, OSError) as error:
            log.warning("troubles with %s could not be looked for: %s", part, error)
            found.append(UNSEEN.found(now, part, part=part, why=error))
    return found
