"""What all workers of one test session share: a folder, and what is made in it once.

The first process, which starts the workers, owns the folder. When it ends, however it ends, the
Elasticsearch that was started there is stopped and the folder is deleted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

HEAP = 512  # MiB: enough for the tests, and leaves memory to the machine
OWNER = "owner"  # the file with the first process's id

Made = TypeVar("Made")


def once(shared: Path, name: str, kind: type[Made], make: Callable[[], Made]) -> Made:
    """What ``make`` returned to the first process that asked; the others wait for it."""
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = shared / f"{name}.json"
        if not file.exists():
            file.write_bytes(msgspec.json.encode(make()))
        return msgspec.json.decode(file.read_bytes(), type=kind)


def elasticsearch(shared: Path) -> str:
    """The address of the session's Elasticsearch, which is started when it is first asked for."""
    return once(shared, "elasticsearch", str, lambda: _start(shared))


def _start(shared: Path) -> str:
    from wirewatch.local import paths
    from wirewatch.local.elasticsearch import server
    from wirewatch.settings import load

    watch(shared)
    settings = load({}).with_options(local__elasticsearch_heap=HEAP)
    plan = server.make_plan(settings, print, shared / "elasticsearch")
    plan = dataclasses.replace(plan, port=paths.any_port())  # never a developer's own
    return server.start(plan, shared / "run", print).url


def watch(shared: Path) -> None:
    """Starts what ends the servers in the folder, even where the first process is killed."""
    owner = (shared / OWNER).read_text()
    subprocess.Popen(
        [sys.executable, "-m", __name__, str(shared), owner],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def begin(shared: Path) -> None:
    """Makes the folder this process's own."""
    shared.chmod(0o755)  # as root the server runs as somebody else, who must get in
    (shared / OWNER).write_text(str(os.getpid()))


def end(shared: Path) -> None:
    """Stops what runs in the folder and deletes it."""
    from wirewatch.local import processes
    from wirewatch.local.elasticsearch import server

    for one in (shared / "run").glob("*.json"):
        processes.stop(shared / "run", one.stem, patience=server.STOP_SECONDS)
    shutil.rmtree(shared, ignore_errors=True)


def main(shared: str, owner: str) -> None:
    """Waits for the end of the folder's owner, then makes sure that nothing is left."""
    with contextlib.suppress(ProcessLookupError):
        select.select([os.pidfd_open(int(owner))], [], [])
    if Path(shared).exists():
        end(Path(shared))


if __name__ == "__main__":
    main(*sys.argv[1:])
