"""The account of a run in words."""

from __future__ import annotations

import logging
from collections import Counter

from wirewatch.pipeline.flow import FLOWS
from wirewatch.records import RevisionKind, Run

log = logging.getLogger("wirewatch.run")

COUNTED = ("taken", "passed", "batches")  # what every stage counts, beside its own outcomes


def format_account(account: Run) -> list[str]:
    """The account in lines that a person reads: a stage each, then where the time went."""
    lines = [f"run {account.id}: {account.state}"]
    flow = FLOWS.get(account.kind)
    known = [stage.name for stage in flow.stages] if flow else []
    for stage in [*known, *(name for name in account.stages if name not in known)]:
        if stage not in account.stages:
            continue
        counts = account.stages[stage]
        rest = ", ".join(
            f"{count} {name.replace('_', ' ')}"
            for name, count in counts.items()
            if name not in COUNTED
        )
        lines.append(
            f"{stage}: {counts['taken']} in, {counts['passed']} on" + (f"; {rest}" if rest else "")
        )
    lines += [f"slow: {h.host}, {h.pages} pages in {h.seconds:.1f} s" for h in account.hosts[:3]]
    return lines


def log_account(account: Run) -> None:
    """Writes the account to the log."""
    for line in format_account(account):
        log.info(line)


def summarise(run: Run) -> str:
    """What a run did, in a few words of its own kind."""
    if not run.stages:
        return "" if run.state == "running" else "nothing was due"
    counts = {stage: Counter(found) for stage, found in run.stages.items()}

    def of(stage: str, name: str = "passed") -> int:
        return counts.get(stage, Counter())[name]

    if run.kind == "revisit":
        revise = counts.get("revise", Counter())
        kinds = [(revise[kind.value], kind.value) for kind in RevisionKind]
        same = of("fetch", "unchanged") + revise["cosmetic"]
        others = [(of("fetch", "missing") + of("extract", "missing"), "missing")]
        words = [
            f"{count} {name}" for count, name in [*kinds, (same, "unchanged"), *others] if count
        ]
        return f"{of('claim')} pages looked at again: {', '.join(words) or 'none could be read'}"
    if run.kind == "reprocess":
        examined = f"{of('examine', 'taken')} stories examined, {of('examine')} differ"
        return f"{examined}, {of('apply')} written" if "apply" in counts else examined
    if "index" in counts or run.kind == "ingest":
        return f"{of('index')} stories of {of('claim')} pages"
    return ", ".join(f"{stage}: {found['passed']}" for stage, found in counts.items())
