"""Puts new indices behind the names of old ones, while all is searched and writers wait.

1. The new index is made, with an alias that only this call knows.
2. A write block holds the writers of the old index; how they wait is in :mod:`store.hold`.
3. The server copies the documents. Counts and ids are compared.
4. One step moves the names to the new index and takes the call's own alias away.
5. The old index is deleted when nobody reads it any more.

A call that was killed leaves its new index and the block. The next call deletes the index, lifts
the block and begins anew. If the first call was alive after all, it can neither copy nor switch
any more, since both ask for its own alias, and gives up.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Record
from wirewatch.store import names
from wirewatch.store.client import Store
from wirewatch.store.scan import missing
from wirewatch.store.templates import STORIES

PATIENCE = 420.0  # seconds that readers of the old index have: a search page 300, a scan 120
SETTLE = 2.0  # seconds a search may take from finding its indices to opening them
POLL = 0.2  # seconds between two looks at the server

Progress = Callable[[str, int, int], None]  # a name, how many documents are copied, of how many


class MigrationFailed(RuntimeError):
    """Nothing was switched: the old indices are served as before. The message says why."""


class Replacement(Record, frozen=True, kw_only=True):
    """What is to be behind a name."""

    name: str
    noun: str
    old: str = ""  # index that is served now, if any
    sources: tuple[str, ...] = ()  # whose documents it gets, the first's before the others'
    script: dict[str, Any] | None = None  # that makes a document one that fits


def exchange(
    store: Store,
    wanted: Sequence[Replacement],
    *,
    check: Callable[[], None] = lambda: None,
    progress: Progress = lambda _name, _done, _all: None,
) -> float:
    """Fills a new index for each name and switches all of them in one step.

    A name without sources goes, and its index with it. ``check`` is called before the switch, with
    the writers held, and may raise. Returns for how many seconds writers waited. Raises
    MigrationFailed.
    """
    es = store.es
    release(store, [one.name for one in wanted])
    call = uuid.uuid4().hex[:8]
    new: dict[str, str] = {}
    for one in wanted:
        if one.sources:
            index = new[one.name] = names.numbered(one.name, names.number(one.old) + 1)
            body = store.templates.body(one.noun)
            es.indices.create(index=index, aliases={f"{index}-{call}": {}}, **body)
    started = time.monotonic()
    try:
        for one in wanted:
            if one.old:  # the answer comes when the writes under way are done
                es.indices.add_block(index=one.old, block="write")
        for one in wanted:
            if one.old and one.sources:
                _raise_terms(es, new[one.name], one.old)
            for source in one.sources:
                _copy(es, one, source, f"{new[one.name]}-{call}", progress)
                if source == one.sources[0]:
                    _compare(es, source, new[one.name])
        check()
    except BaseException as error:
        if not all(es.indices.exists_alias(name=f"{index}-{call}") for index in new.values()):
            raise MigrationFailed("another call began anew meanwhile: this one gave up") from error
        release(store, [one.name for one in wanted])
        raise
    # Where no answer comes to this, nobody knows whether it was done: the next call will.
    es.indices.update_aliases(actions=list(_actions(store, wanted, new, call)))
    return round(time.monotonic() - started, 3)


def _raise_terms(es: Elasticsearch, new: str, old: str) -> None:
    """Makes an empty index's primary terms higher than the old one's, by opening it again.

    A version that was read from the old index (compare-and-set) then fits no document in the new
    one, and its writer reads again, as after any other change.
    """

    def terms(index: str) -> list[int]:
        state = es.cluster.state(metric="metadata", index=index)
        return [int(t) for t in state["metadata"]["indices"][index]["primary_terms"].values()]

    highest = max(terms(old))
    while min(terms(new)) <= highest:
        es.indices.close(index=new)
        es.indices.open(index=new)
        es.cluster.health(index=new, wait_for_status="yellow", timeout="30s")


def _copy(es: Elasticsearch, one: Replacement, source: str, into: str, progress: Progress) -> None:
    """Copies what the new index has not yet. Raises MigrationFailed for what does not fit."""
    es.indices.refresh(index=source)
    task = es.reindex(
        source={"index": source, "size": 1_000},
        dest={"index": into, "op_type": "create"},
        script=one.script,
        conflicts="proceed",
        require_alias=True,
        wait_for_completion=False,
    )["task"]
    state: dict[str, Any] = {}
    while not state.get("completed"):
        # Asked by hand, since the client warns that this may be renamed one day.
        state = (
            es.options(ignore_status=404)
            .perform_request("GET", f"/_tasks/{task}", headers={"accept": "application/json"})
            .body
        )
        if "error" in state:
            raise MigrationFailed(f"{one.name}: the copy failed: {_reason(state['error'])}")
        figures = state["task"]["status"]
        progress(one.name, figures["created"] + figures["version_conflicts"], figures["total"])
        time.sleep(0 if state["completed"] else POLL)
    if failures := state["response"]["failures"]:
        raise MigrationFailed(
            f"{one.name}: {len(failures)} documents do not fit the new mapping; "
            f"{failures[0].get('id')}: {_reason(failures[0].get('cause', {}))}"
        )
    es.indices.refresh(index=into)


def _reason(error: dict[str, Any]) -> str:
    parts = (error.get("type"), error.get("reason"), error.get("caused_by", {}).get("reason"))
    return ": ".join(str(part) for part in parts if part)[:500]


def _compare(es: Elasticsearch, source: str, index: str) -> None:
    """Raises MigrationFailed unless both have as many documents, under the same ids."""
    old, new = (int(es.count(index=one)["count"]) for one in (source, index))
    lost = next(missing(es, source, index), None)
    if old != new or lost:
        more = f", and not {lost}" if lost else ""
        raise MigrationFailed(f"{source} has {old} documents, its copy {new}{more}: call again")


def _actions(
    store: Store, wanted: Sequence[Replacement], new: dict[str, str], call: str
) -> Iterator[dict[str, Any]]:
    """The one step: names off the old indices and onto the new ones, the call's own aliases off."""
    for one in wanted:
        index = new.get(one.name)
        aliases = [one.name, *([store.stories.alias] if one.noun == STORIES else [])]
        if one.old == one.name or (one.old and not index):
            # It has the alias's own name, or nothing takes its place.
            yield {"remove_index": {"index": one.old}}
        elif one.old:
            yield {"remove": {"index": one.old, "aliases": aliases, "must_exist": True}}
        if index:
            yield {"add": {"index": index, "aliases": aliases}}
            yield {"remove": {"index": index, "alias": f"{index}-{call}", "must_exist": True}}


