"""Airflow standalone on this machine: its environment, its secrets, starting and stopping it.

The values were found by measurement on two cores: with the defaults a chain of five small tasks
takes 7 s, with these 1.5 s.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wirewatch.local import logs, paths, processes
from wirewatch.local.airflow.client import Client
from wirewatch.local.paths import Trouble
from wirewatch.records import stable_id
from wirewatch.settings import BY_NAME, Settings

NAME = "airflow"
USER = "admin"
READY_SECONDS = 300  # 11 s on two quiet cores, 120 s on busy ones
SPOKEN_SECONDS = 10  # between two lines that say that it is not ready yet
STOP_SECONDS = 25.0  # after SIGINT; a scheduler was seen to lock itself up while stopping
POOLS = (
    ("wirewatch_fetch", 4, "batches fetched at once; a host is in one batch only"),
    ("wirewatch_extract", 1, "extraction runs worker processes of its own, one a core"),
    ("wirewatch_dedup", 1, "the fingerprint index has one writer"),
)
# Passed on from the caller's environment: where programs and certificates are, and the language.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
PASSED_ON_TOO = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Running:
    """An Airflow that answers."""

    url: str
    user: str
    password: str
    password_file: Path
    pid: int
    started_here: bool  # by this very call


def home(settings: Settings) -> Path:
    """AIRFLOW_HOME: beside the state it works on, so that a demo's runs stay the demo's."""
    state = settings.state
    return (paths.installation(settings) if "://" in state else Path(state)) / NAME


def secret_values(settings: Settings) -> dict[str, str]:
    """The installation's secrets by Airflow's names, made on first use, readable by their owner.

    All of Airflow's processes must share them: an invented one a process fails every task.
    """
    file = paths.installation(settings) / "secrets.env"
    names = {
        "AIRFLOW__API_AUTH__JWT_SECRET": lambda: secrets.token_urlsafe(64),  # 64 bytes at least
        "AIRFLOW__API__SECRET_KEY": lambda: secrets.token_urlsafe(32),
        "AIRFLOW__CORE__FERNET_KEY": lambda: urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    }
    kept = read_env(file)
    missing = names.keys() - kept.keys()
    if missing:
        kept.update({name: names[name]() for name in names if name in missing})
        lines = "".join(f"{name}={value}\n" for name, value in kept.items())
        paths.write_private(file, lines)
    elif file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return kept


def read_env(file: Path) -> dict[str, str]:
    """The NAME=value lines of a file; {} when there is none."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def environment(settings: Settings, port: int) -> dict[str, str]:
    """The whole environment of Airflow's processes: they have exactly these settings.

    The secrets are made at need.
    """
    folder = home(settings)
    url = f"http://127.0.0.1:{port}"
    bins = str(Path(sys.executable).parent)
    environ = {name: os.environ[name] for name in PASSED_ON + PASSED_ON_TOO if name in os.environ}
    kept = secret_values(settings)
    environ.update({name: value for name, value in kept.items() if name.startswith("AIRFLOW__")})
    environ.update(settings_environ(settings))
    environ.update(
        PATH=f"{folder / 'bin'}{os.pathsep}{bins}{os.pathsep}{environ.get('PATH', os.defpath)}",
        AIRFLOW_HOME=str(folder),
        AIRFLOW__CORE__DAGS_FOLDER=str(settings.root / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(settings.root / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__EXECUTOR="LocalExecutor",
        # The default of 32 forks 32 idle workers.
        AIRFLOW__CORE__PARALLELISM=str(settings["airflow.parallelism"]),
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"{url}/execution/",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=f"{USER}:admin",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(folder / "passwords.json"),
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{folder / 'airflow.db'}",
        AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(folder / "logs"),
        AIRFLOW__API__HOST="127.0.0.1",
        AIRFLOW__API__PORT=str(port),
        AIRFLOW__API__BASE_URL=url,
        # Seconds until a task that was killed counts as dead; 300 by default.
        AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT="90",
        AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME="0.1",  # 1 s by default, paid at every hop
        # A finished task holds its worker for up to one such interval; 5 s by default.
        AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL="1",
        AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL="30",  # seconds until a new DAG file is seen
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    )
    return environ


def settings_environ(settings: Settings) -> dict[str, str]:
    """The settings as the environment variables that give another process the same."""
    environ = {"WIREWATCH_ROOT": str(settings.root)}
    for name, value in settings.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        environ[BY_NAME[name].env] = text
    return environ


def ensure(settings: Settings, progress: Progress) -> Running:
    """An Airflow that is well and has exactly these settings: the one there, or one started now.

    ``settings`` must name where Elasticsearch is. Makes the pools. Raises Trouble when Airflow
    cannot be had.
    """
    run = paths.run_folder(settings)
    run.mkdir(parents=True, exist_ok=True)
    with (run / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = processes.find(run, NAME)
        if there is not None:
            port = int(there.facts["port"])
            same = there.facts["fingerprint"] == _fingerprint(environment(settings, port))
            if same and (_client(settings, port)).healthy():
                return _running(settings, there, started_here=False)
            progress("Airflow is started anew: " + ("it is not well" if same else "other options"))
        processes.stop(run, NAME, first=signal.SIGINT, patience=STOP_SECONDS)
        return _start(settings, run, progress)


def _start(settings: Settings, run: Path, progress: Progress) -> Running:
    port = paths.choose_port(settings["airflow.port"])
    environ = environment(settings, port)
    folder = home(settings)
    _lay_out(settings, folder)
    log = paths.log_folder(settings) / "airflow.log"
    logs.put_aside(log, settings["local.log_files"])  # it may tell of a crash
    process = processes.start(
        run,
        NAME,
        ["airflow", "standalone"],
        log=log,
        environ=environ,
        cwd=settings.root,
        umask=0o077,  # its database, configuration and logs are their owner's alone
        facts={"port": str(port), "fingerprint": _fingerprint(environ), "home": str(folder)},
    )
    progress(f"Airflow starts on http://127.0.0.1:{port} (pid {process.pid})")
    try:
        client = _client(settings, port)
        _wait(process, client, progress)
        for name, slots, about in POOLS:
            client.put_pool(name, slots, about)
    except BaseException:  # also an interrupt: an Airflow half started must not stay
        processes.stop(run, NAME, first=signal.SIGINT, patience=STOP_SECONDS)
        raise
    progress(f"Airflow answers on http://127.0.0.1:{port}")
    return _running(settings, process, started_here=True)


def _lay_out(settings: Settings, folder: Path) -> None:
    """Make AIRFLOW_HOME: the admin's password, and the ``airflow`` that standalone starts."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    password = secret_values(settings)["AIRFLOW_ADMIN_PASSWORD"]
    paths.write_private(folder / "passwords.json", json.dumps({USER: password}))
    real = Path(sys.executable).parent / "airflow"
    if not real.exists():
        raise Trouble(f"there is no {real}: run make demo, which installs it")
    shim = folder / "bin" / "airflow"
    shim.parent.mkdir(exist_ok=True)
    # The log servers listen on every address of the machine and know no other; the api-server reads
    # the same files by itself, so they are left out. Tasks talk to the api-server: one that began
    # before that is up would use up its tries.
    asks = 'import os, urllib.request; urllib.request.urlopen(os.environ["AIRFLOW__API__BASE_URL"])'
    shim.write_text(
        "#!/bin/sh\n"
        'case "$1" in scheduler|triggerer) set -- "$@" --skip-serve-logs ;; esac\n'
        'if [ "$1" = scheduler ]; then\n'
        f"  until \"{sys.executable}\" -c '{asks}' 2>/dev/null; do sleep 0.2; done\n"
        "fi\n"
        f'exec "{real}" "$@"\n',
        "utf-8",
    )
    shim.chmod(0o700)


def _wait(process: processes.Process, client: Client, progress: Progress) -> None:
    begun = spoken = time.monotonic()
    while (now := time.monotonic()) - begun < READY_SECONDS:
        if not process.alive:
            said = processes.tail(Path(process.log))
            raise Trouble(f"Airflow stopped while it started; {process.log} ends:\n{said}")
        if client.healthy():
            return
        if now - spoken >= SPOKEN_SECONDS:
            spoken = now
            progress(f"Airflow is not ready yet after {now - begun:.0f} s")
        time.sleep(0.5)
    said = processes.tail(Path(process.log))
    raise Trouble(f"Airflow was not ready within {READY_SECONDS} s; {process.log} ends:\n{said}")


def _fingerprint(environ: Mapping[str, str]) -> str:
    """What an environment is, in one word: a running Airflow of another is started anew."""
    return stable_id(*(f"{name}={environ[name]}" for name in sorted(environ)))


def _client(settings: Settings, port: int) -> Client:
    password = secret_values(settings)["AIRFLOW_ADMIN_PASSWORD"]
    return Client(f"http://127.0.0.1:{port}", USER, password)


def client(running: Running) -> Client:
    """Talks to a running Airflow as its administrator."""
    return Client(running.url, running.user, running.password)


def _running(settings: Settings, process: processes.Process, *, started_here: bool) -> Running:
    return Running(
        f"http://127.0.0.1:{process.facts['port']}",
        USER,
        secret_values(settings)["AIRFLOW_ADMIN_PASSWORD"],
        home(settings) / "passwords.json",
        process.pid,
        started_here,
    )


def status(settings: Settings) -> Running | None:
    """The Airflow of this installation, None when it does not run."""
    process = processes.find(paths.run_folder(settings), NAME)
    return None if process is None else _running(settings, process, started_here=False)


def stop(settings: Settings) -> bool:
    """Stop it and everything it started; False when it was not running."""
    run = paths.run_folder(settings)
    return processes.stop(run, NAME, first=signal.SIGINT, patience=STOP_SECONDS)
