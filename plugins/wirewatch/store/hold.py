"""Writers are held by a write block while an index is moved: they wait, and say what for."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

log = logging.getLogger("wirewatch.store")

LONGEST = 3_600.0  # seconds a writer waits: a million stories are copied in 10 to 40 minutes
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


class Hold:
    """One write's patience with an index that is being moved."""

    def __init__(self) -> None:
        self._until = 0.0  # 0: nothing held it yet

    def wait(self, index: str) -> None:
        """Waits a moment, so that the write can be tried again.

        Raises Unavailable when the index was held for too long.
        """
        if not self._until:
            self._until = time.monotonic() + LONGEST
            log.warning("%s is being moved to a new index: waiting until it may be written", index)
        if time.monotonic() > self._until:
            raise Unavailable(
                f"{index} could not be written for {LONGEST / 60:g} minutes, for it is being "
                "moved to a new index: try again when that is done; if 'wirewatch index migrate' "
                "or 'rebuild' was killed, call it again"
            )
        time.sleep(PAUSE)
