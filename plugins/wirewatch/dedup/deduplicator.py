"""From a batch of stories to the clusters they belong to: the one entry point of the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from wirewatch.dedup.agency import Agencies
from wirewatch.dedup.assign import Placement, assign
from wirewatch.dedup.candidates import find_candidates, without_batch
from wirewatch.dedup.cluster import plant
from wirewatch.dedup.comparison_cache import StorySource, Work
from wirewatch.dedup.features import Profile
from wirewatch.dedup.fingerprint_index import FingerprintIndex
from wirewatch.dedup.issues import tell_apart
from wirewatch.dedup.leftover import FURTHER, leftover
from wirewatch.dedup.mixes import siblings, untangle
from wirewatch.dedup.segments import build_rows
from wirewatch.records import Story, replace
from wirewatch.settings import Settings

__all__ = ["KEPT", "Placement", "StorySource", "place"]

KEPT = timedelta(days=2)  # beyond the window: a run that was delayed still finds its days


def place(
    stories: Sequence[Story],
    source: StorySource,
    index: FingerprintIndex,
    settings: Settings,
    agencies: Agencies,
    *,
    run: str,
    now: datetime,
    batch: str = "0",
    standing: Mapping[str, int] | None = None,
    also: Collection[str] = (),
) -> Placement:
    """Place every story of a batch into a cluster and write its fingerprints to the index.

    ``also`` are clusters to look at beside those that the stories come near.

    A story that the source has with a cluster keeps it. What an earlier attempt of the same run
    and batch wrote to the index is not looked at, and is overwritten at the end.

    Raises Damaged where a file of the index is damaged or missing: copies would be missed.
    """
    index.refresh()
    index.must_be_whole()
    work = Work(source, settings)
    ordered = sorted({story.id: story for story in stories}.values(), key=lambda s: (s.time, s.id))
    ids = [story.id for story in ordered]
    known = {identity: story for identity, story in work.stories(ids).items() if story.cluster_id}
    limit = settings["dedup.text_limit"]
    for story in ordered:
        work.texts[story.id] = Profile(story.article.text, story.article.title, limit)
        before = known.get(story.id)
        work.found[story.id] = replace(
            story,
            cluster_id=before.cluster_id if before else "",
            lead=before.lead if before else False,
            link=before.link if before else None,
            sources=before.sources if before else (),
            **_credit(story, agencies),
        )
    prints = [work.texts[story.id].prints for story in ordered]
    times = [int(story.time.timestamp()) for story in ordered]
    segments = list(without_batch(index.segments, run, batch))
    rows = build_rows(ids, times, prints)
    look_up = partial(
        find_candidates,
        segments,
        rows,
        window=settings["dedup.window_weak"] * 3600,
        cap=settings["dedup.frequency_cap"],
    )
    candidates = look_up(ids, prints, times, limit=settings["dedup.candidates"])
    missing, matches = work.look_into(candidates, ids)
    left = leftover(
        ids, prints, candidates, settings["dedup.candidates"], matches, work.prints(matches)
    )
    rest = [ids[row] for row in left.rows]
    further = look_up(rest, left.prints, [times[row] for row in left.rows], limit=FURTHER)
    missing_too, more = work.look_into(further, rest)
    missing, matches = missing + missing_too, matches + more
    new = [identity for identity in ids if identity not in known]
    matches += work.compare(work.grandparents(matches))
    issues = tell_apart(work, new)
    matches += work.compare(issues.closer)
    wanted = {*new, *issues.cuts.freed}
    matches = [
        match
        for match in matches
        if (match.later in wanted or match.earlier in wanted)
        and (match.later, match.earlier) not in issues.cuts.pairs
    ]
    cuts = untangle(work, matches)
    matches += work.compare(siblings(work, cuts.freed))
    forest = plant(
        matches,
        work.found,
        work.found.keys(),
        work.denied,
        cuts.pairs,
        {**cuts.freed, **issues.cuts.freed},
        work.alike,
    )
    placement = assign(work, forest, ids, stories, agencies, standing or {}, also, run=run, now=now)
    index.write(run, batch, ids, times, prints, now)
    index.merge(now.date())
    window = timedelta(hours=settings["dedup.window_weak"])
    index.expire((now - window - KEPT).date())
    warnings = list(placement.warnings)
    if missing:
        warnings.append(
            f"{missing} stories left fingerprints but are not in the store: the run that read them"
            " did not end, or they were deleted"
        )
    return replace(placement, warnings=tuple(warnings))


def _credit(story: Story, agencies: Agencies) -> dict[str, str]:
    credit = agencies.credit(story)
    return {"agency": credit.agency, "agency_evidence": credit.evidence}
