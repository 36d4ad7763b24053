"""Read a query's stories anew with the installed version: from the archive, or their topics.

``select_stories`` → ``examine`` → ``report`` → ``apply``: what would change is known, counted and
shown before anything is written, and only what changed is written. Deduplication is not among the
stages: a story's cluster was decided by what was known when it came, its alerts were sent for that
cluster, and the fingerprint index holds a window of days, not the archive. Placing a choice of
stories anew would tear them from copies that the query did not choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from wirewatch.archive import Archive, ArchiveError
from wirewatch.batches import Batches, file_name
from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.pool import extract_all
from wirewatch.pipeline.done import Done
from wirewatch.pipeline.fetch import Tick
from wirewatch.pipeline.ingest import Begin, run_id
from wirewatch.pipeline.places import archive_of
from wirewatch.pipeline.run import begin, finish
from wirewatch.records import (
    Article,
    Batch,
    Page,
    Record,
    Run,
    Story,
    from_dict,
    replace,
    to_json,
    utc_now,
)
from wirewatch.revisions.story import read_again
from wirewatch.search import dates
from wirewatch.search.request import prepare
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.scan import scan
from wirewatch.topics.tagger import Tagger

SIZE = 500  # stories a batch: half a minute of extraction, so a kill costs no more than that
TRIES = 4  # a story that somebody changes at the same moment is read again
SAMPLES = 10  # changes shown of a run
SHOWN = 160  # characters of each side of a sample
LEAD_IN = 30  # characters before the first difference that a sample shows

REPROCESS_CHAIN = ("select", "examine", "apply")


class Stage(StrEnum):
    """What is done anew."""

    EXTRACT = "extract"  # article and topics
    TAG = "tag"  # topics alone


class CannotReprocess(ValueError):
    """A stage or a span of dates that cannot be; the message says why and what can."""


class Selected(Record, frozen=True, kw_only=True):
    """One story of a run."""

    story_id: str


class Altered(Record, frozen=True, kw_only=True):
    """What the installed version makes of a story otherwise, JSON-ready, by field."""

    story_id: str
    title: str
    before: dict[str, Any]  # a field that has its default is absent
    after: dict[str, Any]


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


def stage_of(name: str) -> Stage:
    """The stage of that name. Raises CannotReprocess, which names those that there are."""
    if name == "deduplicate":
        raise CannotReprocess(
            "stories are not clustered anew: alerts were sent for the clusters there are, and the "
            "fingerprints of old days are gone; stages are extract and tag"
        )
    try:
        return Stage(name)
    except ValueError:
        raise CannotReprocess(f"there is no stage {name!r}: stages are extract and tag") from None


def select_stories(
    settings: Settings, run: str, query: str, since: str = "", until: str = ""
) -> list[Batch]:
    """The stories that match, in batches of ids; ``since`` and ``until`` are days or instants.

    Called again for the same run it returns the same batches. Raises BadQuery, CannotReprocess.
    """
    batches = Batches(settings.state)
    manifest = file_name(run, "selected", 0)
    if batches.exists(manifest):
        return list(batches.read(manifest, Batch))
    with connect(settings) as store:
        store.refresh()
        ids = _matching(store, query, since, until)
    made = []
    for partition, start in enumerate(range(0, len(ids), SIZE)):
        file = file_name(run, "select", partition)
        part = ids[start : start + SIZE]
        count = batches.write(file, [Selected(story_id=identity) for identity in part])
        made.append(
            Batch(
                run=run, stage="select", partition=partition, file=file, taken=count, passed=count
            )
        )
    batches.write(manifest, made)
    return made


def _matching(store: Store, query: str, since: str, until: str) -> list[str]:
    try:
        begins, ends = dates.span(since, until)
    except dates.BadDate as error:
        raise CannotReprocess(f"{error}: expected {dates.EXPECTED}") from error
    bounds = {
        **({"gte": begins.isoformat()} if begins else {}),
        **({"lt": ends.isoformat()} if ends else {}),
    }
    asked = prepare(store, query or "*", now=utc_now()).dsl
    filters = [asked, *([{"range": {"time": bounds}}] if bounds else [])]
    hits = scan(
        store.es,
        store.stories.alias,
        {"bool": {"filter": filters}},
        sort=[{"time": "asc"}, {"id": "asc"}],
        source=False,
    )
    return [hit["_id"] for hit in hits]


def examine(settings: Settings, batch: Batch, stage: Stage, tick: Tick = lambda _: None) -> Batch:
    """Does the stage anew for a batch of stories and writes down what differs; stores nothing."""
    batches = Batches(settings.state)
    ids = [row.story_id for row in batches.read(batch.file, Selected)]
    outcomes: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    altered: list[Altered] = []
    with connect(settings, prepare=False) as store:
        stories = store.stories.stories(ids)
        outcomes["story_missing"] = len(ids) - len(stories)
        tagger = Tagger.load(settings.config_dir / "topics")
        if stage == Stage.TAG:
            found: Iterable[tuple[Story, Story | str]] = (
                (story, _tagged(story, tagger)) for story in stories.values()
            )
        else:
            pages = store.pages.get([story.page_id for story in stories.values() if story.page_id])
            found = _extracted(settings, stories, pages, tagger)
        for story, after in found:
            tick(1)
            if isinstance(after, str):
                outcomes[after] += 1
                continue
            differs = _differences(story, after)
            if differs is None:
                outcomes["unchanged"] += 1
                continue
            altered.append(differs)
            fields.update(name for name in {*differs.before, *differs.after} if name != "extractor")
    altered.sort(key=lambda one: one.story_id)
    file = file_name(batch.run, "examine", batch.partition)
    batches.write(file, altered)
    return Batch(
        run=batch.run,
        stage="examine",
        partition=batch.partition,
        file=file,
        taken=len(ids),
        passed=len(altered),
        outcomes={name: count for name, count in outcomes.items() if count},
        notes={f"{FIELD}{name}": count for name, count in sorted(fields.items())},
    )


FIELD = "field_"  # begins the notes that count a field


def _tagged(story: Story, tagger: Tagger) -> Story:
    return replace(story, topics=tagger.tag(story.title, story.text, story.language))


def _extracted(
    settings: Settings, stories: Mapping[str, Story], pages: Mapping[str, Page], tagger: Tagger
) -> Iterator[tuple[Story, Story | str]]:
    """Each story once: as extraction reads its page now, or why it cannot."""
    by_page: dict[str, Story] = {}
    for story in stories.values():
        page = pages.get(story.page_id)
        if page is None or page.location is None or page.fetched is None:
            yield story, "not_archived"
        elif page.lease is not None:
            yield story, "page_in_use"  # a run is reading it anew at this moment
        else:
            by_page[page.id] = story
    lost: list[str] = []
    jobs = _jobs(archive_of(settings), [pages[identity] for identity in by_page], lost)
    for page_id, result in extract_all(jobs, settings):
        story = by_page[page_id]
        if isinstance(result, Rejection):
            yield story, result.reason.value
        else:
            yield story, _reread(story, result, tagger)
    for page_id in lost:
        yield by_page[page_id], "not_archived"


def _jobs(archive: Archive, pages: Iterable[Page], lost: list[str]) -> Iterator[Job]:
    for page in pages:
        if page.location is None or page.fetched is None:
            raise ValueError(f"page {page.id} has no bytes")
        try:
            body = archive.read(page.location).body
        except ArchiveError:
            lost.append(page.id)  # counted by the caller
            continue
        yield Job(
            page=page,
            body=body,
            content_type=page.content_type,
            url=page.final_url or page.url,
            fetched=page.fetched,
        )


def _reread(story: Story, article: Article, tagger: Tagger) -> Story:
    after = replace(
        read_again(story, article),
        published=article.published,
        published_precision=article.published_precision,
        published_source=article.published_source,
        credits=article.credits,
    )
    same = (after.title, after.text, after.language) == (story.title, story.text, story.language)
    return after if same else _tagged(after, tagger)


def _differences(before: Story, after: Story) -> Altered | None:
    """What differs; None where nothing does but the name of the extractor."""
    old, new = _plain(before), _plain(after)
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if names <= {"extractor"}:
        return None
    return Altered(
        story_id=before.id,
        title=before.title,
        before={name: old[name] for name in names if name in old},
        after={name: new[name] for name in names if name in new},
    )


def _plain(story: Story) -> dict[str, Any]:
    """The story's fields as a batch file gives them back: lists where the record has tuples."""
    fields: dict[str, Any] = msgspec.json.decode(to_json(story))
    return fields


