"""The model of what an installation needs, its inputs, and what the docs say of it."""

from __future__ import annotations

import json
from typing import Any

from benchmarks import capacity
from wirewatch.settings import project_root


def cores(found: dict[str, Any], name: str) -> float:
    [part] = [part for part in found["parts"] if part["name"] == name]
    return float(part["cores"])


def test_the_figures_in_the_docs_are_what_the_model_gives() -> None:
    found = capacity.needs(500_000, 180_000, 8)
    kept = project_root() / "benchmarks" / "results" / "capacity.json"
    assert json.loads(kept.read_text("utf-8")) == json.loads(json.dumps(found))
    docs = (project_root() / "docs" / "scaling.md").read_text("utf-8")
    assert capacity.table(found) in docs
    for figure in ("workers", "elasticsearch"):
        assert f"{found[figure]['cores']} cores" in docs
    assert f"{found['archive_gb_a_day']} GB" in docs
    assert f"{found['elasticsearch']['gb_a_day']} GB" in docs


def test_twice_the_stories_are_twice_the_work_of_stories_and_no_more_of_feeds() -> None:
    once = capacity.needs(1_000_000, 180_000, 8)
    twice = capacity.needs(2_000_000, 180_000, 8)
    for name in ("extract", "index", "deduplicate"):
        assert abs(cores(twice, name) - 2 * cores(once, name)) <= 0.02
    assert cores(twice, "poll") == cores(once, "poll")
    assert twice["workers"]["machines"] >= once["workers"]["machines"]
    assert twice["archive_gb_a_day"] == 2 * once["archive_gb_a_day"]


def test_the_mix_of_feeds_is_whole_and_was_measured() -> None:
    assert sum(capacity.MIX.values()) == 100
    rows = json.loads((capacity.RESULTS / "polling.json").read_text("utf-8"))
    measured = {
        row["kind"]: row["entries_per_day"] for row in rows if row["strategy"] == "adaptive"
    }
    assert measured.keys() == capacity.MIX.keys()
    entries = sum(measured[kind] * share / 100 for kind, share in capacity.MIX.items())
    assert 500_000 <= entries * 180_000 <= 520_000
