"""Who holds a lease: a process told from all others, and whether it is gone.

A lease ends by itself. Where its process was on this machine and is not there any more, nobody has
to wait for that.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil

SAME_START = 2.0  # seconds by which readings of one process's start may differ


def this_process() -> str:
    """This process, told from all others: its machine, its id there, its start."""
    space = Path("/proc/self/ns/pid")  # containers of one name have ids of their own
    name = space.readlink().name if space.is_symlink() else ""
    started = psutil.Process().create_time()
    return f"{socket.gethostname()}|{name}|{os.getpid()}|{started:.2f}"


def has_ended(holder: str) -> bool:
    """Whether a holder, a process and a word of its own, is known to be gone.

    That is when its process was on this machine and is not there.
    """
    mine = this_process().split("|")
    parts = holder.split("|")
    if len(parts) != len(mine) + 1 or parts[:2] != mine[:2]:
        return False
    try:
        there = psutil.Process(int(parts[2]))
        return (
            there.status() == psutil.STATUS_ZOMBIE
            or abs(there.create_time() - float(parts[3])) > SAME_START
        )
    except psutil.NoSuchProcess:
        return True


def in_words(holder: str) -> str:
    """The holder's process as a person finds it; "" of one that names none."""
    parts = holder.split("|")
    return f"process {parts[2]} on {parts[0]}" if len(parts) == 5 and parts[2] else ""
