"""The API and the pages as a process of its own."""

from __future__ import annotations

import fcntl
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from wirewatch.local import paths, processes
from wirewatch.local.airflow.server import Progress, settings_environ
from wirewatch.local.paths import Trouble
from wirewatch.records import stable_id
from wirewatch.settings import Settings
from wirewatch.web.security.secret import link

NAME = "web"
READY_SECONDS = 90  # it imports for 3 s on a quiet machine
ASK_SECONDS = 5  # one request to it
HOST = "127.0.0.1"


def ensure(settings: Settings, progress: Progress) -> str:
    """The link to the app over exactly these settings: of the one there, or of one started now.

    ``settings`` must name where Elasticsearch is. Raises Trouble when it does not start.
    """
    run = paths.run_folder(settings)
    run.mkdir(parents=True, exist_ok=True)
    with (run / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = processes.find(run, NAME)
        if there is not None:
            port = int(there.facts["port"])
            same = there.facts["fingerprint"] == _fingerprint(_environ(settings, port))
            if same and _answers(port):
                return link(settings, _address(port))
        processes.stop(run, NAME)
        return _start(settings, run, progress)


def _start(settings: Settings, run: Path, progress: Progress) -> str:
    wanted = settings["web.port"]
    port = paths.choose_port(wanted) if wanted else paths.any_port()
    environ = _environ(settings, port)
    process = processes.start(
        run,
        NAME,
        [sys.executable, "-m", "wirewatch.web.serving"],
        log=paths.log_folder(settings) / "web.log",
        environ=environ,
        cwd=settings.root,
        umask=0o077,  # it makes the secret that sessions are signed with
        facts={"port": str(port), "fingerprint": _fingerprint(environ)},
    )
    begun = time.monotonic()
    while not _answers(port):
        if not process.alive or time.monotonic() - begun > READY_SECONDS:
            said = processes.tail(Path(process.log))
            processes.stop(run, NAME)
            raise Trouble(f"the web app did not start; {process.log} ends:\n{said}")
        time.sleep(0.2)
    progress(f"The search pages and the API answer on {_address(port)} (pid {process.pid})")
    return link(settings, _address(port))


def _environ(settings: Settings, port: int) -> dict[str, str]:
    """The process's environment: the caller's, with exactly these settings, on loopback."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WIREWATCH_") and name != "ELASTICSEARCH_URL"
    }
    own = settings.with_options(web__host=HOST, web__port=port)
    library = str(Path(__file__).resolve().parents[2])
    return {**plain, **settings_environ(own), "PYTHONPATH": library}


def _fingerprint(environ: Mapping[str, str]) -> str:
    """What the settings are, in one word: an app of others is started anew."""
    given = sorted(item for item in environ.items() if item[0].startswith("WIREWATCH_"))
    return stable_id(*(f"{name}={value}" for name, value in given))


def _address(port: int) -> str:
    return f"http://{HOST}:{port}"


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://{HOST}:{port}/api/v1/health", timeout=ASK_SECONDS).close()
    except (urllib.error.URLError, OSError):
        return False
    return True
