"""An Elasticsearch of a test's own, which may go away and come again."""

from __future__ import annotations

import dataclasses
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tests import session
from wirewatch.local import paths, processes
from wirewatch.local.elasticsearch import server
from wirewatch.settings import load


@dataclass(frozen=True)
class OwnServer:
    """One server; it is started again with the data and at the address that it had."""

    plan: server.Plan
    run: Path
    name: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.plan.port}"

    def start(self) -> None:
        """Starts it, and returns when it answers."""
        server.start(self.plan, self.run, print, self.name)

    def go(self, *, killed: bool) -> None:
        """Ends it: by SIGKILL at once, or in order."""
        first = signal.SIGKILL if killed else signal.SIGTERM
        patience = 0.0 if killed else server.STOP_SECONDS
        processes.stop(self.run, self.name, first=first, patience=patience)


def make(shared: Path) -> OwnServer:
    """A server that does not run yet. It ends with the session, however that ends."""
    name = f"own-{os.getpid()}"
    session.watch(shared)
    settings = load({}).with_options(local__elasticsearch_heap=session.HEAP)
    plan = server.make_plan(settings, print, shared / name)
    return OwnServer(dataclasses.replace(plan, port=paths.any_port()), shared / "run", name)
