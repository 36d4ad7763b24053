"""Moves an index to this version's mapping while it is searched and written.

The new index is filled behind the old one, first with everything, then again and again with what
changed meanwhile (documents past a sequence number). For the last pass the writers are held by a
write block, which :class:`store.client.Client` and :func:`store.bulk.write` wait for; counts and
ids are compared, and the alias is switched in one step. The old index is deleted when nobody reads
it any more. A copy never replaces a newer one: it carries the original's version (external
versioning), so a copy may be killed, repeated, or overtaken.

A version that was read from the old index (compare-and-set) fits nothing in the new one, whose
primary term is made higher before anything is copied: the writer reads again, as after any other
change.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psutil
from elasticsearch import Elasticsearch

from wirewatch.records import Record, utc_now
from wirewatch.store import mapping, names
from wirewatch.store.bulk import write
from wirewatch.store.census import ids_sum, missing, primary_terms, settled
from wirewatch.store.client import Store
from wirewatch.store.templates import STORIES

FEW = 500  # documents of a pass after which writers are held: a quarter of a second of copying
MOST_PASSES = 20  # then writers are held although more arrive than that
BEAT = 5.0  # seconds between two notes that a migration is alive
DEAD = timedelta(seconds=60)  # a migration on another machine without a note for so long is dead
PATIENCE = 420.0  # seconds that readers of the old index have: a search page 300, a scan 120
SETTLE = 2.0  # seconds a search may take from finding its indices to opening them
POLL = 0.2  # seconds between two looks at a copy
TERMS = 50  # times that an index is reopened for a higher primary term; each adds one or more
SPARE = 2  # restarts of the server that a copy may live through


class MigrationFailed(RuntimeError):
    """An index could not be moved; the old one is served as before. The message says what to do."""


class Move(Record, frozen=True, kw_only=True):
    """What became of one index."""

    name: str
    what: str  # "current", "extended", "moved", or "left over"
    index: str  # that is served now
    documents: int = 0
    passes: int = 0  # over what changed while it was copied, writers not held
    held: float = 0.0  # seconds that writers were held


Tell = Callable[[str, int, int], None]  # a name, how many documents are copied, of how many


def migrate(
    store: Store,
    wanted: tuple[str, ...] = (),
    *,
    force: bool = False,
    patience: float = PATIENCE,
    tell: Tell = lambda _name, _done, _all: None,
) -> list[Move]:
    """Brings the named indices (all without a name) to this version's mapping, one by one.

    A name is a noun (``pages``) or an index without the prefix (``stories-2026.11``). With
    ``force`` an index is made anew although nothing differs: for other shards. Killed, it goes on
    when called again. Raises MigrationFailed; an index that was not switched is served as before.
    """
    store.templates.install()
    moves = []
    for name, told in store.templates.served().items():
        if not wanted or told["noun"] in wanted or _short(store, name) in wanted:
            moves.append(_bring(store, name, told, force, tell))
    if not moves:
        raise MigrationFailed(
            f"there is no index {', '.join(wanted)}: 'wirewatch index status' lists them"
        )
    clear(store, patience)
    return moves


def _short(store: Store, name: str) -> str:
    return name.removeprefix(f"{store.prefix}-")


def _bring(store: Store, name: str, told: dict[str, Any], force: bool, tell: Tell) -> Move:
    es, index = store.es, told["index"]
    body = store.templates.body(told["noun"])
    meta = body["mappings"]["_meta"]
    found = mapping.differences(told, body)
    if mapping.version(told) > store.templates.version(told["noun"]):
        raise MigrationFailed(f"{name} is of a later version: install that, or a later one")
    count = int(es.count(index=index)["count"])
    if not found and not force:
        if told["mappings"].get("_meta", {}) != meta:
            es.indices.put_mapping(index=index, meta=meta)
        return Move(name=name, what="current", index=index, documents=count)
    if not force and (new := mapping.additions(found, body)):
        es.indices.put_mapping(index=index, properties=new, meta=meta)
        return Move(name=name, what="extended", index=index, documents=count)
    return _Copy(store, name, told, body, found, tell).run()


class _Copy:
    """One index on its way to another."""

    def __init__(
        self,
        store: Store,
        name: str,
        told: dict[str, Any],
        body: dict[str, Any],
        found: tuple[mapping.Difference, ...],
        tell: Tell,
    ) -> None:
        self._store, self._es, self._name, self._tell = store, store.es, name, tell
        self._body = body
        self._old: str = told["index"]
        self._new = names.numbered(name, names.number(self._old) + 1)
        self._stories = told["noun"] == STORIES
        tags = store.templates.tags() if self._stories else None
        self._script = mapping.adaptation(found, tags)
        self._mark = -1  # sequence number up to which all is copied
        self._term = 0  # primary term of the first copy
        self._beaten = 0.0

    def run(self) -> Move:
        self._begin()
        passes = 0
        while passes < MOST_PASSES:
            copied = self._pass()
            passes += 1
            if copied <= FEW and passes > 1:
                break
        started = time.monotonic()
        try:
            self._es.indices.add_block(index=self._old, block="write")  # waits for those under way
            self._pass()
            self._check_term()
            documents = self._compare()
            self._switch()
        except BaseException:
            self._let_go()
            raise
        held = time.monotonic() - started
        self._note(done=True)
        return Move(
            name=self._name,
            what="moved",
            index=self._new,
            documents=documents,
            passes=passes - 1,
            held=round(held, 3),
        )

    def _begin(self) -> None:
        """Makes the new index, or goes on with the one that a killed migration was filling."""
        there = self._store.templates.indices().get(self._new)
        if there is not None:
            note = there["mappings"].get("_meta", {}).get("migration", {})
            if _alive(note):
                raise MigrationFailed(
                    f"{self._name} is being moved by {note['by']}: let that end, or stop it"
                )
            _stop_copies(self._es, self._new)
            self._let_go()  # killed in the last pass, it would hold them all the way through
            if mapping.differences(there, self._body):  # begun for another mapping
                self._es.indices.delete(index=self._new)
                there = None
            else:
                self._mark = int(note.get("mark", -1))
                self._term = int(note.get("term", 0))
                if not self._term:  # killed before the first document
                    self._term = higher_term(self._es, self._new, self._old)
        if there is None:
            self._es.indices.create(index=self._new, **self._body)
            self._mark = -1
            self._term = higher_term(self._es, self._new, self._old)
        self._note()

    def _let_go(self) -> None:
        """Lets the writers of the old index go on."""
        self._es.options(ignore_status=404).indices.put_settings(
            index=self._old, settings={"index.blocks.write": None}
        )

    def _note(self, *, done: bool = False) -> None:
        """Writes into the new index's own description how far it is, and that this goes on."""
        meta = dict(self._body["mappings"]["_meta"])
        if not done:
            meta["migration"] = {
                "from": self._old,
                "mark": self._mark,
                "term": self._term,
                "by": _me(),
                "at": utc_now().isoformat(),
            }
        self._es.indices.put_mapping(index=self._new, meta=meta)
        self._beaten = time.monotonic()

    def _pass(self) -> int:
        """Copies what was written since the last pass; returns how many documents that were."""
        mark = settled(self._es, self._old)
        self._es.indices.refresh(index=self._old)
        query = {"range": {"_seq_no": {"gt": self._mark}}} if self._mark >= 0 else {"match_all": {}}
        task = self._es.reindex(
            source={"index": self._old, "query": query, "size": 1_000},
            dest={"index": self._new, "version_type": "external"},
            script=self._script,
            conflicts="proceed",
            wait_for_completion=False,
        )["task"]
        answer = self._wait(str(task))
        self._es.indices.refresh(index=self._new)
        self._mark = mark
        self._note()
        return int(answer["total"])

    def _wait(self, task: str) -> dict[str, Any]:
        """The result of a copy on the server. Raises MigrationFailed for what it could not copy."""
        while True:
            told = _tasks(self._es, "GET", task)
            status = told["task"]["status"]
            done = sum(status[key] for key in ("created", "updated", "version_conflicts"))
            self._tell(self._name, done, status["total"])
            if told["completed"]:
                break
            if time.monotonic() - self._beaten > BEAT:
                self._note()
            time.sleep(POLL)
        if error := told.get("error"):
            raise MigrationFailed(f"{self._name}: the copy failed: {_reason(error)}")
        answer: dict[str, Any] = told["response"]
        if answer["failures"]:
            first = answer["failures"][0]
            raise MigrationFailed(
                f"{self._name}: {len(answer['failures'])} documents do not fit the new mapping; "
                f"{first.get('id')}: {_reason(first.get('cause', first))}"
            )
        return answer

    def _compare(self) -> int:
        """How many documents both have. Raises MigrationFailed when they have not the same."""
        self._es.indices.refresh(index=f"{self._old},{self._new}")
        old, new = ids_sum(self._es, self._old), ids_sum(self._es, self._new)
        if old != new:  # deleted meanwhile: a copy that is gone from the original goes too
            gone = missing(self._es, self._new, self._old)
            write(
                self._es,
                ({"_op_type": "delete", "_index": self._new, "_id": one} for one in gone),
            ).raise_refused("deletions")
            self._es.indices.refresh(index=self._new)
            new = ids_sum(self._es, self._new)
        if old != new:
            raise MigrationFailed(
                f"{self._name}: {self._old} has {old[0]} documents, its copy {new[0]}, or others: "
                f"nothing was switched; delete {self._new} and begin anew"
            )
        return int(old[0])

    def _check_term(self) -> None:
        """Each restart of the server made the old index's term higher by one."""
        if self._term <= max(primary_terms(self._es, self._old)):
            raise MigrationFailed(
                f"{self._name}: the server was restarted too often meanwhile: "
                f"delete {self._new} and begin anew"
            )

    def _switch(self) -> None:
        aliases = [self._name, *([self._store.stories.alias] if self._stories else [])]
        actions: list[dict[str, Any]] = [
            {"add": {"index": self._new, "alias": alias}} for alias in aliases
        ]
        if self._old == self._name:
            # It has the alias's own name, so it must go in the same step.
            actions.insert(0, {"remove_index": {"index": self._old}})
        else:
            actions += [{"remove": {"index": self._old, "alias": alias}} for alias in aliases]
        self._es.indices.update_aliases(actions=actions)


