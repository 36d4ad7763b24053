"""``/cluster/{id}`` and ``/revisions``: what others, and what time, made of a report."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from wirewatch.dedup.agency import Agencies
from wirewatch.records import Cluster, Record, Revision, Story, replace
from wirewatch.store import Store
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.parameters import ID, ClusterId, Parameters, Reader
from wirewatch.web.cluster_summary import Copy, plain, summarise
from wirewatch.web.context import TheAgencies, TheStore
from wirewatch.web.problems import Problem

COPIES = 100  # described when nothing else is asked for: some 20 ms of comparing each
MOST = 500

router = APIRouter(tags=["stories"])


class ClusterParameters(Parameters):
    """Of a cluster."""

    size: int = Field(
        default=COPIES,
        ge=1,
        le=MOST,
        description="Stories described, the earliest and the lead.",
    )


class RevisionParameters(Parameters):
    """Of a story's revisions."""

    story: str = Field(pattern=ID, description="The id of a story.")


class Reworded(Record, frozen=True, kw_only=True):
    """A sentence that a copy says otherwise."""

    before: str
    after: str


class ClusterStory(Record, frozen=True, kw_only=True):
    """A story of a cluster, and what it made of the report."""

    story: Story
    role: str  # agency, wire, own, copy, part, revision
    lead: bool
    origin: bool  # the one that the others are compared with
    seconds: float | None  # after the first; None where its page gives the day only
    relation: str  # of its link: copy, truncated, excerpt, embedded, mix, revision; "" without one
    retitled: str  # its headline where that is another than the origin's, else ""
    cut: tuple[str, ...]  # sentences
    added: tuple[str, ...]
    reworded: tuple[Reworded, ...]
    moved: tuple[str, ...]
    summary: str  # the same in a sentence


class ClusterDetails(Record, frozen=True, kw_only=True):
    """A cluster in words: who wrote the report, who had it first, what each copy changed."""

    cluster: Cluster
    first: str  # the id of the story that had it first
    origin: str  # the id of the story that the others are compared with
    summary: tuple[str, ...]  # sentences
    stories: tuple[ClusterStory, ...]  # in time
    left_out: int  # later stories that are not described


@router.get(
    "/cluster/{cluster_id}",
    summary="Read a cluster",
    responses=gives(
        ClusterDetails(
            cluster=examples.CLUSTER,
            first=examples.STORY.id,
            origin=examples.STORY.id,
            summary=(
                "Meridian News Agency wrote this report: 2 of 2 copies say so (dateline).",
                "Morning Herald had it first, at 2026-11-05 10:00 UTC; it is in 2 outlets now, "
                "as 2 stories, the latest 40 min after the first.",
            ),
            stories=(
                ClusterStory(
                    story=examples.COPY,
                    role="wire",
                    lead=False,
                    origin=False,
                    seconds=2_400,
                    relation="truncated",
                    retitled="Ferry fire: all passengers safe",
                    cut=("An inquiry was opened.",),
                    added=(),
                    reworded=(),
                    moved=(),
                    summary="A shortened copy of Morning Herald: it cut 1 sentence; headlined "
                    "anew.",
                ),
            ),
            left_out=0,
        ),
        "Its stories in time, who had it first, who is wire and who is own reporting, and what "
        "each cut, added, reworded, moved or retitled. The id of a cluster that was merged into "
        "another gives that one.",
    ),
)
def cluster(
    store: TheStore,
    agencies: TheAgencies,
    _: Reader,
    cluster_id: ClusterId,
    asked: Annotated[ClusterParameters, Query()],
) -> Response:
    """The copies of one report, and what each changed."""
    found = store.clusters.resolve(cluster_id)
    if found is None:
        raise Problem("not-found", f"there is no cluster {cluster_id}")
    return answer(details(store, agencies, found, asked.size))


def details(store: Store, agencies: Agencies, cluster: Cluster, size: int) -> ClusterDetails:
    """The cluster with its ``size`` earliest stories, and the lead. Raises Problem 404."""
    ids = list(dict.fromkeys((*cluster.stories[:size], cluster.lead)))
    stories = store.stories.stories(ids)
    if not stories:
        raise Problem("not-found", f"cluster {cluster.id} has no story any more")
    part = replace(cluster, stories=tuple(one for one in ids if one in stories))
    sentences, copies = summarise(part, stories, agencies)
    first = next((copy for copy in copies if copy.late == timedelta(0)), copies[0])
    origin = next((copy for copy in copies if copy.origin), copies[0])
    return ClusterDetails(
        cluster=cluster,
        first=first.story.id,
        origin=origin.story.id,
        summary=tuple(plain(sentence) for sentence in sentences),
        stories=tuple(_story(copy) for copy in copies),
        left_out=len(cluster.stories) - len(copies),
    )


def _story(copy: Copy) -> ClusterStory:
    return ClusterStory(
        story=copy.story,
        role=copy.role.value,
        lead=copy.lead,
        origin=copy.origin,
        seconds=None if copy.late is None else copy.late.total_seconds(),
        relation=copy.relation,
        retitled=copy.headline,
        cut=copy.cut,
        added=copy.added,
        reworded=tuple(Reworded(before=one, after=two) for one, two in copy.reworded),
        moved=copy.moved,
        summary=plain(copy.sentence),
    )


class StoryRevisions(Record, frozen=True, kw_only=True):
    """What became of a story's page."""

    story: str
    revisions: tuple[Revision, ...]  # the oldest first; number 0 is the version before them


@router.get(
    "/revisions",
    summary="What became of a story's page",
    responses=gives(
        StoryRevisions(story=examples.STORY.id, revisions=(examples.REVISION,)),
        "The story's versions with what each changed in words; none when it never changed.",
    ),
)
def revisions(
    store: TheStore,
    _: Reader,
    asked: Annotated[RevisionParameters, Query()],
) -> Response:
    """A story's later versions, corrections and its end."""
    story = asked.story
    if story not in store.stories.stories([story]):
        raise Problem("not-found", f"there is no story {story}")
    return answer(StoryRevisions(story=story, revisions=tuple(store.revisions.of(story))))
