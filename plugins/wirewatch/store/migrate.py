"""Moves indices to this version's mapping while they are searched."""

from __future__ import annotations

from typing import Any

from wirewatch.records import Record
from wirewatch.store import mapping
from wirewatch.store.client import Store
from wirewatch.store.exchange import (
    PATIENCE,
    MigrationFailed,
    Progress,
    Replacement,
    delete_replaced,
    exchange,
    release,
)
from wirewatch.store.templates import STORIES


class Move(Record, frozen=True, kw_only=True):
    """What became of one index."""

    name: str
    what: str  # "current", "extended" or "moved"
    index: str  # that is served now
    documents: int
    held: float = 0.0  # seconds that writers waited


def migrate(
    store: Store,
    wanted: tuple[str, ...] = (),
    *,
    force: bool = False,
    patience: float = PATIENCE,
    progress: Progress = lambda _name, _done, _all: None,
) -> list[Move]:
    """Brings the named indices (all without a name) to this version's mapping, one by one.

    A name is a noun (``pages``) or an index without the prefix (``stories-2026.11``). With
    ``force`` an index is made anew although nothing differs: for other shards. Killed, it goes on
    when called again. Raises MigrationFailed; an index that was not switched is served as before.
    """
    store.templates.install()
    chosen = {
        name: index
        for name, index in store.templates.served().items()
        if not wanted or {index["noun"], name.removeprefix(f"{store.prefix}-")} & set(wanted)
    }
    if not chosen:
        raise MigrationFailed(
            f"there is no index {', '.join(wanted)}: 'wirewatch index status' lists them"
        )
    release(store, chosen)
    moves = [_move(store, name, index, force, progress) for name, index in chosen.items()]
    delete_replaced(store, patience)
    return moves


def _move(store: Store, name: str, old: dict[str, Any], force: bool, progress: Progress) -> Move:
    es, index, noun = store.es, old["index"], old["noun"]
    body = store.templates.body(noun)
    meta = body["mappings"]["_meta"]
    if mapping.version(old) > store.templates.version(noun):
        raise MigrationFailed(f"{name} is of a later version: install that, or a later one")
    differing = mapping.differences(old, body)
    added = mapping.additions(differing, body)
    what, held = "extended" if added else "current", 0.0
    if force or (differing and not added):
        tags = store.templates.tags() if noun == STORIES else None
        script = mapping.adaptation(differing, store.templates.defaults(noun), tags)
        one = Replacement(name=name, noun=noun, old=index, sources=(index,), script=script)
        what, held = "moved", exchange(store, [one], progress=progress)
    elif added or old["mappings"].get("_meta", {}) != meta:
        es.indices.put_mapping(index=index, properties=added, meta=meta)
    [served] = es.indices.get(index=name)
    documents = int(es.count(index=name)["count"])
    return Move(name=name, what=what, index=served, documents=documents, held=held)