def clear(store: Store, patience: float, others: tuple[str, ...] = ()) -> None:
    """Deletes the indices that were replaced, and others, once nobody reads them any more."""

    def left() -> list[str]:
        there = store.templates.indices()
        return [*replaced(store), *(index for index in others if index in there)]

    if left():
        time.sleep(SETTLE)
    until = time.monotonic() + patience
    while leaving := left():
        for index in leaving:
            figures = store.es.options(ignore_status=404).indices.stats(
                index=index, metric="search"
            )
            # A reader that looks at its next page later than it may has lost it anyway.
            reading = figures.get("_all", {}).get("total", {}).get("search", {})
            if not reading.get("open_contexts") or time.monotonic() > until:
                store.es.options(ignore_status=404).indices.delete(index=index)
        time.sleep(POLL)


def replaced(store: Store) -> list[str]:
    """Indices whose alias was moved on to a later one."""
    served = {name: one["index"] for name, one in store.templates.served().items()}
    return [
        index
        for index in store.templates.indices()
        if names.plain(index) in served
        and names.number(index) < names.number(served[names.plain(index)])
    ]


def higher_term(es: Elasticsearch, new: str, old: str) -> int:
    """Makes an empty index's primary terms higher than another's; returns the lowest.

    A version that was read from the other (compare-and-set) then fits no document in this one.
    """
    wanted = max(primary_terms(es, old)) + SPARE
    for _ in range(TERMS):
        term = min(primary_terms(es, new))
        if term > wanted:
            return term
        es.indices.close(index=new)
        es.indices.open(index=new)
        es.cluster.health(index=new, wait_for_status="yellow", timeout="30s")
    raise MigrationFailed(f"{new} gets no higher primary term than {old} has")


