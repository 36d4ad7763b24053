"""``/stories`` and ``/story/{id}``: finding stories, and reading one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from wirewatch.records import Cluster, Record, Story
from wirewatch.search.search import search
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.parameters import Facet, Nothing, Parameters, Q, Reader, Size, StoryId
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem
from wirewatch.web.security.identity import guards

router = APIRouter(tags=["stories"])


class StoryParameters(Parameters):
    """Of a search."""

    q: Q = "*"
    sort: Literal["newest", "relevance"] = Field(default="newest", description="What comes first.")
    collapse: Literal["cluster", "none"] = Field(
        default="cluster",
        description="`cluster`: one line a report, its copies counted; `none`: every story.",
    )
    size: Size = 20
    facet: tuple[Facet, ...] = Field(
        default=(), max_length=6, description="Count the stories by this; may be repeated."
    )
    facet_values: int = Field(
        default=10, ge=1, le=500, description="Values of a facet, the commonest."
    )
    highlight: bool = Field(default=True, description="Show where a story matches.")
    words: Literal["all", "any"] = Field(
        default="all", description="`any`: words without an operator need not all be there."
    )
    paged: bool = Field(
        default=False, description="Begin to page: the answer has the cursor of the next page."
    )
    cursor: str = Field(
        default="",
        description="`cursor` of the page before; everything else but `size` as it was asked "
        "there. It lasts five minutes, and shows the index as it was at the first page: no story "
        "is lost or comes twice while others arrive.",
    )


class StoryDetails(Record, frozen=True, kw_only=True):
    """A story with its text, and the cluster that it is in."""

    story: Story
    cluster: Cluster | None  # None for some seconds after the story came


@router.get(
    "/stories",
    summary="Find stories",
    responses=gives(examples.RESULTS, "One page of the result, and the figures of the whole."),
)
def stories(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[StoryParameters, Query()],
) -> Response:
    """Stories, or clusters of copies, that match a query."""
    found = search(
        store,
        asked.q,
        sort=asked.sort,
        collapse=asked.collapse,
        size=asked.size,
        cursor=asked.cursor,
        pages=asked.paged or bool(asked.cursor),
        facets=asked.facet,
        facet_values=asked.facet_values,
        highlight=asked.highlight,
        any_word=asked.words == "any",
        secret=guards(request).secret,
    )
    return answer(found)


@router.get(
    "/story/{story_id}",
    summary="Read a story",
    responses=gives(
        StoryDetails(story=examples.STORY, cluster=examples.CLUSTER),
        "The story with its text, topics with why, the evidence of its cluster, and that.",
        whole=True,
    ),
)
def story(store: TheStore, _: Reader, story_id: StoryId, _asked: Nothing) -> Response:
    """One story with everything that is known of it."""
    found = store.stories.stories([story_id]).get(story_id)
    if found is None:
        raise Problem("not-found", f"there is no story {story_id}")
    cluster = store.clusters.resolve(found.cluster_id)
    return answer(StoryDetails(story=found, cluster=cluster))
