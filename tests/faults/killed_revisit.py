"""Runs a revisit and kills itself in the middle of a stage, as ``tests.faults.killed`` does."""

from __future__ import annotations

from collections.abc import Callable

from tests import flows
from tests.faults.killed import Ticks, after, half_of, while_writing
from wirewatch import settings
from wirewatch.store.pages import Pages
from wirewatch.store.revisions import Revisions
from wirewatch.store.stories import Stories

RUN = "revised"

POINTS: dict[str, Callable[[], None] | None] = {
    "claim": lambda: after(Pages, "claim_revisits", 1),
    "fetch-saved": lambda: half_of(Pages, "save"),
    "fetch": None,  # by its ticks, which count what is kept
    "extract-writing": lambda: while_writing("extract"),
    "revise-revisions": lambda: half_of(Revisions, "create"),
    "revise-stories": lambda: half_of(Stories, "change"),
    "revise-pages": lambda: after(Stories, "change", 1),
}


def main(point: str, environ: dict[str, str]) -> None:
    ticks = Ticks(point, 7)
    install = POINTS[point]
    if install:
        install()
    flows.revisit(settings.load(environ), RUN, ticks.begins, ticks.tick)
