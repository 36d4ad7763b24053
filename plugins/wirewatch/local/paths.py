"""Where the things that run on this machine keep their files, and which ports they take."""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path

from wirewatch.records import stable_id
from wirewatch.settings import Settings

SYSTEM_CACHE = Path("/var/cache/wirewatch")  # where root keeps what another user must read
SYSTEM_STATE = Path("/var/lib/wirewatch")  # where root keeps what another user must write


class Trouble(RuntimeError):
    """Something on this machine stands in the way; the text says what, and what to do."""


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def account(name: str) -> Account | None:
    """The user of that name, None when this machine has none."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def installation(settings: Settings) -> Path:
    """The folder of this installation: pid files, secrets, Elasticsearch's data, Airflow's home."""
    return settings.root / str(settings["local.folder"])


def run_folder(settings: Settings) -> Path:
    """Where the pid files are."""
    return installation(settings) / "run"


def log_folder(settings: Settings) -> Path:
    """Where what was started writes its output."""
    return installation(settings) / "logs"


def cache(settings: Settings, reader: Account | None) -> Path:
    """Where downloads stay: a folder of this user's, else one that ``reader`` can get at too."""
    if settings["local.cache"]:
        return Path(settings["local.cache"])
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    own = Path(base) / "wirewatch"
    return own if reader is None or passable(own, reader) else SYSTEM_CACHE


def writable_by(folder: Path, user: Account | None) -> Path:
    """``folder``, or one of the system's in its stead where ``user`` may not pass its parents."""
    if user is None or passable(folder, user):
        return folder
    return SYSTEM_STATE / stable_id("installation", str(folder))


def passable(path: Path, user: Account) -> bool:
    """Whether ``user`` may go through every existing folder above ``path``."""
    for folder in path.absolute().parents:
        if not folder.exists():
            continue
        state = folder.stat()
        if state.st_uid == user.uid:
            needed = 0o100
        elif state.st_gid == user.gid:
            needed = 0o010
        else:
            needed = 0o001
        if not state.st_mode & needed:
            return False
    return True


def own(path: Path, user: Account) -> None:
    """Give ``path`` and all in it to ``user``; only root may."""
    os.chown(path, user.uid, user.gid, follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            own(inner, user)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on that port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(preferred: int) -> int:
    """``preferred`` when it is free, else any free port of the loopback address."""
    return preferred if port_is_free(preferred) else any_port()


def any_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
