"""``/stories`` and ``/story/{id}``: finding stories, and reading one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from wirewatch.records import Cluster, Record, Story
from wirewatch.search.search import search
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.parameters import Facet, Q, Reader, Size, StoryId
from wirewatch.web.api.route import StrictRoute
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem
from wirewatch.web.security.identity import guards

router = APIRouter(route_class=StrictRoute, tags=["stories"])


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
    q: Q = "*",
    sort: Annotated[
        Literal["newest", "relevance"], Query(description="What comes first.")
    ] = "newest",
    collapse: Annotated[
        Literal["cluster", "none"],
        Query(description="`cluster`: one line a report, its copies counted; `none`: every story."),
    ] = "cluster",
    size: Size = 20,
    facet: Annotated[
        list[Facet] | None,
        Query(description="Count the stories by this; may be repeated.", max_length=6),
    ] = None,
    facet_values: Annotated[
        int, Query(ge=1, le=500, description="Values of a facet, the commonest.")
    ] = 10,
    highlight: Annotated[bool, Query(description="Show where a story matches.")] = True,
    words: Annotated[
        Literal["all", "any"],
        Query(description="`any`: words without an operator need not all be there."),
    ] = "all",
    paged: Annotated[
        bool, Query(description="Begin to page: the answer has the cursor of the next page.")
    ] = False,
    cursor: Annotated[
        str,
        Query(
            description="`cursor` of the page before; everything else but `size` as it was asked "
            "there. It lasts five minutes, and shows the index as it was at the first page: no "
            "story is lost or comes twice while others arrive."
        ),
    ] = "",
) -> Response:
    """Stories, or clusters of copies, that match a query."""
    found = search(
        store,
        q,
        sort=sort,
        collapse=collapse,
        size=size,
        cursor=cursor,
        pages=paged or bool(cursor),
        facets=facet or (),
        facet_values=facet_values,
        highlight=highlight,
        any_word=words == "any",
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
def story(store: TheStore, _: Reader, story_id: StoryId) -> Response:
    """One story with everything that is known of it."""
    found = store.stories.stories([story_id]).get(story_id)
    if found is None:
        raise Problem("not-found", f"there is no story {story_id}")
    cluster = store.clusters.resolve(found.cluster_id)
    return answer(StoryDetails(story=found, cluster=cluster))