def _stop_copies(es: Elasticsearch, index: str) -> None:
    """Ends the copies into an index that a killed migration left running on the server."""
    for _ in range(300):
        nodes = _tasks(es, "GET", "", actions="*reindex", detailed="true")["nodes"]
        running = [
            identity
            for node in nodes.values()
            for identity, task in node["tasks"].items()
            if f"[{index}]" in task.get("description", "")
        ]
        if not running:
            return
        for identity in running:
            _tasks(es.options(ignore_status=404), "POST", f"{identity}/_cancel")
        time.sleep(POLL)
    raise MigrationFailed(f"a copy into {index} goes on running on the server: stop it there")


def _tasks(es: Elasticsearch, method: str, path: str, **params: str) -> dict[str, Any]:
    """The server's tasks; asked by hand, since the client warns that it may be renamed one day."""
    address = f"/_tasks/{path}".rstrip("/")
    accept = {"accept": "application/json"}
    told: dict[str, Any] = es.perform_request(method, address, params=params, headers=accept).body
    return told


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _alive(note: dict[str, Any]) -> bool:
    """Whether the migration that wrote this note goes on."""
    if not note:
        return False
    process, _, host = str(note["by"]).removeprefix("process ").partition(" on ")
    if host == socket.gethostname():
        return int(process) != os.getpid() and psutil.pid_exists(int(process))
    return utc_now() - datetime.fromisoformat(note["at"]) < DEAD


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)[:500]
    caused = error.get("caused_by") or {}
    parts = (error.get("type"), error.get("reason"), caused.get("reason"))
    return ": ".join(str(part) for part in parts if part)[:500]
