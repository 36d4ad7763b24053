"""What this machine lacks for running wirewatch, and what to do about it, before it fails."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from wirewatch.local import paths, processes
from wirewatch.local.elasticsearch import java, server, source
from wirewatch.local.paths import Trouble
from wirewatch.settings import Settings

OLDEST_PYTHON = (3, 11)
MEMORY = 3 << 30  # bytes: Elasticsearch 1.4 GB, Airflow 1.1 GB, extraction 0.5 GB
DISK = 3 << 30  # bytes: the download 0.95 GB while it is unpacked, data and logs


@dataclass(frozen=True)
class Check:
    """One thing looked at. Where it is not ``ok``, ``advice`` says what to do."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def doctor(settings: Settings, environ: Mapping[str, str] | None = None) -> tuple[Check, ...]:
    """Every check, in the order in which the things are needed. Starts and changes nothing."""
    environ = os.environ if environ is None else environ
    return tuple(_checks(settings, environ))


def _checks(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    yield _python()
    yield Check(
        "venv",
        find_spec("ensurepip") is not None,
        "Python can make virtual environments"
        if find_spec("ensurepip")
        else "ensurepip is missing",
        "apt install python3-venv",
    )
    yield _program("git", "apt install git")
    yield _airflow()
    yield _chromium(environ)
    yield from _elasticsearch(settings, environ)
    started = processes.find(paths.run_folder(settings), server.NAME) is not None
    yield _memory(0 if started else MEMORY)
    yield _disk("disk", paths.installation(settings))
    for option in ("local.elasticsearch_port", "airflow.port", "local.newsroom_port"):
        yield _port(settings, option)
    yield _secrets(settings)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Check(
        "Python", sys.version_info >= OLDEST_PYTHON, version, f"install Python {wanted} or newer"
    )


def _program(name: str, advice: str) -> Check:
    place = shutil.which(name)
    return Check(name, place is not None, place or "not found", advice)


def _chromium(environ: Mapping[str, str]) -> Check:
    """Never a failure: only the tests of the pages need one."""
    place = environ.get("CHROMIUM") or shutil.which("chromium")
    found = place or "none; only 'make test' needs it (apt install chromium)"
    return Check("Chromium", True, found)


def _airflow() -> Check:
    command = Path(sys.executable).parent / "airflow"
    found = str(command) if command.exists() else f"there is no {command}"
    return Check("Airflow", command.exists(), found, "make install")


def _elasticsearch(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    url = server.given_url(settings, environ)
    if url is not None:
        yield _given(settings, url)
        return
    try:
        user = server.stand_in(settings)
    except Trouble as trouble:
        yield Check("account", False, str(trouble), "set local.elasticsearch_user")
        return
    if user is not None:
        yield Check("account", True, f"Elasticsearch runs as {user.name}, for you are root")
    cache = paths.cache(settings, user)
    home = source.folder_of(cache)
    cached = source.is_cached(cache)
    if cached and source.has_java(home):
        yield Check("JDK", True, f"Elasticsearch's own, in {home / 'jdk'}")
    else:
        yield _jdk(environ)
    if cached:
        yield Check("Elasticsearch", True, f"{source.VERSION}, in {home}")
        return
    maven = shutil.which("mvn")
    yield Check(
        "Elasticsearch",
        maven is not None,
        f"not here yet; downloaded to {cache} when needed" if maven else "not here, and no Maven",
        "apt install maven (unless Elastic's own site can be reached), or give ELASTICSEARCH_URL",
    )
    yield _disk("disk of the cache", cache)


def _given(settings: Settings, url: str) -> Check:
    advice = "start it, correct ELASTICSEARCH_URL, or unset that to have one started here"
    try:
        version = server.version_there(settings, url)
    except Trouble:
        return Check("Elasticsearch", False, f"none answers at {url}", advice)
    return Check("Elasticsearch", True, f"{version} at {url}")


def _jdk(environ: Mapping[str, str]) -> Check:
    found = java.candidates(environ)
    best = next((jdk for jdk in found if jdk.fits), None)
    if best is not None:
        return Check("JDK", True, f"{best.release}, in {best.home}")
    seen = ", ".join(f"{jdk.release}{'' if jdk.full else ' (no jlink)'}" for jdk in found)
    return Check("JDK", False, f"only {seen}" if seen else "no Java", java.ADVICE)


def _memory(needed: int) -> Check:
    free = psutil.virtual_memory().available
    return Check(
        "memory",
        free >= needed,
        f"{free / (1 << 30):.1f} GB free",
        f"free {MEMORY >> 30} GB, or lower local.elasticsearch_heap",
    )


def _disk(name: str, folder: Path) -> Check:
    place = next(above for above in (folder, *folder.absolute().parents) if above.exists())
    free = shutil.disk_usage(place).free
    return Check(
        name,
        free >= DISK,
        f"{free / (1 << 30):.1f} GB free at {place}",
        f"free {DISK >> 30} GB there, or set local.folder and local.cache to a larger disk",
    )


def _port(settings: Settings, option: str) -> Check:
    """Never a failure: where a port is taken another is chosen."""
    port = settings[option]
    ours = {
        process.facts.get("port") or process.facts.get("url", "").rpartition(":")[2]
        for process in processes.running(paths.run_folder(settings))
    }
    if str(port) in ours:
        found = f"{port} is used by what was started here"
    elif paths.port_is_free(port):
        found = f"{port} is free"
    else:
        found = f"{port} is taken by something else; another is chosen, or set {option}"
    return Check(
        f"port of {option.removeprefix('local.').split('_port')[0].split('.')[0]}", True, found
    )


def _secrets(settings: Settings) -> Check:
    files = (paths.installation(settings) / "secrets.env", settings.root / ".env")
    there = [file for file in files if file.exists()]
    open_ones = [str(file) for file in there if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if open_ones:
        return Check(
            "secrets", False, f"others can read {', '.join(open_ones)}", "chmod 600 those files"
        )
    return Check("secrets", True, "only you can read them" if there else "none made yet")
