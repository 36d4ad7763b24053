"""The compare pages: queries by volume and words, and two stories by what they share."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from wirewatch.dedup.explain import compare_stories
from wirewatch.fetch.urls import BadURL, normalise
from wirewatch.records import Story, stable_id, utc_now
from wirewatch.search.counts import MOST_QUERIES
from wirewatch.search.language import BadQuery, Note
from wirewatch.search.request import BadRequest, prepare
from wirewatch.search.terms import terms
from wirewatch.store import Store
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import page
from wirewatch.web.site.sidebyside import lay_out
from wirewatch.web.site.volume import counted, lines

router = APIRouter()

TERMS = 12  # words and topics of each query
MEANING = {  # of the figures of a pair, in words
    "contained": "the greater share of one text found in the other",
    "covered": "the lesser share",
    "resemblance": "what both share, of all they have",
    "runs": "of the shorter text, inside ten copied words in a row",
    "phrases": "of the shorter text, inside five copied words in a row",
    "sentences": "of the shorter text, in whole copied sentences",
    "numbers": "of the fewer numbers, found in the other",
    "names": "of the fewer names, found in the other",
    "numbers_conflict": "of numbers in the same place, those that differ",
    "names_conflict": "of names in the same place, those that differ",
    "numbers_placed": "numbers that stand in the same place",
    "head": "of the first 40 words, found in the other",
    "words": "words of the shorter text",
    "ratio": "length of the shorter over the longer",
    "hours": "hours between the two",
}


@router.get("/compare")
def compare_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """Up to five queries side by side: volume over time, words, topics."""
    asked = [q for q in request.query_params.getlist("q") if q.strip()][:MOST_QUERIES]
    share = request.query_params.get("as") == "share"
    unit = "clusters" if request.query_params.get("count") == "reports" else "stories"
    shown: dict[str, Any] = {
        "asked": asked,
        "boxes": [*asked, *[""] * max(1, 2 - len(asked))][:MOST_QUERIES],
        "share": share,
        "unit": unit,
        "caller": caller,
        "problems": {},
        "notes": {},
        "series": [],
        "table": bool(request.query_params.get("figures")),
    }
    if not asked:
        return page(request, "compare.html", **shown)
    try:
        shown["notes"] = _check(store, asked)
        shown |= _compared(store, asked, share=share, unit=unit)
    except _Wrong as wrong:
        return page(request, "compare.html", status=400, **{**shown, "problems": wrong.problems})
    except BadRequest as error:
        return page(request, "compare.html", status=400, **{**shown, "problems": {-1: str(error)}})
    return page(request, "compare.html", **shown)


class _Wrong(ValueError):
    def __init__(self, problems: dict[int, str]) -> None:
        self.problems = problems
        super().__init__(str(problems))


def _check(store: Store, asked: list[str]) -> dict[int, tuple[Note, ...]]:
    """The notes of each query; raises with each query's own error."""
    problems, notes = {}, {}
    for number, query in enumerate(asked):
        try:
            notes[number] = prepare(store, query).notes
        except BadQuery as error:
            problems[number] = str(error)
    if problems:
        raise _Wrong(problems)
    return notes


def _compared(store: Store, asked: list[str], *, share: bool, unit: str) -> dict[str, Any]:
    now = utc_now()
    found, interval = counted(store, asked, now=now, share=share, unit=unit)
    drawn, top = lines(found, share=share)
    starts = [point.start for point in found[0].points]
    significant = [terms(store, query, size=TERMS, now=now) for query in asked]
    return {
        "series": list(zip(asked, found, drawn, significant, strict=True)),
        "interval": interval,
        "top": top,
        "starts": starts,
    }


@router.get("/compare/stories")
def stories_page(
    request: Request, store: TheStore, caller: Annotated[Caller, Depends(needs("read"))]
) -> Response:
    """Whether two stories are copies, and why; their texts side by side."""
    one, other = request.query_params.get("one", ""), request.query_params.get("other", "")
    shown: dict[str, Any] = {
        "one": one,
        "other": other,
        "caller": caller,
        "comparison": None,
        "problem": "",
        "meaning": MEANING,
    }
    if not (one.strip() and other.strip()):
        return page(request, "stories.html", **shown)
    try:
        pair = _named(store, one), _named(store, other)
    except Problem as problem:
        return page(
            request, "stories.html", status=problem.status, **{**shown, "problem": problem.detail}
        )
    if pair[0].id == pair[1].id:
        return page(request, "stories.html", **{**shown, "problem": "These two are one story."})
    left, right = sorted(pair, key=lambda story: (story.time, story.id))
    comparison = compare_stories(left, right, store.settings)
    diff = lay_out(
        f"{left.article.title}\n{left.article.text}", f"{right.article.title}\n{right.article.text}"
    )
    return page(
        request,
        "stories.html",
        **{**shown, "comparison": comparison, "left": left, "right": right, "diff": diff},
    )


def _named(store: Store, named: str) -> Story:
    """The story of an id, of its page here, or of its address. Raises Problem."""
    named = named.strip()
    identity = named.rstrip("/").rsplit("/", 1)[-1] if "/story/" in named else named
    story = store.stories.stories([identity]).get(identity)
    if story is None and "://" in named:
        try:
            url = normalise(named)
        except BadURL as error:
            raise Problem("bad-parameter", f"{named[:200]!r}: {error}") from error
        page_id, story_id = stable_id("page", url), stable_id("story", url)
        there = store.pages.get([page_id]).get(page_id)
        identity = (there.story_id if there else "") or story_id
        story = store.stories.stories([identity]).get(identity)
    if story is None:
        raise Problem("not-found", f"there is no story {named[:200]!r}")
    return story
