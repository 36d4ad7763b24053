"""What a route needs to know: the store, and who asks. FastAPI dependencies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Store, Unavailable, connect
from wirewatch.web.problems import Problem
from wirewatch.web.security import hosts

SCOPES = ("read", "write", "operate")
WAIT = 10.0  # seconds a request waits while another one connects to Elasticsearch
PAUSE = 2.0  # seconds in which a failed connection is not tried again


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's owner, by the key itself or by a session; or somebody without one."""

    name: str = ""  # "": nobody that is known
    scopes: frozenset[str] = frozenset()
    csrf: str = ""  # what a form must send back; "": no cookie is involved, so nothing to forge


NOBODY = Caller()
# A user of this machine, who could read the indices anyway.
LOCAL = Caller(name="loopback", scopes=frozenset({"read"}))

# How a host application (Airflow) that mounts the app tells who asks; None: nobody it knows.
HostLogin = Callable[[Request], Caller | None]


class Stores:
    """The store, opened at the first request that needs it and again after a failure.

    So the app starts before Elasticsearch does, and one mounted in another app (where nobody runs
    its lifespan) works as well.
    """

    def __init__(self, settings: Settings, given: Store | None) -> None:
        self._settings = settings
        self._store = given
        self._opened = ExitStack()
        self._lock = threading.Lock()
        self._failed: Exception | None = None
        self._failed_at = 0.0

    def get(self) -> Store:
        """The store; raises Unavailable or MappingDiffers, at once while it is known to fail."""
        if self._store is not None:
            return self._store
        if not self._lock.acquire(timeout=WAIT):
            raise Unavailable("Elasticsearch has not answered yet: try again in some seconds")
        try:
            if self._store is not None:
                return self._store
            if self._failed is not None and time.monotonic() - self._failed_at < PAUSE:
                raise self._failed
            try:
                self._store = self._opened.enter_context(connect(self._settings))
            except (Unavailable, MappingDiffers) as error:
                self._failed, self._failed_at = error, time.monotonic()
                raise
            return self._store
        finally:
            self._lock.release()

    def close(self) -> None:
        """Closes what was opened here."""
        self._opened.close()


def store(request: Request) -> Store:
    """The store of the app. Raises Unavailable and MappingDiffers."""
    stores: Stores = request.app.state.stores
    found = stores.get()
    request.app.state.store = found
    return found


def settings(request: Request) -> Settings:
    """The settings of the app."""
    given: Settings = request.app.state.settings
    return given


def caller(request: Request) -> Caller:
    """Who asks; NOBODY when that cannot be told."""
    host_login: HostLogin | None = request.app.state.host_login
    if host_login is not None:
        return host_login(request) or NOBODY
    if settings(request)["web.loopback_reads"] and hosts.at_this_machine(request):
        return LOCAL
    return NOBODY


def needs(scope: str) -> Callable[..., Caller]:
    """A dependency that lets nobody pass without a scope, and returns who asks.

    Raises Problem: 401 for nobody, 403 where the scope is missing.
    """

    def check(found: Annotated[Caller, Depends(caller)]) -> Caller:
        if scope in found.scopes:
            return found
        if not found.name:
            raise Problem(
                "no-key",
                f"send a key with the scope {scope} as 'Authorization: Bearer KEY'",
                headers={"WWW-Authenticate": 'Bearer realm="wirewatch"'},
            )
        raise Problem("forbidden", f"this needs the scope {scope}", scope=scope)

    return check


TheStore = Annotated[Store, Depends(store)]
TheSettings = Annotated[Settings, Depends(settings)]
