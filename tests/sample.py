"""The sample newsroom taken through the pipeline: once a session, and copied for who changes it."""

from __future__ import annotations

import random
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from newsroom import opml as newsroom_opml
from newsroom.server import Newsroom, Request
from newsroom.truth import Truth
from newsroom.truth import truth as truth_of
from tests import flows, makers
from tests.indices import clear, own_prefix
from wirewatch.feeds import opml
from wirewatch.records import utc_now
from wirewatch.settings import Settings, project_root
from wirewatch.store import connect

RUN = "first"
PORTS = range(20_000, 30_000)  # below those that the system gives to outgoing connections


@dataclass
class Sample:
    """A newsroom that was ingested by a run, without alerts; its index and state are read only."""

    url: str  # of Elasticsearch
    prefix: str
    folder: str
    port: int
    epoch: datetime
    requests: list[Request]
    visits: list[tuple[str, str, int]]  # host, path, how often

    @property
    def truth(self) -> Truth:
        """What must come of its pages and feeds."""
        return truth_of(self.epoch, self.port)

    @contextmanager
    def running(self) -> Iterator[Newsroom]:
        """The newsroom as if it had been running since that run; one at a time in a session."""
        with Newsroom(port=self.port, epoch=self.epoch) as room:
            server = room._server
            server.requests.extend(self.requests)
            server.memory.visits.update({(host, path): n for host, path, n in self.visits})
            yield room

    @contextmanager
    def empty(self, folder: Path, **more: Any) -> Iterator[Settings]:
        """Options of an index of one's own, in which there is nothing yet."""
        with own_prefix(self.url) as prefix:
            yield newsroom_options(self.url, prefix, self.port, folder).with_options(**more)

    @contextmanager
    def copied(self, folder: Path, **more: Any) -> Iterator[Settings]:
        """Options of a copy of one's own: of every index and of the state."""
        with own_prefix(self.url) as prefix:
            options = newsroom_options(self.url, prefix, self.port, folder).with_options(**more)
            with connect(options) as store:
                _copy_indices(store.es, self.prefix, prefix)
            shutil.copytree(Path(self.folder) / "state", folder / "state")
            yield options


def newsroom_options(es_url: str, prefix: str, port: int, folder: Path) -> Settings:
    """Options for a newsroom: its hosts open to the guard, pauses short, waits bounded."""
    return makers.options(
        es_url,
        prefix,
        folder,
        fetch__allow=f"*.localhost:{port}",
        fetch__delay=0.01,
        fetch__timeout=6,
        fetch__retry_pause=0.2,
        dedup__agencies_extra=str(project_root() / "plugins/newsroom/agencies.toml"),
    )


def add_feeds(options: Settings, port: int) -> None:
    with connect(options) as store:
        store.feeds.add(opml.read(newsroom_opml.opml(port).encode())).raise_refused("feeds")


def ingest(es_url: str, folder: Path) -> Sample:
    """A newsroom taken through one run."""
    epoch = utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    prefix = f"sample-{folder.parent.name.lower().replace('_', '-')}"
    with Newsroom(port=_free_port(), epoch=epoch) as room:
        options = newsroom_options(es_url, prefix, room.port, folder)
        add_feeds(options, room.port)
        with ThreadPoolExecutor(1) as pool:  # a browser's event loop may run in this thread
            pool.submit(flows.ingest, options, RUN).result()
        with connect(options) as store:
            store.refresh()
        visits = [(*key, count) for key, count in room._server.memory.visits.items()]
        return Sample(es_url, prefix, str(folder), room.port, epoch, room.requests, visits)


def forget(shared: Path) -> None:
    """Deletes the indices of the session's sample."""
    sample = msgspec.json.decode((shared / "newsroom.json").read_bytes(), type=Sample)
    clear(sample.url, sample.prefix)


def _copy_indices(es: Elasticsearch, old: str, new: str) -> None:
    there = es.indices.get_alias(index=f"{new}-*")
    for name, one in es.indices.get_alias(index=f"{old}-*").items():
        other = new + name.removeprefix(old)
        if other not in there:  # a month's stories
            aliases = {new + alias.removeprefix(old): {} for alias in one["aliases"]}
            es.indices.create(index=other, aliases=aliases)
        es.reindex(source={"index": name}, dest={"index": other}, refresh=True)


def _free_port() -> int:
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free for the newsroom")
