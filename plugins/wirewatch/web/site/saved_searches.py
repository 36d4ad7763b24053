"""Saved searches: listed, made, changed, deleted; and the alerts that they raised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.alerts.channels import LOG
from wirewatch.alerts.preview import Preview, preview
from wirewatch.alerts.saved import Refused, discard, keep, own
from wirewatch.alerts.searches import BadSearches
from wirewatch.records import Every, SavedSearch, replace, utc_now
from wirewatch.search.language import BadQuery
from wirewatch.store import Store
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import base, page
from wirewatch.web.site.search_form import (
    DAYS,
    KINDS,
    SearchForm,
    choices,
    form_of,
    search_of,
)

router = APIRouter()

SIZE = 50  # saved searches a page
PREVIEW = "preview"  # what the form's second button asks for
# Fields that are folded away while they have their usual values.
FOLDED = (
    "quiet_from", "quiet_until", "muted_until", "expires", "age_limit", "cap", "updates", "copies",
)  # fmt: skip

Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]


@router.get("/searches")
def searches_page(request: Request, store: TheStore, caller: Reader) -> Response:
    """Saved searches by id with the last alert of each, a page at a time."""
    after = request.query_params.get("after", "")
    found = store.lists.searches(size=SIZE, after=[after] if after else [])
    last = store.alerts.newest([search.id for search in found.rows])
    return page(
        request,
        "searches.html",
        caller=caller,
        searches=[(search, last.get(search.id)) for search in found.rows],
        total=found.total,
        following=str(found.after[0]) if found.after else "",
        paged=bool(after),
        kinds=KINDS,
    )


@router.get("/searches/new")
def new_search(request: Request, store: TheStore, caller: Writer) -> Response:
    """The form of a new search, its query filled in where one came along."""
    query = request.query_params.get("query", "")
    form = SearchForm(query=query, channels=[LOG.id], enabled="yes")
    return _form(request, store, caller, form, new=True)


@router.get("/searches/{search_id}")
def edit_search(request: Request, store: TheStore, caller: Writer, search_id: str) -> Response:
    """The form of a search that a person keeps."""
    return _form(request, store, caller, form_of(_own(store, search_id)), new=False)


@router.post("/searches")
def make_search(
    request: Request, store: TheStore, caller: Writer, form: Annotated[SearchForm, Form()]
) -> Response:
    """Keeps a new search, or shows what it would have sent; the form again with what is wrong."""
    return _keep(request, store, caller, form, new=True)


@router.post("/searches/{search_id}")
def change_search(
    request: Request,
    store: TheStore,
    caller: Writer,
    search_id: str,
    form: Annotated[SearchForm, Form()],
) -> Response:
    """Changes a search; shows the form again with what is wrong."""
    _own(store, search_id)
    return _keep(request, store, caller, form.model_copy(update={"id": search_id}), new=False)


@router.post("/searches/{search_id}/delete")
def delete_search(request: Request, store: TheStore, _: Writer, search_id: str) -> Response:
    """Deletes a search that a person keeps."""
    _own(store, search_id)
    discard(store, search_id)
    return RedirectResponse(f"{base(request)}/searches", 303)


def _own(store: Store, search_id: str) -> SavedSearch:
    """The search that a person keeps; raises Problem for none, and for one kept in a file."""
    try:
        return own(store, search_id)[0]
    except KeyError as error:
        raise Problem("not-found", f"there is no saved search {search_id[:100]!r}") from error


def _keep(
    request: Request, store: Store, caller: Caller, form: SearchForm, *, new: bool
) -> Response:
    search, problems = search_of(form)
    foreseen = None
    if search is not None:
        try:
            if form.act == PREVIEW:
                named = replace(search, id=search.id or PREVIEW, name=search.name or PREVIEW)
                foreseen = preview(store, named, utc_now())
            else:
                keep(store, replace(search, owner=caller.name), new=new)
                return RedirectResponse(f"{base(request)}/searches", 303)
        except BadSearches as error:
            problems = error.problems
        except BadQuery as error:
            problems = [f"query: {error}"]
        except Refused as error:
            problems = [str(error)]
    return _form(request, store, caller, form, new=new, problems=problems, foreseen=foreseen)


def _form(
    request: Request,
    store: Store,
    caller: Caller,
    form: SearchForm,
    *,
    new: bool,
    problems: Sequence[str] = (),
    foreseen: Preview | None = None,
) -> Response:
    found = None if new else store.searches.read(form.id)
    usual = SearchForm()
    return page(
        request,
        "search_edit.html",
        status=400 if problems else 200,
        caller=caller,
        new=new,
        form=form,
        problems=problems,
        foreseen=foreseen,
        off=found[0].off if found else "",
        channels=choices(store.channels.all(), form.channels),
        kinds=[(kind.value, words) for kind, words in KINDS.items()],
        every=[(one.value, one.value) for one in Every],
        days=list(enumerate(DAYS)),
        unusual=any(getattr(form, name) != getattr(usual, name) for name in FOLDED),
    )
