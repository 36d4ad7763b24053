"""Puts what was made anew under another prefix behind the aliases of this one, in one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from wirewatch.records import Record
from wirewatch.store import names
from wirewatch.store.census import ids_sum, missing
from wirewatch.store.client import Store
from wirewatch.store.migrate import MigrationFailed, clear, higher_term
from wirewatch.store.templates import STORIES

MADE = ("pages", "clusters", "revisions", STORIES)  # what the archive gives
COPYING = 3_600  # seconds that one copy on the server may take


class Exchanged(Record, frozen=True, kw_only=True):
    """What is served now."""

    documents: dict[str, int]  # by noun
    held: float  # seconds that writers were held


def lost_ids(store: Store, there: Store) -> Iterator[str]:
    """The stories that this store has and the other has not."""
    return missing(store.es, store.stories.alias, there.stories.alias)


def exchange(store: Store, there: Store, still: Callable[[], None], patience: float) -> Exchanged:
    """Copies the other store's indices behind this one's names and switches all of them at once.

    Pages that only this store has are kept. ``still`` is called while writers are held, right
    before the switch, and may raise: then all is as it was. Raises MigrationFailed.
    """
    es = store.es
    old = {
        name: one["index"] for name, one in store.templates.served().items() if one["noun"] in MADE
    }
    new: dict[str, str] = {}
    documents: dict[str, int] = {}
    pages = f"{store.prefix}-pages"
    for name, one in there.templates.served().items():
        if one["noun"] not in MADE:
            continue
        mine = store.prefix + name.removeprefix(there.prefix)
        index = names.numbered(mine, names.number(old.get(mine, "")) + 1)
        es.options(ignore_status=404).indices.delete(index=index)  # of an earlier try
        es.indices.create(index=index, **store.templates.body(one["noun"]))
        if mine in old:
            higher_term(es, index, old[mine])
        _copy(store, one["index"], index)
        if ids_sum(es, one["index"]) != ids_sum(es, index):
            raise MigrationFailed(f"{index} is no whole copy of {one['index']}: nothing changed")
        new[mine] = index
    _copy(store, old[pages], new[pages], missing_only=True)
    started = time.monotonic()
    try:
        for index in old.values():
            es.indices.add_block(index=index, block="write")
        _copy(store, old[pages], new[pages], missing_only=True)
        still()
        es.indices.update_aliases(actions=list(_switch(store, old, new)))
    except BaseException:
        for index in old.values():
            es.options(ignore_status=404).indices.put_settings(
                index=index, settings={"index.blocks.write": None}
            )
        raise
    held = time.monotonic() - started
    for name, index in new.items():
        noun = name.removeprefix(f"{store.prefix}-").split("-")[0]
        documents[noun] = documents.get(noun, 0) + int(es.count(index=index)["count"])
    clear(store, patience, tuple(index for name, index in old.items() if name not in new))
    return Exchanged(documents=documents, held=round(held, 3))


def clean(store: Store) -> None:
    """Deletes a store's indices and its template."""
    for index in store.templates.indices():
        store.es.options(ignore_status=404).indices.delete(index=index)
    store.es.options(ignore_status=404).indices.delete_index_template(
        name=f"{store.prefix}-{STORIES}"
    )


def _copy(store: Store, index: str, into: str, *, missing_only: bool = False) -> None:
    dest: dict[str, Any] = {"index": into}
    if missing_only:
        dest["op_type"] = "create"
    store.es.indices.refresh(index=index)
    answer = store.es.options(request_timeout=COPYING).reindex(
        source={"index": index, "size": 1_000}, dest=dest, conflicts="proceed", refresh=True
    )
    if answer["failures"]:
        raise MigrationFailed(f"{into}: {answer['failures'][0]}")


def _switch(store: Store, old: dict[str, str], new: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The aliases' moves; an index under an alias's own name goes in the same step."""
    for name, index in old.items():
        if index == name:
            yield {"remove_index": {"index": index}}
            continue
        for alias in _aliases(store, name):
            yield {"remove": {"index": index, "alias": alias, "must_exist": False}}
    for name, index in new.items():
        for alias in _aliases(store, name):
            yield {"add": {"index": index, "alias": alias}}


def _aliases(store: Store, name: str) -> list[str]:
    is_month = name.startswith(f"{store.stories.alias}-")
    return [name, store.stories.alias] if is_month else [name]
