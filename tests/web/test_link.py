"""The link that opens the pages for reading, and a proxy that tells nothing of who asks."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.conftest import Site
from wirewatch.settings import Settings
from wirewatch.web.security import sessions

pytestmark = pytest.mark.es


@pytest.fixture
def bare_proxy(site: Site) -> Iterator[str]:
    """A proxy on this machine as nginx's bare ``proxy_pass``: no header says that it is one."""
    host = urlsplit(site.url).netloc

    class HandOn(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            upstream = http.client.HTTPConnection(host, timeout=60)
            upstream.request("GET", self.path, headers={"Host": host, "Connection": "close"})
            answer = upstream.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), HandOn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_proxy_on_this_machine_opens_nothing(bare_proxy: str) -> None:
    for path in ("/api/v1/stories", "/api/v1/metrics", "/searches"):
        assert httpx.get(bare_proxy + path, timeout=60).status_code == 401, path
    assert httpx.get(f"{bare_proxy}/api/v1/health", timeout=60).status_code == 200


def test_the_link_becomes_a_cookie_and_leaves_the_address(site: Site) -> None:
    with httpx.Client(base_url=site.url, timeout=60) as client:
        answer = client.get(f"{site.link}&q=ferry%20fire")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?q=ferry+fire")
        assert answer.headers["referrer-policy"] == "same-origin"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie
        assert client.get("/?q=ferry").status_code == 200
        assert client.get("/api/v1/stories").status_code == 200
        assert client.get("/searches/new").status_code == 403


@pytest.mark.parametrize("wrong", ["", "x", "é", "%FF", "A" * 43])
def test_another_token_opens_nothing(site: Site, wrong: str) -> None:
    answer = httpx.get(f"{site.url}/?token={wrong}", timeout=60)
    assert answer.headers["location"] == "/login?wrong=link"
    assert sessions.COOKIE not in answer.cookies


def test_the_link_stays_the_same_for_every_server_of_the_folder(
    site: Site, web_settings: Settings, serve: Callable[[Settings], str]
) -> None:
    other = serve(web_settings.with_options(web__port=1))
    token = urlsplit(site.link).query
    assert httpx.get(f"{other}/?{token}", timeout=60).headers["location"] == "/"


def test_no_log_has_the_token(site: Site) -> None:
    token = urlsplit(site.link).query.partition("=")[2]
    access = logging.getLogger("uvicorn.access")
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler, level = Kept(), access.level
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    try:
        httpx.get(f"{site.link}&q=logged", timeout=60)
        httpx.post(f"{site.link}&q=refused", timeout=60)
    finally:
        access.removeHandler(handler)
        access.setLevel(level)
    said = "\n".join(lines)
    assert "q=logged" in said and "q=refused" in said
    assert token not in said
