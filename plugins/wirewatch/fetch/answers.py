"""What a fetch comes to: a response or a failure, both plain records."""

from __future__ import annotations

from datetime import datetime

from wirewatch.records import Reason, Record


class Hop(Record, frozen=True, kw_only=True):
    """One redirect: the URL asked for, its status, and where it pointed."""

    url: str
    status: int
    location: str  # absolute
    elapsed: float = 0.0  # seconds


class Response(Record, frozen=True, kw_only=True):
    """An answer that can be used: 2xx with its body, or 304 without."""

    url: str  # as asked for
    final_url: str  # after redirects
    hops: tuple[Hop, ...] = ()
    permanent_redirect_to: str = ""  # where the unbroken 301s and 308s from the first hop on lead
    status: int
    phrase: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""  # with the content coding undone
    elapsed: float = 0.0  # seconds of the last hop, from request to last byte
    when: datetime  # when the last hop's request was sent
    request_headers: tuple[tuple[str, str], ...] = ()
    training_refused: bool = False  # the site opts out of AI training (robots.txt or noai)

    def header(self, name: str) -> str:
        """The value of a header, its repetitions joined by commas; "" when absent."""
        lower = name.lower()
        return ", ".join(value for key, value in self.headers if key.lower() == lower)

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()


class Failure(Record, frozen=True, kw_only=True):
    """Why there is no answer that can be used, in one word and in plain ones."""

    url: str
    final_url: str = ""  # the hop that failed
    hops: tuple[Hop, ...] = ()
    reason: Reason
    detail: str
    status: int = 0  # HTTP status; 0: none came
    retry_after: float | None = None  # seconds the host asked for, or its pace demands
    elapsed: float = 0.0
    attempted: bool = True  # False: not asked for at all, by the host's pace or the budget
