"""Saved searches: listed, made, changed, deleted; and the alerts that they raised."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.alerts.saved import Refused, discard, keep
from wirewatch.alerts.searches import BadSearches
from wirewatch.records import SavedSearch, replace
from wirewatch.search.language import BadQuery
from wirewatch.store import Store
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import base, page

router = APIRouter()

CHANNEL = "log"  # where alerts go when nothing is said

Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]


@router.get("/searches")
def searches_page(request: Request, store: TheStore, caller: Reader) -> Response:
    """Every saved search with its last alert."""
    searches = list(store.searches.all())
    last = store.alerts.newest([search.id for search in searches])
    listed = [(search, last.get(search.id)) for search in searches]
    return page(request, "searches.html", caller=caller, searches=listed)


@router.get("/searches/new")
def new_search(request: Request, caller: Writer) -> Response:
    """The form of a new search, its query filled in where one came along."""
    values = {
        "id": "",
        "name": "",
        "query": request.query_params.get("query", ""),
        "channels": CHANNEL,
        "enabled": True,
    }
    return page(request, "search_edit.html", caller=caller, new=True, values=values, problems=[])


@router.get("/searches/{search_id}")
def edit_search(request: Request, store: TheStore, caller: Writer, search_id: str) -> Response:
    """The form of a search that a person keeps."""
    search = _own(store, search_id)
    values = {
        "id": search.id,
        "name": search.name,
        "query": search.query,
        "channels": "\n".join(search.channels),
        "enabled": search.enabled,
    }
    return page(request, "search_edit.html", caller=caller, new=False, values=values, problems=[])


@router.post("/searches")
def make_search(
    request: Request,
    store: TheStore,
    caller: Writer,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    search_id: Annotated[str, Form(alias="id")] = "",
    channels: Annotated[str, Form()] = "",
    enabled: Annotated[str, Form()] = "",
) -> Response:
    """Keeps a new search; shows the form again with what is wrong."""
    values = _values(search_id.strip(), name, query, channels, enabled)
    return _keep(request, store, caller, values, new=True)


@router.post("/searches/{search_id}")
def change_search(
    request: Request,
    store: TheStore,
    caller: Writer,
    search_id: str,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    channels: Annotated[str, Form()] = "",
    enabled: Annotated[str, Form()] = "",
) -> Response:
    """Changes a search; shows the form again with what is wrong."""
    _own(store, search_id)
    values = _values(search_id, name, query, channels, enabled)
    return _keep(request, store, caller, values, new=False)


@router.post("/searches/{search_id}/delete")
def delete_search(request: Request, store: TheStore, _: Writer, search_id: str) -> Response:
    """Deletes a search that a person keeps."""
    _own(store, search_id)
    try:
        discard(store, search_id)
    except Refused as error:
        raise Problem("conflict", str(error)) from error
    return RedirectResponse(f"{base(request)}/searches", 303)


def _own(store: Store, search_id: str) -> SavedSearch:
    """The search that a person keeps; raises Problem for none, and for one kept in a file."""
    found = store.searches.read(search_id)
    if found is None or found[0].deleted:
        raise Problem("not-found", f"there is no saved search {search_id[:100]!r}")
    if found[0].origin == "file":
        raise Problem(
            "conflict", f"{search_id} is kept in a file of config/searches/: change it there"
        )
    return found[0]


def _values(search_id: str, name: str, query: str, channels: str, enabled: str) -> dict[str, Any]:
    return {
        "id": search_id,
        "name": name.strip(),
        "query": query.strip(),
        "channels": channels.strip(),
        "enabled": enabled == "yes",
    }


def _keep(
    request: Request, store: Store, caller: Caller, values: dict[str, Any], *, new: bool
) -> Response:
    channels = tuple(line.strip() for line in values["channels"].splitlines() if line.strip())
    given = {**values, "channels": channels or (CHANNEL,)}
    if new:
        search = SavedSearch(**given, owner=caller.name)
    else:
        search = replace(_own(store, values["id"]), **given)
    try:
        keep(store, search, new=new)
    except BadSearches as error:
        problems = error.problems
    except BadQuery as error:
        problems = [f"query: {error}"]
    except Refused as error:
        problems = [str(error)]
    else:
        return RedirectResponse(f"{base(request)}/searches", 303)
    return page(
        request,
        "search_edit.html",
        status=400,
        caller=caller,
        new=new,
        values=values,
        problems=problems,
    )