def release(store: Store, wanted: Collection[str]) -> None:
    """Undoes for these names what a call that did not get to its end left behind."""
    for index in unserved(store)[1]:
        if names.plain(index) in wanted:
            store.es.options(ignore_status=404).indices.delete(index=index)
    for name, served in store.templates.served().items():
        if name in wanted and is_held(served):
            store.es.indices.put_settings(
                index=served["index"], settings={"index.blocks.write": None}
            )


def is_held(index: dict[str, Any]) -> bool:
    """Whether writers of an index, as the server tells it, have to wait."""
    return bool(index["settings"]["index"].get("blocks", {}).get("write") == "true")


def unserved(store: Store) -> tuple[list[str], list[str]]:
    """The indices that a later one replaced, and those that were begun to replace another."""
    served = {name: names.number(one["index"]) for name, one in store.templates.served().items()}
    replaced: list[str] = []
    begun: list[str] = []
    for index in store.templates.indices():
        number, now = names.number(index), served.get(names.plain(index), -1)
        if number != now:
            (replaced if number < now else begun).append(index)
    return replaced, begun


def delete_replaced(store: Store, patience: float) -> None:
    """Deletes the indices that a later one replaced, when nobody reads them any more.

    A reader has as many seconds as ``patience`` says; its next page is gone then.
    """
    replaced, _ = unserved(store)
    if not replaced:
        return
    es = store.es.options(ignore_status=404)
    time.sleep(SETTLE)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        figures = es.indices.stats(index=replaced, metric="search")
        if not figures.get("_all", {}).get("total", {}).get("search", {}).get("open_contexts"):
            break
        time.sleep(POLL)
    for index in replaced:
        es.indices.delete(index=index)
