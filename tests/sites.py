"""Small sites on loopback, each a function from what is asked to what is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests import makers
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

XML = "application/rss+xml"


@dataclass(frozen=True)
class Request:
    """What a site is asked."""

    method: str
    path: str  # with its query
    headers: Message
    body: bytes = b""

    @property
    def host(self) -> str:
        """The host and port that it was asked by."""
        return self.headers["Host"]


@dataclass(frozen=True)
class Answer:
    """What a site answers."""

    body: str | bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A site that runs."""

    port: int
    asked: list[Request] = field(default_factory=list)  # in the order of their coming

    def base(self, label: str = "a") -> str:
        """Its address under a name; every name leads to it."""
        return f"http://{label}.localhost:{self.port}"

    @property
    def allow(self) -> str:
        """The value of the option ``fetch.allow`` that lets the fetcher in."""
        return f"*.localhost:{self.port}"


@contextmanager
def serve(answer: Callable[[Request], Answer]) -> Iterator[Site]:
    """A site that answers in threads until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Request(self.command, self.path, self.headers, self.rfile.read(length))
            site.asked.append(asked)
            made = answer(asked)
            body = (
                made.body if isinstance(made.body, bytes) else made.body.encode("utf-8", "replace")
            )
            self.send_response(made.status)
            for name, value in {"Content-Type": made.kind, **made.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rss(links: Iterable[str]) -> Answer:
    """A feed of the links."""
    items = "".join(
        f"<item><title>{link}</title><link>{link}</link></item>"
        for link in (link.replace("&", "&amp;") for link in links)
    )
    text = f"<rss version='2.0'><channel><title>Daily</title>{items}</channel></rss>"
    return Answer(text, kind=XML)


def page(title: str, *paragraphs: str, head: str = "", foot: str = "") -> str:
    """A page in English with one article, of paragraphs."""
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f"<html lang='en'><head><title>{title}</title>{head}</head><body>"
        f"<article><h1>{title}</h1>{text}</article>{foot}</body></html>"
    )


def followed(options: Settings, site: Site) -> Settings:
    """The options for a site whose ``/feed`` is in the store: let in, without pauses."""
    made = options.with_options(
        fetch__allow=site.allow,
        fetch__delay=0.01,
        fetch__retry_pause=0,
        extract__processes=1,
        run__partitions=1,
    )
    with connect(made) as store:
        store.feeds.add([makers.feed(f"{site.base()}/feed", outlet="Daily", added=utc_now())])
        store.refresh()
    return made
