"""What indices there are, how large, and whether each is as this version would make it."""

from __future__ import annotations

from wirewatch.records import Record
from wirewatch.store import mapping, names
from wirewatch.store.client import Store
from wirewatch.store.exchange import is_held, unserved

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
    held: bool = False  # its writers wait: it is being moved, or that was killed


def status(store: Store) -> list[IndexStatus]:
    """Every index of this prefix, by name; those that are not served come after theirs."""
    indices = store.templates.indices()
    replaced, begun = unserved(store)
    figures = store.es.indices.stats(index=f"{store.prefix}-*", metric="docs,store")["indices"]
    bodies = {one["noun"]: store.templates.body(one["noun"]) for one in indices.values()}
    found = []
    for index, one in indices.items():
        differing = mapping.differences(one, bodies[one["noun"]])
        options = one["settings"]["index"]
        counts = figures.get(index)  # none of one that is just being reopened
        version, wanted = mapping.version(one), store.templates.version(one["noun"])
        if index in replaced:
            state = REPLACED
        elif index in begun:
            state = FILLING
        elif version > wanted:
            state = NEWER
        else:
            state = DIFFERS if differing else CURRENT
        found.append(
            IndexStatus(
                name=names.plain(index),
                index=index,
                state=state,
                documents=counts["primaries"]["docs"]["count"] if counts else 0,
                bytes=counts["total"]["store"]["size_in_bytes"] if counts else 0,
                shards=int(options["number_of_shards"]),
                replicas=int(options["number_of_replicas"]),
                version=version,
                wanted=wanted,
                differences=tuple(map(str, differing)),
                held=is_held(one),
            )
        )
    return sorted(found, key=lambda one: (one.name, one.index in replaced, one.index in begun))