def report(settings: Settings, examined: Iterable[Batch]) -> Report:
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
        for row in batches.read(batch.file, Altered):
            for name in sorted({*row.before, *row.after} - {"extractor"}):
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
    old, new = (_words(side.get(name)) for side in (row.before, row.after))
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


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(one, dict) for one in value):
        return ", ".join(str(one.get("name", one)) for one in value)  # topics
    return "" if value is None else msgspec.json.encode(value).decode()


def report_lines(found: Report) -> list[str]:
    """The report in lines that a person reads."""
    told = [f"{found.altered} of {found.stories} stories change"]
    told += [f"  {count:>6} in {name.replace('_', ' ')}" for name, count in found.fields.items()]
    told += [f"  {count:>6} {name.replace('_', ' ')}" for name, count in found.others.items()]
    for one in found.samples:
        told.append(f"{one.field} of {one.story_id}, {one.title!r}")
        told += [f"  - {one.before!r}", f"  + {one.after!r}"]
    return told


def apply(settings: Settings, batch: Batch, tick: Tick = lambda _: None) -> Batch:
    """Writes what an examined batch found, to stories that are still as they were examined.

    One that has the new values already was written before a kill, and counts as written.
    """
    left = list(Batches(settings.state).read(batch.file, Altered))
    taken = len(left)
    outcomes: Counter[str] = Counter()
    with connect(settings, prepare=False) as store:
        for _ in range(TRIES):
            if not left:
                break
            left = _write(store, left, outcomes, tick)
        store.refresh()
    outcomes["changed_meanwhile"] += len(left)
    passed = outcomes.pop("written", 0)
    return Batch(
        run=batch.run,
        stage="apply",
        partition=batch.partition,
        file=batch.file,
        taken=taken,
        passed=passed,
        outcomes={name: count for name, count in outcomes.items() if count},
    )


