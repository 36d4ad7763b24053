"""How who reads a mail ends it, by the link in it: asked by GET, done by POST (RFC 8058).

The link alone counts: no key, cookie or session is involved. Programs that open every link of a
mail change nothing, since they do not POST.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import PlainTextResponse, Response

from wirewatch.alerts import unsubscribe
from wirewatch.alerts.channels.shown import address
from wirewatch.records import Channel
from wirewatch.web.context import NOBODY, TheStore
from wirewatch.web.problems import Problem, wants_page
from wirewatch.web.security.identity import count_address
from wirewatch.web.site.render import page

router = APIRouter()

ACTS = ("", "all", "back")  # this search, every search, or as it was before

SearchId = Annotated[str, Query(alias="search", max_length=64)]


def _channel(
    request: Request, store: TheStore, channel_id: str, token: str, search_id: SearchId = ""
) -> Channel:
    """The channel that the link is of. Raises Problem: 404, and 429 for too many guesses."""
    count_address(request)
    found = store.channels.get(channel_id) if len(channel_id) <= 64 else None
    if found is None or not unsubscribe.genuine(found, search_id, token):
        raise Problem("not-found", "this link is of no mail of ours, or its channel was removed")
    return found


Known = Annotated[Channel, Depends(_channel)]


@router.get(unsubscribe.PATH + "/{channel_id}/{token}")
def ask(request: Request, store: TheStore, known: Known, search_id: SearchId = "") -> Response:
    """The page with the button; nothing is changed yet."""
    return _page(request, store, known, search_id, done=False)


@router.post(unsubscribe.PATH + "/{channel_id}/{token}")
def end(
    request: Request,
    store: TheStore,
    known: Known,
    search_id: SearchId = "",
    act: Annotated[str, Form()] = "",
) -> Response:
    """Ends the mail, or takes that back; without a redirect, as RFC 8058 has it."""
    if act not in ACTS:
        raise Problem("bad-parameter", f"act is one of {', '.join(ACTS[1:])}, or left out")
    if act == "back":
        changed = unsubscribe.come_back(store, known.id, search_id)
    else:
        changed = unsubscribe.leave(store, known.id, "" if act == "all" else search_id)
    if changed is None:
        raise Problem("not-found", "this channel was removed just now")
    if not wants_page(request):
        return PlainTextResponse("done\n")
    return _page(request, store, changed, search_id, done=True)


def _page(
    request: Request, store: TheStore, channel: Channel, search_id: str, *, done: bool
) -> Response:
    found = store.searches.read(search_id) if search_id else None
    return page(
        request,
        "unsubscribe.html",
        caller=NOBODY,
        mailbox=address(channel),
        search=(found[0].name if found else search_id),
        gone=unsubscribe.gone(channel, search_id),
        all_gone=channel.off == unsubscribe.BY_READER,
        done=done,
    )
