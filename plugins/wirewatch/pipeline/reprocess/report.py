"""What would change, as a person reads it before anything is written."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec

from wirewatch.batches import Batches
from wirewatch.dedup.regroup import Regrouping
from wirewatch.pipeline.reprocess.batch_records import FIELD, Altered
from wirewatch.pipeline.reprocess.examine import NOARCHIVE
from wirewatch.pipeline.reprocess.stages import ReprocessStage
from wirewatch.records import Batch, Cluster, Record
from wirewatch.settings import Settings

log = logging.getLogger("wirewatch.run")

SAMPLES = 10  # changes shown of a run
SHOWN = 160  # characters of each side of a sample
LEAD_IN = 30  # characters before the first difference that a sample shows
# Why a story was not read anew, where the word alone does not say it.
WHY = {
    NOARCHIVE: "cannot be extracted again: the page asks for no copy, so none was archived",
    "not_archived": "cannot be extracted again: the archive has not its bytes, or damaged ones",
    "page_in_use": "left: a run is reading the page anew at this moment",
    "by_hand": "left: a person had a hand in their cluster",
    "reaches_outside": "left: their cluster has stories outside the span",
    "unchanged": "unchanged",
}


class Sample(Record, frozen=True, kw_only=True):
    """One change as a person reads it, both sides from shortly before they differ."""

    story_id: str
    title: str
    field: str
    before: str
    after: str


class Report(Record, frozen=True, kw_only=True):
    """What would change, over a whole run."""

    stories: int  # looked at
    altered: int
    fields: dict[str, int]  # how many stories change in which field
    others: dict[str, int]  # why the other stories do not
    samples: tuple[Sample, ...] = ()


def report_changes(
    settings: Settings, run: str, examined: Sequence[Batch], stage: str, dry_run: bool
) -> list[Batch]:
    """Logs what would change; returns the batches that are to be written, none in a dry run."""
    log.info("what run %s would change:", run)
    for line in format_report(report(settings, examined, stage)):
        log.info(line)
    return [] if dry_run else list(examined)


def report(
    settings: Settings, examined: Iterable[Batch], stage: str = ReprocessStage.EXTRACT
) -> Report:
    """What the examined batches found, added up, with samples: the first of each field, then
    more.
    """
    batches = Batches(settings.state)
    listed = list(examined)
    fields: Counter[str] = Counter()
    others: Counter[str] = Counter()
    samples: dict[str, list[Sample]] = {}
    for batch in listed:
        fields.update({k.removeprefix(FIELD): v for k, v in batch.notes.items()})
        others.update(batch.outcomes)
        if stage == ReprocessStage.CLUSTER:
            found = islice(batches.read(batch.file, Regrouping), SAMPLES)
            samples.setdefault("cluster", []).extend(_regrouped(row) for row in found)
            continue
        for row in batches.read(batch.file, Altered):
            for name in sorted(row.after.keys() - {"extractor"}):
                kept = samples.setdefault(name, [])
                if len(kept) < SAMPLES:
                    kept.append(_sample(row, name))
    turns = [kept[turn] for turn in range(SAMPLES) for kept in samples.values() if turn < len(kept)]
    return Report(
        stories=sum(batch.taken for batch in listed),
        altered=sum(batch.passed for batch in listed),
        fields=dict(fields.most_common()),
        others=dict(others.most_common()),
        samples=tuple(turns[:SAMPLES]),
    )


def _sample(row: Altered, name: str) -> Sample:
    old, new = (_words(side[name]) for side in (row.before, row.after))
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    at = min(len(old), len(new)) if same is None else same
    start = max(0, at - LEAD_IN)
    return Sample(
        story_id=row.story_id,
        title=row.title,
        field=name,
        before=old[start : start + SHOWN],
        after=new[start : start + SHOWN],
    )


def _regrouped(row: Regrouping) -> Sample:
    titles = {story.id: story.article.title for story in row.stories}

    def titles_of(clusters: Iterable[Cluster]) -> str:
        live = sorted((one for one in clusters if not one.redirect), key=lambda one: one.id)
        return " | ".join(
            f"{one.id}: " + " + ".join(titles.get(story, story) for story in one.stories)
            for one in live
        )

    first = row.stories[0]
    return Sample(
        story_id=first.id,
        title=first.article.title,
        field="cluster",
        before=titles_of(row.before)[: 3 * SHOWN],
        after=titles_of(row.after)[: 3 * SHOWN],
    )


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(one, dict) for one in value):
        return ", ".join(str(one.get("name", one)) for one in value)  # topics
    return "" if value is None else msgspec.json.encode(value).decode()


def format_report(found: Report) -> list[str]:
    """The report in lines that a person reads."""
    lines = [f"{found.altered} of {found.stories} stories change"]
    lines += [f"  {count:>6} in {name.replace('_', ' ')}" for name, count in found.fields.items()]
    lines += [
        f"  {count:>6} {WHY.get(name, name.replace('_', ' '))}"
        for name, count in found.others.items()
    ]
    for one in found.samples:
        lines.append(f"{one.field} of {one.story_id}, {one.title!r}")
        lines += [f"  - {one.before!r}", f"  + {one.after!r}"]
    return lines
