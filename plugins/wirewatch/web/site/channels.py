"""Channels: listed with how they fare, made, tested, switched on again and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from wirewatch.alerts.again import again
from wirewatch.alerts.channels import CARRIERS, LOG, kept
from wirewatch.alerts.channels.made import BadChannel
from wirewatch.alerts.channels.shown import opened
from wirewatch.alerts.outbox import trial
from wirewatch.alerts.saved import Refused
from wirewatch.records import ChannelKind, utc_now
from wirewatch.store import Store
from wirewatch.store.deliveries import OPEN
from wirewatch.web.context import Caller, TheStore, needs
from wirewatch.web.problems import Problem
from wirewatch.web.site.render import base, page

router = APIRouter()

# What each kind asks for as its address.
ADDRESSES = {
    ChannelKind.MAIL: "a mail address",
    ChannelKind.WEBHOOK: "an address of your own server that takes JSON",
    ChannelKind.SLACK: "the address of an incoming webhook of Slack",
    ChannelKind.TEAMS: "the address of a workflow's webhook of Teams",
    ChannelKind.APPRISE: "an address as Apprise writes it",
}

Reader = Annotated[Caller, Depends(needs("read"))]
Operator = Annotated[Caller, Depends(needs("operate"))]


@router.get("/channels")
def channels(request: Request, store: TheStore, caller: Reader) -> Response:
    """Every channel, how it fares, and what waits for it."""
    return _page(request, store, caller)


@router.post("/channels")
def make(
    request: Request,
    store: TheStore,
    caller: Operator,
    kind: Annotated[str, Form()] = "",
    channel_id: Annotated[str, Form(alias="id")] = "",
    address: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    """Makes a channel; shows a webhook's secret this once, or the form with what is wrong."""
    given = {"kind": kind, "id": channel_id.strip(), "address": address.strip(), "name": name}
    if kind not in set(ChannelKind):
        raise Problem("bad-parameter", f"kind is one of {', '.join(ADDRESSES)}")
    try:
        made = kept.keep(
            store, given["id"], ChannelKind(kind), given["address"], given["name"].strip()
        )
    except (BadChannel, Refused) as error:
        return _page(request, store, caller, given=given, problem=str(error))
    if made.kind == ChannelKind.WEBHOOK:
        return _page(request, store, caller, made=made.id, secret=made.secret)
    return RedirectResponse(f"{base(request)}/channels", 303)


@router.post("/channels/{channel_id}/test")
def test(request: Request, store: TheStore, _: Operator, channel_id: str) -> Response:
    """Queues a message of its own to a channel; it is sent with the next round."""
    if channel_id != LOG.id and store.channels.get(channel_id) is None:
        raise Problem("not-found", f"there is no channel {channel_id[:100]!r}")
    message = trial(channel_id, utc_now())
    store.deliveries.create([message]).raise_refused("messages")
    return RedirectResponse(f"{base(request)}/channels?test={message.id}", 303)


@router.post("/channels/{channel_id}/on")
def switch_on(request: Request, store: TheStore, _: Operator, channel_id: str) -> Response:
    """Uses a channel again that was switched off."""
    return _done(request, channel_id, lambda: kept.switch_on(store, channel_id))


@router.post("/channels/{channel_id}/again")
def send_again(request: Request, store: TheStore, _: Operator, channel_id: str) -> Response:
    """Queues the channel's messages again that were given up."""
    again(store, utc_now(), channel=channel_id[:100])
    return RedirectResponse(f"{base(request)}/channels", 303)


@router.post("/channels/{channel_id}/remove")
def remove(request: Request, store: TheStore, _: Operator, channel_id: str) -> Response:
    """Removes a channel that no saved search sends to."""
    return _done(request, channel_id, lambda: kept.discard(store, channel_id))


def _done(request: Request, channel_id: str, act: Callable[[], object]) -> Response:
    try:
        act()
    except KeyError as error:
        raise Problem("not-found", f"there is no channel {channel_id[:100]!r}") from error
    except Refused as error:
        raise Problem("conflict", str(error)) from error
    return RedirectResponse(f"{base(request)}/channels", 303)


def _page(
    request: Request,
    store: Store,
    caller: Caller,
    *,
    given: dict[str, str] | None = None,
    problem: str = "",
    made: str = "",
    secret: str = "",
) -> Response:
    tested = store.deliveries.read(request.query_params.get("test", "")[:64] or "-")
    return page(
        request,
        "channels.html",
        status=400 if problem else 200,
        caller=caller,
        channels=[opened(one) for one in (LOG, *store.channels.all())],
        counts=_counts(store),
        kinds=[(kind.value, ADDRESSES[kind]) for kind in CARRIERS if kind in ADDRESSES],
        given=given or {"kind": "", "id": "", "address": "", "name": ""},
        problem=problem,
        made=made,
        secret=secret,
        tested=tested[0] if tested else None,
    )


def _counts(store: Store) -> dict[str, dict[str, int]]:
    """By channel, how many messages were sent, wait, and were given up."""
    store.es.indices.refresh(index=f"{store.prefix}-deliveries")
    return {
        channel: {
            "sent": states.get("sent", 0),
            "waiting": sum(states.get(state, 0) for state in OPEN),
            "dead": states.get("dead", 0),
        }
        for channel, states in store.deliveries.count().items()
    }
