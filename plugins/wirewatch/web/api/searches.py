"""``/searches`` and ``/alerts``: saved searches, and what they found."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from wirewatch.alerts import saved
from wirewatch.alerts.preview import preview
from wirewatch.records import Alert, Copies, Every, Record, SavedSearch, SearchKind, utc_now
from wirewatch.web.api import examples
from wirewatch.web.api.answers import answer, gives
from wirewatch.web.api.listing import opened, sealed
from wirewatch.web.api.parameters import SLUG, ListParameters, Nothing, Reader, Values, Writer
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem

router = APIRouter(tags=["saved searches"])

SearchId = Annotated[
    str, Path(pattern=SLUG, description="The id of a saved search: what stands behind `@`.")
]
NAME_LENGTH = 200  # characters
CHANNELS = 10


class SearchParameters(ListParameters):
    """Of the list of saved searches."""


class AlertParameters(ListParameters):
    """Of the list of alerts."""

    search: Values = ()
    cluster: Values = ()


class SearchList(Record, frozen=True, kw_only=True):
    """A page of the list of saved searches."""

    total: int
    cursor: str  # of the next page; "" on the last
    searches: tuple[SavedSearch, ...]


class AlertList(Record, frozen=True, kw_only=True):
    """A page of the list of alerts."""

    total: int  # alerts that pass the filters
    cursor: str  # of the next page; "" on the last
    alerts: tuple[Alert, ...]


def _written(value: object) -> object:
    """Refuses numbers, which would be taken for seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("an instant is written as in RFC 3339")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written)]


class SearchBody(BaseModel):
    """A query, what it waits for, and how it is told."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Ferries", "query": "ferry AND (fire OR smoke)"}]},
    )

    name: str = Field(min_length=1, max_length=NAME_LENGTH)
    query: str = Field(min_length=1, max_length=100_000)
    channels: tuple[Annotated[str, Field(pattern=SLUG)], ...] = Field(
        default=("log",), min_length=1, max_length=CHANNELS
    )
    kind: SearchKind = SearchKind.MATCH
    threshold: int = Field(
        default=0,
        strict=True,
        description="Outlets, least stories of a spike, or hours of silence, by kind.",
    )
    copies: Copies = Copies.BELOW
    every: Every = Every.ONCE
    hour: int = Field(default=8, strict=True)
    weekday: int = Field(default=0, strict=True, description="0 is Monday.")
    zone: str = Field(default="UTC", max_length=100)
    quiet: tuple[int, ...] = Field(
        default=(), max_length=2, description="The hours at which quiet begins and ends."
    )
    muted_until: Instant | None = None
    updates: bool = Field(default=False, strict=True)
    age_limit: int = Field(default=7, strict=True, description="Days.")
    cap: int = Field(
        default=60, strict=True, description="Alerts an hour; the rest is one message."
    )
    expires: Instant | None = None
    enabled: bool = Field(default=True, strict=True)


class NewSearch(SearchBody):
    """A saved search with the id that it shall have."""

    id: str = Field(pattern=SLUG)


@router.get(
    "/searches",
    summary="List saved searches",
    responses=gives(
        SearchList(total=1, cursor="", searches=(examples.SEARCH,)),
        "By id: those kept in files of `config/searches/` and those that people keep.",
    ),
)
def searches(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[SearchParameters, Query()],
) -> Response:
    """The saved searches."""
    found = store.lists.searches(size=asked.size, after=opened(request, asked))
    following = sealed(request, asked, found.after)
    return answer(SearchList(total=found.total, cursor=following, searches=found.rows))


@router.get(
    "/searches/{search_id}",
    summary="Look at a saved search",
    responses=gives(examples.SEARCH, "The saved search."),
)
def search(store: TheStore, _: Reader, search_id: SearchId, _asked: Nothing) -> Response:
    """One saved search."""
    found = store.searches.read(search_id)
    if found is None or found[0].deleted:
        raise Problem("not-found", f"there is no saved search {search_id}")
    return answer(found[0])


@router.post(
    "/searches",
    summary="Keep a search",
    status_code=201,
    responses=gives(examples.SEARCH, "The saved search.", status=201),
)
def add_search(store: TheStore, caller: Writer, body: NewSearch, _asked: Nothing) -> Response:
    """Keeps a query; what it waits for raises alerts, which are its owner's."""
    return answer(saved.keep(store, _made(body.id, body, caller.name), new=True), status=201)


@router.post(
    "/preview",
    summary="Preview a search",
    responses=gives(examples.PREVIEW, "What it would have sent in the last seven days."),
)
def preview_search(store: TheStore, _: Writer, body: SearchBody, _asked: Nothing) -> Response:
    """What a search would have sent in the last seven days; nothing is kept.

    It looks at the newest stories that the query finds, `alerts.preview` at the most: `since` tells
    from when on they are all.
    """
    return answer(preview(store, _made("preview", body), utc_now()))


@router.put(
    "/searches/{search_id}",
    summary="Change a saved search",
    responses=gives(examples.SEARCH, "The saved search as it is now."),
)
def change_search(
    store: TheStore, _: Writer, search_id: SearchId, body: SearchBody, _asked: Nothing
) -> Response:
    """Changes a person's saved search; one kept in a file is changed there."""
    try:
        return answer(saved.keep(store, _made(search_id, body), new=False))
    except KeyError as error:
        raise Problem("not-found", f"there is no saved search {search_id}") from error


@router.delete(
    "/searches/{search_id}",
    summary="Delete a saved search",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "It is deleted; its alerts stay."}},
)
def delete_search(store: TheStore, _: Writer, search_id: SearchId, _asked: Nothing) -> Response:
    """Deletes a person's saved search, unless others are made of it."""
    try:
        saved.discard(store, search_id)
    except KeyError as error:
        raise Problem("not-found", f"there is no saved search {search_id}") from error
    return Response(status_code=204)


@router.get(
    "/alerts",
    summary="List alerts",
    responses=gives(
        AlertList(total=1, cursor="", alerts=(examples.ALERT,)),
        "Newest first: one a saved search and cluster. `/deliveries` tells where each went.",
    ),
)
def alerts(
    request: Request,
    store: TheStore,
    _: Reader,
    asked: Annotated[AlertParameters, Query()],
) -> Response:
    """What saved searches found."""
    after = opened(request, asked)
    found = store.lists.alerts(size=asked.size, after=after, **asked.filters())
    following = sealed(request, asked, found.after)
    return answer(AlertList(total=found.total, cursor=following, alerts=found.rows))


def _made(search_id: str, body: SearchBody, owner: str = "") -> SavedSearch:
    given = body.model_dump(exclude={"id"})
    return SavedSearch(id=search_id, owner=owner, **given)
