"""The sample newsroom as a process of its own, and the options under which its pages are read."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

import newsroom
from newsroom.opml import opml
from newsroom.server import PORT, run
from newsroom.truth import truth
from wirewatch.local import paths, processes
from wirewatch.local.airflow.server import Progress
from wirewatch.local.paths import Trouble
from wirewatch.records import to_json, utc_now
from wirewatch.settings import Settings

__all__ = ["PORT", "ensure", "opml", "options", "printed", "run", "stop"]

NAME = "newsroom"
READY_SECONDS = 60  # it plans its pages first: 2 s on a quiet machine
ASK_SECONDS = 5  # one request to it
TIMEOUT = 8  # seconds a request may take: one page is slow on purpose, the others are loopback's
DELAY = 0.05  # seconds between two requests to one of its hosts: nobody else's server is asked


def ensure(settings: Settings, progress: Progress) -> int:
    """The port of a newsroom that answers: of the one there, or of one started now.

    Its epoch and port are kept, so that the next one shows the same pages under the same addresses.
    Raises Trouble when it does not start.
    """
    run = paths.run_folder(settings)
    run.mkdir(parents=True, exist_ok=True)
    with (run / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = processes.find(run, NAME)
        if there is not None and _answers(int(there.facts["port"])):
            return int(there.facts["port"])
        processes.stop(run, NAME)
        return _start(settings, run, progress)


def _start(settings: Settings, run: Path, progress: Progress) -> int:
    state = paths.installation(settings) / "newsroom.json"
    wanted = _kept_port(state) or settings["local.newsroom_port"]
    port = paths.choose_port(wanted)
    if port != wanted:
        progress(f"Port {wanted} is taken: the newsroom's pages get other addresses, on {port}")
    process = processes.start(
        run,
        NAME,
        [
            *(sys.executable, "-m", "newsroom.server"),
            *("--port", str(port), "--state-file", str(state)),
        ],
        log=paths.log_folder(settings) / "newsroom.log",
        environ={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        cwd=settings.root,
        facts={"port": str(port)},
    )
    begun = time.monotonic()
    while not _answers(port):
        if not process.alive or time.monotonic() - begun > READY_SECONDS:
            said = processes.tail(Path(process.log))
            processes.stop(run, NAME)
            raise Trouble(f"the newsroom did not start; {process.log} ends:\n{said}")
        time.sleep(0.2)
    progress(f"The sample newsroom answers on http://127.0.0.1:{port} (pid {process.pid})")
    return port


def _kept_port(state: Path) -> int:
    try:
        return int(json.loads(state.read_text("utf-8"))["port"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=ASK_SECONDS).close()
    except urllib.error.HTTPError as error:
        return error.code == 404  # it knows its outlets' names alone
    except (urllib.error.URLError, OSError):
        return False
    return True


def printed(port: int, epoch: datetime | None, *, as_opml: bool) -> str:
    """The newsroom's feeds as OPML, or what must come of every page and feed as JSON."""
    if as_opml:
        return opml(port)
    moment = epoch or utc_now().replace(second=0, microsecond=0)
    return to_json(truth(moment, port)).decode()


def options(settings: Settings, port: int) -> Settings:
    """The settings for reading that newsroom: its own indices and state, its hosts let through."""
    return settings.with_options(
        state=f"{settings['local.folder']}/demo",
        elasticsearch__prefix=f"{settings['elasticsearch.prefix']}-demo",
        fetch__allow=(*settings["fetch.allow"], f"*.localhost:{port}"),
        fetch__delay=DELAY,
        fetch__timeout=TIMEOUT,
        dedup__agencies_extra=str(Path(newsroom.__file__).with_name("agencies.toml")),
    )


def stop(settings: Settings) -> bool:
    """Stop it; False when it was not running."""
    return processes.stop(paths.run_folder(settings), NAME, first=signal.SIGTERM)
