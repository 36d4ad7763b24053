"""What stands around reports: service lines above them, legal and company lines below.

Two texts that share no more than that have nothing to do with each other. It is told by its place,
which needs no list of phrases and no language: the same words end both texts, and what comes
before them differs. A passage that was copied out of a report ends both by chance only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wirewatch.dedup.features import Profile, in_phrases

OPENING = 25  # words: a service line or a note of a correction above the report
GAP = 8  # words in a row that the closing lines of one text have and the other's have not
STRAY = 4  # shared words elsewhere that are a phrase everybody uses: a run of five has one more
OWN = 8  # words that a report has at least beside its frame
MAIN = 0.25  # share of a text that is its own: less is a paragraph replaced
GIVEN = 0.8  # of the words that one story explains, those another explains, to be the same passage


def only_frame(a: Profile, b: Profile) -> bool:
    """Whether two texts share nothing but lines at their beginning or their end, and each has a
    report of its own between them."""
    return _at_edges(in_phrases(a, b)) and _at_edges(in_phrases(b, a))


def same_passage(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Whether two stories explain the same words of a third one."""
    both = int((one & other).sum())
    return both >= GIVEN * max(int(one.sum()), int(other.sum())) > 0


def _at_edges(shared: NDArray[np.bool_]) -> bool:
    rows = np.flatnonzero(shared)
    if not len(rows):
        return False
    breaks = np.flatnonzero(np.diff(rows) > GAP)
    start = int(rows[breaks[-1] + 1]) if len(breaks) else int(rows[0])
    if len(shared) - 1 - int(rows[-1]) > GAP:
        start = len(shared)  # it ends with words of its own
    opening = int(np.argmin(shared)) if not shared.all() else len(shared)
    own = shared[opening:start]
    return (
        opening <= OPENING and len(own) >= max(OWN, MAIN * len(shared)) and int(own.sum()) <= STRAY
    )