def _write(store: Store, rows: list[Altered], outcomes: Counter[str], tick: Tick) -> list[Altered]:
    """One try; returns the rows whose story was changed between reading and writing it."""
    store.es.indices.refresh(index=store.stories.alias)
    read = store.stories.read([row.story_id for row in rows])
    changes = []
    for row in rows:
        if row.story_id not in read:
            outcomes["story_missing"] += 1
            continue
        story, version = read[row.story_id]
        now = _plain(story)
        names = {*row.before, *row.after}
        current = {name: now[name] for name in names if name in now}
        if current == row.after:
            outcomes["written"] += 1
        elif current == row.before:
            kept = {name: value for name, value in now.items() if name not in names}
            changes.append((from_dict(Story, {**kept, **row.after}), version))
        else:
            outcomes["changed_meanwhile"] += 1
    outcome = store.stories.change(changes)
    outcome.raise_refused("stories")
    outcomes["written"] += len(outcome.done)
    again = set(outcome.conflicts)
    tick(len(rows) - len(again))
    return [row for row in rows if row.story_id in again]


def reprocess(
    settings: Settings,
    query: str,
    *,
    since: str = "",
    until: str = "",
    stage: str = Stage.EXTRACT.value,
    dry_run: bool = True,
    run: str | None = None,
    begins: Begin = lambda _stage, _items: None,
    tick: Tick = lambda _: None,
    told: Callable[[Report], None] = lambda _: None,
) -> Run:
    """Does a stage anew for a query's stories, in this process; returns the account.

    ``told`` gets the report before anything is written. Given the id of a run that was killed, it
    goes on where that stopped. Raises BadQuery, CannotReprocess.
    """
    wanted = stage_of(stage)
    run = begin(settings, run or run_id("reprocess"), "reprocess")
    done = Done(settings, run)
    selected = select_stories(settings, run, query, since, until)
    begins("examine", sum(batch.passed for batch in selected))
    examined = [
        done.once(
            "examine",
            lambda one=batch: [examine(settings, one, wanted, tick)],  # type: ignore[misc]
            batch.partition,
        )[0]
        for batch in selected
    ]
    told(report(settings, examined))
    if dry_run:
        return finish(settings, run, [*selected, *examined], REPROCESS_CHAIN[:-1])
    begins("apply", sum(batch.passed for batch in examined))
    applied = [
        done.batch("apply", one, lambda given, taken: apply(given, taken, tick)) for one in examined
    ]
    return finish(settings, run, [*selected, *examined, *applied], REPROCESS_CHAIN)
