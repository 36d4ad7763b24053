"""What a route needs to know: the store, and who asks. FastAPI dependencies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from wirewatch.dedup.agency import Agencies
from wirewatch.records import Trouble, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.troubles.looking import look
from wirewatch.web.kept import Kept
from wirewatch.web.problems import Problem
from wirewatch.web.security import csrf, identity
from wirewatch.web.security.identity import NOBODY, Caller, HostLogin
from wirewatch.web.stores import Stores

__all__ = [
    "NOBODY",
    "Caller",
    "HostLogin",
    "TheAgencies",
    "TheSettings",
    "TheStore",
    "TheTroubles",
    "caller",
    "genuine",
    "needs",
]

LOOKED = 30.0  # seconds that a look for troubles is kept: it is some twenty requests
PATIENCE = 5  # seconds for each of them: who asks whether it works wants to know soon

Check = Callable[..., Awaitable[Caller]]


def store(request: Request) -> Store:
    """The store of the app. Raises Unavailable and MappingDiffers."""
    stores: Stores = request.app.state.stores
    return stores.get()


def settings(request: Request) -> Settings:
    """The settings of the app."""
    given: Settings = request.app.state.settings
    return given


async def caller(request: Request) -> Caller:
    """Who asks; NOBODY when that is not known.

    Raises Problem: 401 for a key that is none, 429 where the rate is passed; Unavailable where
    keys cannot be looked up.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        known = await run_in_threadpool(identity.identify, request)
        request.state.caller = known
    return known


async def genuine(request: Request, found: Annotated[Caller, Depends(caller)]) -> Caller:
    """Who asks, once it is sure that another site's page did not make a browser ask.

    Raises Problem 403 where an unsafe method comes with a cookie and without its forms' token.
    """
    await csrf.check(request, found)
    return found


def needs(scope: str) -> Check:
    """A dependency that lets nobody pass without a scope, and returns who asks.

    Raises Problem: 401 for nobody, 403 where the scope is missing, or as :func:`genuine`.
    """

    async def check(request: Request, found: Annotated[Caller, Depends(caller)]) -> Caller:
        if not found.name:
            raise Problem(
                "no-key",
                f"send a key with the scope {scope} as 'Authorization: Bearer KEY'",
                headers=identity.CHALLENGE,
            )
        if scope not in found.scopes:
            raise Problem("forbidden", f"this needs the scope {scope}", scope=scope)
        return await genuine(request, found)

    return check


def agencies(request: Request) -> Agencies:
    """The agencies of the configuration, read when the app was made."""
    known: Agencies = request.app.state.agencies
    return known


def troubles(request: Request) -> tuple[Trouble, ...]:
    """What stood in the way at the last look; it is kept, since the health route is open to all.

    Raises Unavailable and MappingDiffers.
    """
    kept: Kept[tuple[Trouble, ...]] = request.app.state.troubles
    given, there = settings(request), store(request)

    def looked() -> tuple[Trouble, ...]:
        patient = Store(there.es.options(request_timeout=PATIENCE), given)
        return tuple(look(patient, given, utc_now()))

    return kept.get(LOOKED, looked)


TheAgencies = Annotated[Agencies, Depends(agencies)]
TheStore = Annotated[Store, Depends(store)]
TheSettings = Annotated[Settings, Depends(settings)]
TheTroubles = Annotated[tuple[Trouble, ...], Depends(troubles)]
