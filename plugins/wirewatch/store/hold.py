"""When the server takes no writes: what a writer waits for, and what it says to do.

A write block holds the writers of an index while it is moved. Any other block, a server that has
too much to do or a missing shard is the operator's: a writer waits a little, then fails in words.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.store import names

log = logging.getLogger("wirewatch.store")

LONGEST = 3_600.0  # seconds a writer waits: a million stories are copied in 10 to 40 minutes
BLOCKED = 120.0  # seconds it waits where nothing is being moved: a person may be at work
PAUSE = 0.5  # seconds between two tries

# How the server says that writers of an index are held.
_BLOCKED = re.compile(r"index \[([^\]]+)\] blocked by: \[FORBIDDEN/8/")


class Unavailable(RuntimeError):
    """Elasticsearch does not answer, refuses us, is too old, or takes no writes for too long.

    The message says what to do.
    """


def held_index(answer: Any) -> str:
    """The index that the server does not write now since its writers are held; "" if none."""
    found = _BLOCKED.search(str(answer))
    return found[1] if found else ""


# What to do, by a word of the server's answer; the first that fits.
_REMEDIES = (
    ("/12/", "its disk is nearly full: free space, and the block goes by itself"),
    ("blocked by", "take the block off (index.blocks.* of that index)"),
    ("unavailable_shards", "a shard is missing: see GET _cluster/allocation/explain"),
    ("security_exception", "give its user the right to write wirewatch's indices"),
    ("maximum", "it takes no further shards: delete old indices or raise the limit"),
    ("", "it has too much to do: see its load"),
)


def not_taken(answer: Any) -> Unavailable:
    """The error that says why the server does not do what it is asked, and what to do."""
    why = str(answer)
    remedy = next(text for word, text in _REMEDIES if word in why)
    return Unavailable(
        f"Elasticsearch does not do this now ({why[:300]}): {remedy}; nothing is lost, "
        "try again then"
    )


class Hold:
    """One write's patience with an index that is blocked."""

    def __init__(self, es: Elasticsearch) -> None:
        self._es = es
        self._until = 0.0  # 0: nothing held it yet
        self._moving = False

    def wait(self, index: str, answer: Any) -> None:
        """Waits a moment, so that the write can be tried again.

        Raises Unavailable when the index was held for too long.
        """
        if not self._until:
            following = names.numbered(names.plain(index), names.number(index) + 1)
            self._moving = bool(self._es.indices.exists(index=following))
            self._until = time.monotonic() + (LONGEST if self._moving else BLOCKED)
            what = "being moved to a new index" if self._moving else "blocked"
            log.warning("%s is %s: waiting until it may be written", index, what)
        if time.monotonic() > self._until:
            if not self._moving:
                raise not_taken(answer)
            raise Unavailable(
                f"{index} could not be written for {LONGEST / 60:g} minutes, for it is being "
                "moved to a new index: try again when that is done; if 'wirewatch index migrate' "
                "or 'rebuild' was killed, call it again"
            )
        time.sleep(PAUSE)
