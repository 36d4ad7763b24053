"""What `wirewatch status` says of a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wirewatch.pipeline.account import summarise
from wirewatch.records import Run

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "stages", "words"),
    [
        ("ingest", {"claim": {"passed": 9}, "index": {"passed": 7}}, "7 stories of 9 pages"),
        ("ingest", {"poll": {"passed": 0}}, "0 stories of 0 pages"),
        ("revisit", {}, "nothing was due"),
        (
            "revisit",
            {
                "claim": {"passed": 40},
                "fetch": {"unchanged": 30, "missing": 2},
                "revise": {
                    "passed": 4,
                    "changed": 2,
                    "correction": 1,
                    "vanished": 1,
                    "cosmetic": 4,
                },
            },
            "40 pages looked at again: "
            "2 changed, 1 correction, 1 vanished, 34 unchanged, 2 missing",
        ),
        ("reprocess", {"examine": {"taken": 5, "passed": 2}}, "5 stories examined, 2 differ"),
        (
            "reprocess",
            {"examine": {"taken": 5, "passed": 2}, "apply": {"passed": 1}},
            "5 stories examined, 2 differ, 1 written",
        ),
    ],
)
def test_a_run_tells_what_it_did_in_its_own_terms(
    kind: str, stages: dict[str, dict[str, int]], words: str
) -> None:
    assert summarise(Run(id="r", kind=kind, state="done", started=NOW, stages=stages)) == words


def test_a_run_under_way_claims_nothing() -> None:
    assert summarise(Run(id="r", kind="revisit", started=NOW)) == ""
