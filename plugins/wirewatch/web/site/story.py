"""The story page: its text, where it comes from, its cluster in words, what each copy changed."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.dedup.agency import Agencies
from wirewatch.records import Cluster, Revision, Story, replace
from wirewatch.store import Store
from wirewatch.web.cluster_summary import Copy, Sentence, summarise
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import base, page
from wirewatch.web.site.sidebyside import SideBySide, lay_out

router = APIRouter()

COPIES = 60  # described on one page; the others are a search away
SHOWN = 20_000  # characters of a text that are shown at first; a long report has half of that
LONG = 12_000  # characters of a text that is laid beside another only when asked for
BESIDE = 6_000  # characters shown of a long text that is laid beside another: it stands there whole
SENTENCES = 8  # of a kind (cut, added, …) that are listed of a copy
LISTED = 100  # of a kind that are listed of all copies together: a page weighs under 100 kB
EDITS = 12  # of a revision that are listed; its two versions can be laid side by side

# What published_source, title_source and authors_source are called on a page.
SOURCES = {
    "json-ld": "the page's structured data (JSON-LD)",
    "opengraph": "the page's Open Graph tags",
    "meta": "the page's meta tags",
    "time": "a time element on the page",
    "microdata": "the page's microdata",
    "h1": "the page's headline",
    "title": "the page's title tag",
    "byline": "the page's byline",
    "author": "the page's author links",
    "url": "the page's address",
    "feed": "the feed",
    "text": "the page's visible text",
    "change": "the day of its last change, since it names no other",
    "header": "the server's Last-Modified header",
}


@router.get("/story/{story_id}")
def story_page(
    request: Request,
    story_id: str,
    store: TheStore,
    caller: Annotated[Caller, Depends(needs("read"))],
) -> Response:
    """One story, and the report that it is a copy of."""
    story = found(store, story_id)
    cluster = store.clusters.resolve(story.cluster_id)
    sentences, copies = _summary(store, cluster, story, request.app.state.agencies)
    revisions = store.revisions.of(story.id) if story.revisions else []
    page_of = (
        store.pages.get([story.article.page_id]).get(story.article.page_id)
        if story.article.page_id
        else None
    )
    feed = (
        store.feeds.get([story.article.feed_id]).get(story.article.feed_id)
        if story.article.feed_id
        else None
    )
    diff = _diff(store, story, copies, revisions, request.query_params)
    most = BESIDE if diff["diff"] and len(story.article.text) > LONG else SHOWN
    if request.query_params.get("whole"):
        most = len(story.article.text)
    return page(
        request,
        "story.html",
        caller=caller,
        story=story,
        cluster=cluster,
        sentences=sentences,
        copies=copies,
        names={
            copy.story.id: copy.story.article.outlet or copy.story.article.host for copy in copies
        },
        first=copies[0].story.time if copies else story.time,
        paragraphs=_paragraphs(story.article.text[:most]),
        left_out=max(0, len(story.article.text) - most),
        page_of=page_of,
        feed=feed,
        source_names=SOURCES,
        revisions=revisions,
        listed=max(1, min(SENTENCES, LISTED // max(1, len(copies)))),
        edits=EDITS,
        mixed=store.stories.stories([link.story_id for link in story.sources]),
        **diff,
    )


@router.get("/cluster/{cluster_id}")
def cluster_page(
    request: Request,
    cluster_id: str,
    store: TheStore,
    _: Annotated[Caller, Depends(needs("read"))],
) -> Response:
    """A cluster is shown on the page of the story that leads it."""
    cluster = store.clusters.resolve(cluster_id)
    if cluster is None:
        raise Problem("not-found", f"there is no cluster {cluster_id[:100]}")
    return RedirectResponse(f"{base(request)}/story/{cluster.lead}", 303)


def found(store: Store, story_id: str) -> Story:
    """The story of an id; raises Problem when there is none."""
    story = store.stories.stories([story_id]).get(story_id)
    if story is None:
        raise Problem("not-found", f"there is no story {story_id[:100]}")
    return story


def _summary(
    store: Store, cluster: Cluster | None, story: Story, agencies: Agencies
) -> tuple[tuple[Sentence, ...], tuple[Copy, ...]]:
    """The cluster in sentences, and its first copies in time with the lead and this story."""
    if cluster is None:  # indexed this moment: its cluster is not written yet
        cluster = Cluster(
            id=story.cluster_id,
            lead=story.id,
            stories=(story.id,),
            outlets=1,
            agency=story.agency,
            first=story.time,
            last=story.time,
        )
    ids = list(dict.fromkeys((*cluster.stories[:COPIES], cluster.lead, story.id)))
    stories = {story.id: story, **store.stories.stories(ids)}
    part = replace(cluster, stories=tuple(one for one in ids if one in stories))
    return summarise(part, stories, agencies)


def _diff(
    store: Store,
    story: Story,
    copies: tuple[Copy, ...],
    revisions: list[Revision],
    asked: Any,
) -> dict[str, Any]:
    """The two texts to lay side by side: this one and another copy, or two of its versions."""
    nothing: dict[str, Any] = {"diff": None, "left": None, "right": None, "against": ""}
    number = asked.get("version", "")
    if number:
        return _versions(revisions, number) or nothing
    by_id = {copy.story.id: copy.story for copy in copies}
    wanted = asked.get("with", "")
    lead = next((copy.story for copy in copies if copy.lead), None)
    if wanted and wanted not in by_id:
        by_id[wanted] = found(store, wanted)
    other = by_id.get(wanted) or lead
    if other is None or other.id == story.id:
        return nothing
    if not wanted and max(len(other.article.text), len(story.article.text)) > LONG:
        return nothing
    left, right = sorted((other, story), key=lambda one: (one.time, one.id))
    return {
        "diff": _laid_out(left, right),
        "left": left,
        "right": right,
        "against": other.id,
    }


def _laid_out(left: Story, right: Story) -> SideBySide:
    return lay_out(
        f"{left.article.title}\n{left.article.text}", f"{right.article.title}\n{right.article.text}"
    )


def _versions(revisions: list[Revision], number: str) -> dict[str, Any] | None:
    texts = [one for one in revisions if one.text]
    for before, after in pairwise(texts):
        if str(after.number) == number:
            diff = lay_out(f"{before.title}\n{before.text}", f"{after.title}\n{after.text}")
            return {"diff": diff, "left": before, "right": after, "against": ""}
    return None


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]
