"""``/feeds``: what is polled, and how each fares."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wirewatch.fetch.urls import BadURL, feed_id, normalise
from wirewatch.records import Feed, FeedState, Record, utc_now
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import ID, ListParameters, Nothing, Operator, Reader, Values
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem

router = APIRouter(tags=["operation"])

FeedId = Annotated[str, Path(pattern=ID, description="The id of a feed.")]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class FeedParameters(ListParameters):
    """Of the list of feeds."""

    state: tuple[FeedState, ...] = Field(default=(), description="Only these; may be repeated.")
    outlet: Values = ()
    country: Values = ()
    language: Values = ()


class FeedList(Record, frozen=True, kw_only=True):
    """A page of the list of feeds."""

    total: int  # feeds that pass the filters
    cursor: str  # of the next page; "" on the last
    feeds: tuple[Feed, ...]


class NewFeed(BaseModel):
    """A feed to poll."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"url": "https://herald.example/rss", "outlet": "Morning Herald", "country": "GB"}
            ]
        },
    )

    url: str = Field(max_length=2_000)
    outlet: Line = ""
    language: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    collections: list[Line] = Field(default_factory=list, max_length=20)


@router.get(
    "/feeds",
    summary="List feeds",
    responses=gives(
        FeedList(total=1, cursor="", feeds=(examples.FEED,)),
        "Feeds by id, with what the last poll said in words.",
    ),
)
def feeds(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[FeedParameters, Query()],
) -> Response:
    """What is polled, and how each feed fares."""
    after = opened(request, asked)
    found = store.lists.feeds(size=asked.size, after=after, **asked.filters())
    following = sealed(request, asked, found.after)
    return answer(FeedList(total=found.total, cursor=following, feeds=found.rows))


@router.get(
    "/feeds/{feed_id}",
    summary="Look at a feed",
    responses=gives(examples.FEED, "The feed with its poll state."),
)
def feed(store: TheStore, _: Reader, feed_id: FeedId, _asked: Nothing) -> Response:
    """One feed."""
    found = store.feeds.get([feed_id]).get(feed_id)
    if found is None:
        raise Problem("not-found", f"there is no feed {feed_id}")
    return answer(found)


@router.post(
    "/feeds",
    summary="Add a feed",
    status_code=201,
    responses=gives(examples.FEED, "The feed; the next run polls it.", status=201),
)
def add_feed(store: TheStore, _: Operator, body: NewFeed, _asked: Nothing) -> Response:
    """Adds a feed, by the address of an RSS, Atom or JSON feed or a news sitemap."""
    try:
        url = normalise(body.url)
    except BadURL as error:
        raise Problem("bad-body", f"url: {error}") from error
    made = Feed(
        id=feed_id(url),
        url=url,
        outlet=body.outlet,
        language=body.language,
        country=body.country,
        collections=tuple(body.collections),
        added=utc_now(),
    )
    outcome = store.feeds.add([made])
    outcome.raise_refused("feeds")
    if outcome.conflicts:
        raise Problem("conflict", f"{url} is a feed already ({made.id})", id=made.id)
    return answer(made, status=201)


@router.delete(
    "/feeds/{feed_id}",
    summary="Remove a feed",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is no longer polled; its stories stay."}},
)
def remove_feed(store: TheStore, _: Operator, feed_id: FeedId, _asked: Nothing) -> Response:
    """Removes a feed."""
    if not store.feeds.remove(feed_id):
        raise Problem("not-found", f"there is no feed {feed_id}")
    return Response(status_code=204)
