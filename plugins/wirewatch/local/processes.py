"""Processes that outlive the command that started them, found and stopped again by pid.

Each runs in a session of its own, with a log file and a pid file. The pid file keeps when the
process was born beside its pid, so that a pid the system gave to somebody else is never signalled.
Stopping takes the whole session and every descendant: a server's children may sit in process
groups of their own, and may be orphaned when their parent goes first.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from wirewatch.local.paths import Account, Trouble

KILL_ROUNDS = 50  # of 0.1 s: how often what is left is killed before giving up
TAIL_BYTES = 4_000  # of a log, looked at to say why a process died


@dataclass(frozen=True)
class Process:
    """One started process. ``facts`` is what its starter wants to find again: a port, a mode."""

    name: str
    pid: int
    born: str  # boot of the machine and clock tick: the same for no other process
    command: tuple[str, ...]
    log: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return born(self.pid) == self.born


def born(pid: int) -> str:
    """When a running process was started, as boot id and clock tick; "" for none or a zombie."""
    state, birth = _stat(pid)
    return "" if state in "ZX" else birth


def _stat(pid: int) -> tuple[str, str]:
    """State and birth of a process; X and "" when there is none."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "X", ""
    words = line.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return words[0], f"{boot}:{words[19]}"  # field 22 of proc(5): starttime


def start(
    run: Path,
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    environ: Mapping[str, str],
    cwd: Path,
    user: Account | None = None,
    umask: int = -1,
    facts: Mapping[str, str] | None = None,
) -> Process:
    """Start ``command`` in a session of its own and write ``run/name.json``.

    ``user`` is whom it runs as, for root alone; ``umask`` -1 leaves that as it is. Raises Trouble
    when it cannot be started or one of that name runs already.
    """
    there = find(run, name)
    if there is not None:
        raise Trouble(f"{name} runs already, as pid {there.pid}")
    run.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(environ),
                start_new_session=True,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                umask=umask,
            )
        except OSError as error:
            raise Trouble(f"{name} could not be started: {command[0]}: {error}") from error
    process = Process(name, child.pid, born(child.pid), tuple(command), str(log), dict(facts or {}))
    remember(run, process)
    return process


def remember(run: Path, process: Process) -> None:
    """Write the pid file of ``process``, whole."""
    draft = run / f".{process.name}.draft"
    draft.write_text(json.dumps(asdict(process), indent=1) + "\n", "utf-8")
    draft.replace(run / f"{process.name}.json")


def recall(run: Path, name: str) -> Process | None:
    """What the pid file says, whether or not the process still runs; None when there is none."""
    try:
        kept = json.loads((run / f"{name}.json").read_text("utf-8"))
        return Process(**{**kept, "command": tuple(kept["command"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None  # a pid file that cannot be read names no process


def find(run: Path, name: str) -> Process | None:
    """The process of that name if it runs, else None."""
    kept = recall(run, name)
    return kept if kept is not None and kept.alive else None


def running(run: Path) -> tuple[Process, ...]:
    """All that runs, by name."""
    found = (find(run, file.stem) for file in sorted(run.glob("*.json")))
    return tuple(process for process in found if process is not None)


def members(process: Process) -> list[psutil.Process]:
    """Every live process of its session and every descendant of those; [] when all are gone.

    A session's number is not given out again while a member lives, so orphans are found by it even
    when the first process is gone; and when somebody else has that pid, nobody of ours is left.
    """
    boot = _stat(os.getpid())[1].partition(":")[0]
    if not process.born.startswith(f"{boot}:") or _stat(process.pid)[1] not in ("", process.born):
        return []
    found: dict[int, psutil.Process] = {}
    for candidate in psutil.process_iter():
        try:
            if os.getsid(candidate.pid) == process.pid:
                found[candidate.pid] = candidate
                found.update((child.pid, child) for child in candidate.children(recursive=True))
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    return [one for one in found.values() if born(one.pid)]


def stop(run: Path, name: str, *, first: int = signal.SIGTERM, patience: float = 20.0) -> bool:
    """Stop the process of that name and all that belongs to it; True when something was running.

    ``first`` goes to the process alone, and ``patience`` is how many seconds it has to stop its
    children itself; then everything left gets SIGKILL. Raises Trouble when something survives.
    """
    kept = recall(run, name)
    if kept is None:
        (run / f"{name}.json").unlink(missing_ok=True)
        return False
    everyone = {one.pid: one for one in members(kept)}
    there = bool(everyone)
    if kept.alive:
        os.kill(kept.pid, first)
    deadline = time.monotonic() + patience
    while kept.alive and time.monotonic() < deadline:
        everyone.update((one.pid, one) for one in members(kept))
        _reap(kept.pid)
        time.sleep(0.1)
    for _ in range(KILL_ROUNDS):
        everyone.update((one.pid, one) for one in members(kept))
        left = [one for one in everyone.values() if one.is_running() and born(one.pid)]
        if not left:
            break
        for one in left:
            try:
                one.kill()  # psutil compares the birth first: never another process of that pid
            except psutil.NoSuchProcess:
                continue
        _reap(kept.pid)
        time.sleep(0.1)
    else:
        raise Trouble(f"{name}: processes {sorted(one.pid for one in left)} do not stop")
    _reap(kept.pid)
    (run / f"{name}.json").unlink(missing_ok=True)
    return there


def _reap(pid: int) -> None:
    """Take a dead child's exit status, where it is ours, so that no zombie stays."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # it was started by a command that is gone; init takes it


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, "" when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
