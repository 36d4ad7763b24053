"""What indices are called: the name that is asked and written, and the index behind it.

``wirewatch-pages`` is an alias of ``wirewatch-pages-000001``, ``wirewatch-stories-2026.11`` of
``wirewatch-stories-2026.11-000001``; a new mapping makes ``…-000002`` and moves the alias. An index
that an earlier version made under the plain name itself counts as number 0.
"""

from __future__ import annotations

import re

FIRST = 1

_NUMBERED = re.compile(r"(.+)-(\d{6})")


def numbered(name: str, number: int) -> str:
    """The index behind a name."""
    return f"{name}-{number:06}"


def plain(index: str) -> str:
    """The name that an index stands behind."""
    found = _NUMBERED.fullmatch(index)
    return found[1] if found else index


def number(index: str) -> int:
    """The how many-th index behind its name this is."""
    found = _NUMBERED.fullmatch(index)
    return int(found[2]) if found else 0
