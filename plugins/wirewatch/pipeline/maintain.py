"""The upkeep as a stage of a flow."""

from __future__ import annotations

import logging

from wirewatch.pipeline import turns
from wirewatch.records import Batch
from wirewatch.settings import Settings
from wirewatch.upkeep.maintain import UpkeepFailed, in_lines
from wirewatch.upkeep.maintain import maintain as keep_up

log = logging.getLogger("wirewatch.run")


def maintain(settings: Settings, run: str) -> Batch:
    """Frees what is past its time and says in the log what that was.

    Raises UpkeepFailed at the end when a part could not be done, Busy when another is at work.
    """
    made = keep_up(settings, run, holder=turns.holder_of(run), wait=settings["run.wait"])
    for line in in_lines(made):
        log.info(line)
    if made.problems:
        raise UpkeepFailed("; ".join(made.problems))
    freed = {one.part: one.items for one in made.parts if one.items}
    items = sum(freed.values())
    return Batch(
        run=run, stage="maintain", partition=0, file="", taken=items, passed=items, notes=freed
    )
