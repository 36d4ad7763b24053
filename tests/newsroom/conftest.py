"""One newsroom for the tests that leave no trace in it, and an unguarded way to ask it."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from urllib.parse import urlsplit

import pytest

from newsroom.server import Newsroom

EPOCH = datetime(2026, 3, 14, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(url: str, headers: dict[str, str] | None = None, timeout: float = 20) -> Answer:
    """GET without following redirects, sent to loopback with the URL's Host."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Host": parts.netloc, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def epoch() -> datetime:
    return EPOCH


@pytest.fixture(scope="session")
def get() -> Callable[..., Answer]:
    return ask


@pytest.fixture(scope="session")
def shared_room(epoch: datetime) -> Iterator[Newsroom]:
    """A newsroom that tests only read what every visitor gets."""
    with Newsroom(port=0, epoch=epoch) as room:
        yield room


@pytest.fixture
def room(epoch: datetime) -> Iterator[Newsroom]:
    """A newsroom that nobody has visited."""
    with Newsroom(port=0, epoch=epoch) as fresh:
        yield fresh
