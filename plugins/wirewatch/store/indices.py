"""What indices there are, how large, and whether each is as this version would make it."""

from __future__ import annotations

from typing import Any

from wirewatch.records import Record
from wirewatch.store import mapping, names
from wirewatch.store.client import Store

CURRENT, DIFFERS, NEWER = "current", "differs", "newer"
FILLING, REPLACED = "being filled", "replaced"


class IndexStatus(Record, frozen=True, kw_only=True):
    """One index."""

    name: str  # by which it is asked and written
    index: str  # itself
    state: str  # current, differs, newer (than this version); being filled, replaced: not served
    documents: int
    bytes: int  # with its replicas
    shards: int
    replicas: int
    version: int  # of its mapping; 0: it does not say
    wanted: int  # version of the mapping in config/elasticsearch/
    differences: tuple[str, ...] = ()
    held: bool = False  # its writers wait: a migration is at its end, or was killed there


def status(store: Store) -> list[IndexStatus]:
    """Every index of this prefix, by name; those that are not served come after theirs."""
    told = store.templates.indices()
    served = {one["index"] for one in store.templates.served().values()}
    figures: dict[str, Any] = {}
    if told:
        figures = store.es.indices.stats(index=list(told), metric="docs,store")["indices"]
    bodies = {one["noun"]: store.templates.body(one["noun"]) for one in told.values()}
    found = []
    for index, one in told.items():
        differing = mapping.differences(one, bodies[one["noun"]])
        options = one["settings"]["index"]
        version, wanted = mapping.version(one), store.templates.version(one["noun"])
        if index not in served:
            newest = max(
                (names.number(s) for s in served if names.plain(s) == names.plain(index)),
                default=0,
            )
            state = REPLACED if names.number(index) < newest else FILLING
        elif version > wanted:
            state = NEWER
        else:
            state = DIFFERS if differing else CURRENT
        found.append(
            IndexStatus(
                name=names.plain(index),
                index=index,
                state=state,
                documents=figures[index]["primaries"]["docs"]["count"],
                bytes=figures[index]["total"]["store"]["size_in_bytes"],
                shards=int(options["number_of_shards"]),
                replicas=int(options["number_of_replicas"]),
                version=version,
                wanted=wanted,
                differences=tuple(map(str, differing)),
                held=options.get("blocks", {}).get("write") == "true",
            )
        )
    return sorted(found, key=lambda one: (one.name, one.index not in served, one.index))
