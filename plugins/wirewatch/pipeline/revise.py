"""Compare what pages say now with their stories; write the revisions, then the stories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wirewatch.batches import Batches
from wirewatch.pipeline.batch_records import Extracted
from wirewatch.pipeline.flow import Tick
from wirewatch.records import Batch, Page, Revision, Story, Unmatched, replace, utc_now
from wirewatch.revisions.schedule import next_revisit
from wirewatch.revisions.story import caught_up, read_again, revised, revision_id
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.stories import Version
from wirewatch.topics.copies import shared
from wirewatch.topics.tagger import TAGGED_BY, Tagger

CHUNK = 200  # stories compared and written at a time: with their versions some 5 MB
TRIES = 4  # a story that clustering changes at the same moment is read and compared anew

COSMETIC, STILL_GONE = "cosmetic", "still_gone"
MISSING, CHANGED_MEANWHILE = "story_missing", "changed_meanwhile"


def revise(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Writes what changed of a batch's stories; ``passed`` counts the stories that did.

    First the revision, which is created once, then the story, compare-and-set: a kill in between
    is made up for by whoever looks at the story next. A story keeps its cluster, whatever its new
    text; its topics are those of the new text.
    """
    rows = list(Batches(settings.state).read(batch.file, Extracted))
    counts: Counter[str] = Counter()
    with connect(settings, prepare=False) as store:
        work = _Work(settings, store, batch.run)
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            counts.update(work.revise(part))
            tick(len(part))
        store.refresh()
    stayed = (COSMETIC, STILL_GONE, MISSING, CHANGED_MEANWHILE)
    outcomes = {name: counts.pop(name) for name in stayed if counts[name]}
    kinds = {kind: count for kind, count in counts.items() if count}
    return Batch(
        run=batch.run,
        stage="revise",
        partition=batch.partition,
        file=batch.file,
        taken=len(rows),
        passed=sum(kinds.values()),
        outcomes=outcomes,
        notes=kinds,
    )


class _Work:
    """One batch's work: its store, and the topic rules, read when the first story changed."""

    def __init__(self, settings: Settings, store: Store, run: str) -> None:
        self._settings = settings
        self._store = store
        self._run = run
        self._tagger: Tagger | None = None

    def revise(self, rows: Sequence[Extracted]) -> Counter[str]:
        """Counts by what became of each row, once its page is saved."""
        outcomes: dict[str, str] = {}  # by page
        left = list(rows)
        for _ in range(TRIES):
            settled = self._try(left)
            outcomes.update(settled)
            left = [row for row in left if row.page.id not in settled]
            if not left:
                break
        outcomes.update(dict.fromkeys((row.page.id for row in left), CHANGED_MEANWHILE))
        pages = [self._page(row, outcomes[row.page.id]) for row in rows]
        self._store.pages.save(pages, self._run).raise_refused("pages")
        return Counter(outcomes.values())

    def _page(self, row: Extracted, outcome: str) -> Page:
        if outcome == CHANGED_MEANWHILE:  # due again in the next run
            return replace(row.page, lease=None, detail="its story was changed at the same time")
        due = next_revisit(row.page.discovered, self._settings["revisit.ages"], utc_now())
        detail = "" if row.article else "looked at again: the page is gone"
        return replace(row.page, lease=None, revisit_at=due, detail=detail)

    def _try(self, rows: Sequence[Extracted]) -> dict[str, str]:
        """What became of the rows, by page; those that must be tried again are absent."""
        store = self._store
        store.es.indices.refresh(index=store.stories.alias)
        known = store.stories.read([row.page.story_id for row in rows])
        versions = store.revisions.get(
            [
                revision_id(story.id, number)
                for story, _ in known.values()
                for number in (story.revisions, story.revisions + 1)
            ]
        )
        settled: dict[str, str] = {}
        made: list[Revision] = []
        changed: dict[str, tuple[Story, Version]] = {}
        pages: dict[str, tuple[str, str]] = {}  # of a story to be written: its page and outcome
        for row in rows:
            if row.page.story_id not in known:
                settled[row.page.id] = MISSING
                continue
            story, version = known[row.page.story_id]
            if story.id in changed:
                continue  # a second page of the story: when the first one's change is written
            last = versions.get(revision_id(story.id, story.revisions))
            ahead = versions.get(revision_id(story.id, story.revisions + 1))
            current = caught_up(story, ahead) if ahead else story
            after, fresh = revised(current, row.article, row.seen, self._run)
            if ahead and not fresh and row.article:
                after = read_again(after, row.article)
            last = fresh[-1] if fresh else ahead or last
            # What this run wrote before it was killed counts as its own.
            outcome = STILL_GONE if row.article is None else COSMETIC
            if last and last.number and last.run == self._run:
                outcome = last.kind.value
            if after == story:
                settled[row.page.id] = outcome
                continue
            old, new = story.article, after.article
            if any(getattr(old, name) != getattr(new, name) for name in TAGGED_BY):
                after = self._tagged(after)
            made += fresh
            if story.unmatched is None:  # what is new still is told as that
                after = replace(after, unmatched=Unmatched.REVISED)
            changed[story.id] = after, version
            pages[story.id] = row.page.id, outcome
        conflicts = self._create(made)
        outcome_of_writing = store.stories.change(
            pair for identity, pair in changed.items() if identity not in conflicts
        )
        outcome_of_writing.raise_refused("stories")
        settled.update(pages[identity] for identity in outcome_of_writing.done)
        return settled

    def _create(self, made: Sequence[Revision]) -> set[str]:
        """Creates revisions; returns the stories of which somebody else wrote that number."""
        outcome = self._store.revisions.create(made)
        outcome.raise_refused("revisions")
        there = set(outcome.conflicts)
        return {one.story_id for one in made if one.number and one.id in there}

    def _tagged(self, story: Story) -> Story:
        if self._tagger is None:
            self._tagger = Tagger.load(self._settings.config_dir / "topics")
        copies = self._store.stories.of_clusters([story.cluster_id]).get(story.cluster_id, ())
        return shared(story, [copy for copy in copies if copy.id != story.id], self._tagger)
