"""What WebSub hubs ask and push (https://www.w3.org/TR/websub/, sections 5.3 and 7).

The address holds a token that only the hub has; a push counts only with the signature made of
the feed's own secret. No key, cookie or session is involved.
"""

from __future__ import annotations

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from wirewatch.feeds import websub
from wirewatch.pipeline.push import Pushes
from wirewatch.records import FeedState, Subscription, SubscriptionState, utc_now
from wirewatch.store.subscriptions import DENIED, VERIFIED
from wirewatch.web.context import TheStore
from wirewatch.web.problems import Problem

log = logging.getLogger("wirewatch.web")

router = APIRouter(prefix="/websub", include_in_schema=False)  # for hubs, no part of the API

FeedId = Annotated[str, Path(pattern="^[0-9a-f]{24}$")]
Token = Annotated[str, Path(max_length=100)]
Word = Annotated[str, Query(max_length=5_000)]


async def _body(request: Request) -> bytes:
    """The whole body; the app has bounded it."""
    return await request.body()


def _pushes(request: Request) -> Pushes:
    """One for the app: it remembers which outlet has which site."""
    found: Pushes | None = getattr(request.app.state, "pushes", None)
    if found is None:
        found = request.app.state.pushes = Pushes(request.app.state.settings)
    return found


def _subscription(feed: FeedId, token: Token, store: TheStore) -> Subscription:
    """The subscription that the address was made for. Raises Problem (404)."""
    found = store.subscriptions.get([feed]).get(feed)
    if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
        raise Problem("not-found", "no subscription has this address")
    return found


Known = Annotated[Subscription, Depends(_subscription)]


@router.get("/{feed}/{token}")
def verify(
    known: Known,
    request: Request,
    store: TheStore,
    mode: Annotated[Word, Query(alias="hub.mode")] = "",
    topic: Annotated[Word, Query(alias="hub.topic")] = "",
    challenge: Annotated[Word, Query(alias="hub.challenge")] = "",
    lease: Annotated[float, Query(alias="hub.lease_seconds", ge=0, allow_inf_nan=False)] = 0.0,
    reason: Annotated[Word, Query(alias="hub.reason")] = "",
) -> Response:
    """Confirms to the hub what was asked of it, and nothing else; or hears that it refuses."""
    if topic != known.topic:
        raise Problem("not-found", "this subscription is for another topic")
    now = utc_now()
    if mode == "denied":
        store.subscriptions.change([websub.denied(known, reason[:200], now)], DENIED)
        store.feeds.hasten([known.id], now)
        return Response(status_code=204)
    leaving = known.state == SubscriptionState.LEAVING
    if mode == "unsubscribe" and leaving:
        store.subscriptions.remove([known.id])
    elif mode == "subscribe" and known.requested and not leaving:
        asked: float = request.app.state.settings["websub.lease"]
        store.subscriptions.change([websub.verified(known, lease or asked, now)], VERIFIED)
    else:
        raise Problem("not-found", f"this server has not asked to {mode[:40] or 'do nothing'}")
    return Response(challenge, media_type="text/plain")


@router.post("/{feed}/{token}")
def push(
    known: Known,
    request: Request,
    body: Annotated[bytes, Depends(_body)],
    store: TheStore,
    pushes: Annotated[Pushes, Depends(_pushes)],
) -> Response:
    """Takes new entries. A body without the hub's signature gets the same answer and is ignored."""
    feed = store.feeds.get([known.id]).get(known.id)
    gone = feed is None or feed.state == FeedState.GONE
    if feed is None or gone or known.state == SubscriptionState.LEAVING:
        return Response("this feed is not wanted any more", 410, media_type="text/plain")
    if not websub.signed(known.secret, request.headers.get("X-Hub-Signature", ""), body):
        log.warning("a push for %s without the signature of its hub was ignored", feed.url)
        return Response(status_code=202)
    taken = pushes.take(
        store, feed, known, body, request.headers.get("Content-Type", ""), utc_now()
    )
    if taken.error:
        log.warning("a push for %s could not be read: %s", feed.url, taken.error)
    else:
        log.info("a push for %s: %d entries, %d new", feed.url, taken.entries, taken.new)
    return Response(status_code=202)
