"""A few hundred stories in a real Elasticsearch, and the app on a real server over them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from tests import makers
from tests.indices import own_prefix
from tests.web.sample import fill
from wirewatch.records import Key, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.web.app import create_app
from wirewatch.web.security import keys
from wirewatch.web.security.secret import link
from wirewatch.web.serving import config

UNLIMITED: dict[str, Any] = {"web__rate": 1_000_000, "web__burst": 100_000, "web__metrics": 0}


@dataclass
class Site:
    """The app on a server, and the keys to it."""

    url: str
    store: Store
    settings: Settings
    keys: dict[str, str] = field(default_factory=dict)  # by name: read, write, operate, all
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, key: str = "", **options: object) -> httpx.Client:
        """A client with the key of that name, or with none."""
        headers = {"Authorization": f"Bearer {self.keys[key]}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, **options)  # type: ignore[arg-type]

    @property
    def link(self) -> str:
        """What opens the pages for reading."""
        return link(self.settings, self.url)

    def add_key(self, name: str, *scopes: str, rate: int = 1_000_000) -> Key:
        """Makes a key of those scopes, known by that name."""
        self.keys[name], key = keys.make(name, scopes, utc_now(), rate=rate)
        self.store.keys.create(key)
        return key


@contextmanager
def served(settings: Settings, store: Store | None = None) -> Iterator[str]:
    """The address of a real server with the app, for as long as it is needed."""
    made = config(create_app(settings, store), settings.with_options(web__port=0))
    made.log_level = "warning"
    server = uvicorn.Server(made)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="session")
def web_settings(es_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with an index prefix and folders of the tests' own."""
    with own_prefix(es_url) as prefix:
        yield makers.options(es_url, prefix, tmp_path_factory.mktemp("web"), **UNLIMITED)


@pytest.fixture(scope="session")
def site(web_settings: Settings) -> Iterator[Site]:
    """The app over a few hundred stories; tests may add to it, and change nothing that is there."""
    with connect(web_settings) as store:
        ids = fill(store)
        with served(web_settings, store) as url:
            made = Site(url, store, web_settings, ids=ids)
            for name in ("read", "write", "operate"):
                made.add_key(name, name)
            made.add_key("all", "read", "write", "operate")
            yield made


@pytest.fixture
def serve() -> Iterator[Callable[[Settings], str]]:
    """Serves an app of other settings until the test is over."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(served(settings))
