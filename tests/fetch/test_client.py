"""The client against servers that behave, and against those that do not."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web

from tests.fetch.servers import Handler, raw, settings, site
from wirewatch.fetch import loop
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.failures import retry_after
from wirewatch.records import Reason


def fetch(
    routes: dict[str, Handler | str | bytes], path: str, **given: object
) -> Response | Failure:
    """One GET of a path on a server with these routes."""
    options = {k: v for k, v in given.items() if "__" in k}
    arguments = {k: v for k, v in given.items() if "__" not in k}

    async def run() -> Response | Failure:
        async with site(routes) as port, Client(settings(**options)) as client:
            return await client.get(f"http://a.localhost:{port}{path}", **arguments)  # type: ignore[arg-type]

    return loop.run(run())


def fetch_raw(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    **options: object,
) -> Response | Failure:
    async def run() -> Response | Failure:
        async with raw(answer) as port, Client(settings(**options)) as client:
            return await client.get(f"http://a.localhost:{port}/x")

    return loop.run(run())


def says(text: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


def redirect(target: str, status: int = 302) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": target})

    return handler


def status(code: int, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(
            status=code, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return handler


def coded(coding: str, body: bytes) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(
            body=body, headers={"Content-Encoding": coding}, content_type="text/html"
        )

    return handler


def failed(answer: Response | Failure) -> Failure:
    assert isinstance(answer, Failure), answer
    return answer


def test_a_page_comes_with_all_that_the_archive_needs() -> None:
    answer = fetch({"/x": "<p>héllo"}, "/x", fetch__contact="desk@example.org")
    assert isinstance(answer, Response)
    assert answer.body == "<p>héllo".encode()
    assert (answer.status, answer.phrase, answer.content_type) == (200, "OK", "text/html")
    assert answer.final_url == answer.url
    sent = {name.lower(): value for name, value in answer.request_headers}
    assert sent["user-agent"] == "wirewatch/0.1.0 (+desk@example.org)"
    assert "cookie" not in sent
    assert answer.when.tzinfo is UTC


def test_conditional_requests() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["If-Modified-Since"] == "yesterday"
        return web.Response(status=304 if request.headers["If-None-Match"] == '"e"' else 200)

    answer = fetch({"/x": handler}, "/x", etag='"e"', last_modified="yesterday")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (304, b"")


def test_cookies_are_never_sent_back() -> None:
    async def handler(request: web.Request) -> web.Response:
        seen = "Cookie" in request.headers
        answer = web.Response(status=200 if request.path == "/b" else 302, text=str(seen))
        answer.headers["Location"] = "/b"
        answer.set_cookie("session", "1")
        return answer

    answer = fetch({"/a": handler, "/b": handler}, "/a")
    assert isinstance(answer, Response)
    assert answer.body == b"False"


def test_redirects_are_followed_and_recorded() -> None:
    routes = {"/a": redirect("/b", 301), "/b": redirect("c", 308), "/c": redirect("/d", 302)}
    answer = fetch({**routes, "/d": "end"}, "/a#part")
    assert isinstance(answer, Response)
    assert [hop.status for hop in answer.hops] == [301, 308, 302]
    assert answer.final_url.endswith("/d")
    assert answer.permanent_redirect_to.endswith("/c")


@pytest.mark.parametrize(
    ("routes", "reason", "words"),
    [
        ({"/x": redirect("/x")}, Reason.REDIRECT_LOOP, "redirect loop"),
        ({"/x": redirect("/y"), "/y": redirect("/x")}, Reason.REDIRECT_LOOP, "leads back"),
        (
            {"/x": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 9)}},
            Reason.TOO_MANY_REDIRECTS,
            "more than 5 redirects",
        ),
        ({"/x": redirect("http://169.254.169.254/latest/")}, Reason.GUARDED, "metadata"),
        ({"/x": redirect("http://localhost:1/")}, Reason.GUARDED, "port 1 of localhost"),
        ({"/x": redirect("http://[::1]/")}, Reason.GUARDED, "loopback"),
        ({"/x": redirect("http://2130706433/")}, Reason.GUARDED, "loopback"),
        ({"/x": redirect("file:///etc/passwd")}, Reason.GUARDED, "scheme file"),
        ({"/x": redirect("http://u:p@a.localhost/")}, Reason.GUARDED, "user name"),
        ({"/x": status(302)}, Reason.PROTOCOL, "without a Location"),
        ({"/x": status(404)}, Reason.NOT_FOUND, "404"),
        ({"/x": status(410)}, Reason.GONE, "410"),
        ({"/x": status(403)}, Reason.FORBIDDEN, "403"),
        ({"/x": status(418)}, Reason.CLIENT_ERROR, "418"),
        ({"/x": status(500)}, Reason.SERVER_ERROR, "500"),
        ({"/x": status(503, Retry_After="7")}, Reason.RATE_LIMITED, "Retry-After 7 s"),
        ({"/x": status(429)}, Reason.RATE_LIMITED, "no Retry-After"),
        ({"/x": coded("br", b"x")}, Reason.PROTOCOL, "'br' was not asked for"),
        ({"/x": coded("gzip", b"no gzip")}, Reason.PROTOCOL, "damaged"),
    ],
)
def test_failures_have_a_reason_and_words(
    routes: dict[str, Handler], reason: Reason, words: str
) -> None:
    failure = failed(fetch(dict(routes), "/x"))
    assert failure.reason == reason
    assert words in failure.detail


def test_media_types_are_looked_at_before_the_body() -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 100, content_type="video/mp4")

    failure = failed(fetch({"/x": handler}, "/x", only=("text/html",)))
    assert (failure.reason, failure.detail) == (Reason.NOT_TEXT, "content type 'video/mp4'")


def test_sizes_are_bounded_declared_or_not() -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(30):
            await answer.write(b"x" * 1_000)
        return answer

    declared = failed(fetch({"/x": b"x" * 30_000}, "/x", max_bytes=20_000))
    assert declared.reason == Reason.TOO_LARGE
    assert declared.detail == "Content-Length says 30 kB; 20 kB are allowed"
    undeclared = failed(fetch({"/x": stream}, "/x", max_bytes=20_000))
    assert undeclared.reason == Reason.TOO_LARGE
    cut = fetch({"/x": stream}, "/x", max_bytes=20_000, truncate=True)
    assert isinstance(cut, Response)
    assert len(cut.body) == 20_000


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello world", mtime=0)),
        ("gzip", gzip.compress(b"hello ", mtime=0) + gzip.compress(b"world", mtime=0) + b"\0\0"),
        ("deflate", zlib.compress(b"hello world")),
        ("deflate", zlib.compress(b"hello world", wbits=-15)),
        ("identity", b"hello world"),
    ],
)
def test_content_codings(coding: str, packed: bytes) -> None:
    answer = fetch({"/x": coded(coding, packed)}, "/x")
    assert isinstance(answer, Response)
    assert answer.body == b"hello world"


@pytest.mark.parametrize(
    "coding", ["aws-chunked", "UTF-8", "none", "8bit", "windows-1252", "identity, utf-8"]
)
@pytest.mark.parametrize("text", ["<rss>ä</rss>".encode(), '{"a": 1}'.encode("utf-16")])
def test_a_plain_body_under_a_false_label_is_read(coding: str, text: bytes) -> None:
    answer = fetch({"/x": coded(coding, text)}, "/x")
    assert isinstance(answer, Response)
    assert answer.body == text


def test_a_label_that_is_no_coding_beside_a_true_one() -> None:
    answer = fetch({"/x": coded("aws-chunked,gzip", gzip.compress(b"<rss/>"))}, "/x")
    assert isinstance(answer, Response)
    assert answer.body == b"<rss/>"


def test_a_coding_that_was_not_asked_for() -> None:
    failure = failed(fetch({"/x": coded("lzma", b"\x0b\x02\x80hello\x03")}, "/x"))
    assert failure.reason == Reason.PROTOCOL
    assert failure.detail == "content coding 'lzma' was not asked for"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b"hello world", mtime=0)), ("deflate", zlib.compress(b"hello world"))],
)
def test_a_stream_cut_in_its_middle_is_not_whole(coding: str, packed: bytes) -> None:
    for length in (len(packed) // 2, len(packed) - 1):
        failure = failed(fetch({"/x": coded(coding, packed[:length])}, "/x"))
        assert failure.reason == Reason.PROTOCOL
        assert failure.detail == f"the {coding} body was cut off after {length} bytes"


ZEROS = bytes(60_000_000)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("gzip", lambda data: gzip.compress(data[:600_000]) * 100),  # each member within the limit
    ],
)
def test_a_compressed_bomb_is_defused(coding: str, pack: Callable[[bytes], bytes]) -> None:
    failure = failed(fetch({"/x": coded(coding, pack(ZEROS))}, "/x", max_bytes=1_000_000))
    assert failure.reason == Reason.TOO_LARGE
    assert "compressed" in failure.detail


@pytest.mark.parametrize("codings", [("gzip", "gzip"), ("gzip, gzip",), ("deflate", "gzip")])
def test_codings_upon_codings_are_refused(codings: tuple[str, ...]) -> None:
    async def handler(_: web.Request) -> web.Response:
        answer = web.Response(body=gzip.compress(gzip.compress(b"x")), content_type="text/html")
        for coding in codings:
            answer.headers.add("Content-Encoding", coding)
        return answer

    failure = failed(fetch({"/x": handler}, "/x"))
    assert failure.reason == Reason.PROTOCOL
    assert "was not asked for" in failure.detail


def test_a_server_that_never_answers() -> None:
    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    failure = failed(fetch_raw(silence, fetch__timeout=0.3))
    assert (failure.reason, "no complete answer in 0.3 s" in failure.detail) == (
        Reason.TIMEOUT,
        True,
    )


def test_a_server_that_drips() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    failure = failed(fetch_raw(drip, fetch__grace=0.2))
    assert failure.reason == Reason.TOO_SLOW
    assert "a second are needed" in failure.detail


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", Reason.PROTOCOL),
        (b"220 mail.example ESMTP\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", Reason.PROTOCOL),
        (
            b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5_000)) + b"\r\n",
            Reason.PROTOCOL,
        ),
        (b"", Reason.CONNECT),
    ],
)
def test_answers_that_are_no_http(text: bytes, reason: Reason) -> None:
    assert failed(fetch_raw(says(text))).reason == reason


def test_a_reset() -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    assert failed(fetch_raw(reset)).reason == Reason.CONNECT


def test_nothing_past_the_declared_length_is_taken() -> None:
    answer = fetch_raw(says(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nshort"))
    if isinstance(answer, Response):  # the surplus had not arrived yet
        assert answer.body == b"sho"
    else:
        assert answer.reason == Reason.PROTOCOL


def test_loopback_and_odd_ports_are_refused_by_default() -> None:
    async def run() -> list[Response | Failure]:
        async with site({"/x": "secret"}) as port, Client(settings(fetch__allow="")) as client:
            urls = [
                f"http://127.0.0.1:{port}/x",
                "http://127.0.0.1/x",
                "http://a.localhost/x",
                "http://10.1.2.3/",
                "http://[::ffff:127.0.0.1]/",
                "no url",
                "ftp://example.org/",
            ]
            return [await client.get(url) for url in urls]

    failures = [failed(answer) for answer in loop.run(run())]
    assert [f.reason for f in failures] == [Reason.GUARDED] * 5 + [Reason.BAD_URL] * 2
    assert "port" in failures[0].detail
    assert "127.0.0.1, which is a loopback address" in failures[2].detail
    assert not failures[1].attempted


def test_dns_that_turns_private_later_is_refused() -> None:
    answers = [["203.0.113.9"], ["127.0.0.1"], ["127.0.0.1"]]

    async def lookup(_: str, __: int) -> list[str]:
        return answers.pop(0)

    async def run() -> Failure:
        # 203.0.113.0/24 is reserved for documentation, so even the first answer is refused
        async with Client(settings(fetch__allow=""), lookup) as client:
            first = failed(await client.get("http://rebind.example/", robots=False))
            assert "203.0.113.9, which is a reserved address" in first.detail
            return failed(await client.get("http://rebind.example/", robots=False))

    failure = loop.run(run())
    assert failure.reason == Reason.GUARDED
    assert "rebind.example resolves to 127.0.0.1" in failure.detail


def test_names_that_do_not_resolve() -> None:
    async def lookup(_: str, __: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    async def slow(_: str, __: int) -> list[str]:
        await asyncio.sleep(5)
        return []

    async def run() -> None:
        async with Client(settings(), lookup) as client:
            failure = failed(await client.get("http://nowhere.example/"))
            assert failure.reason == Reason.DNS
            assert "Name or service not known" in failure.detail
        async with Client(settings(fetch__connect_timeout=0.1), slow) as client:
            failure = failed(await client.get("http://nowhere.example/"))
            assert "no answer from the name servers in 0.1 s" in failure.detail

    loop.run(run())


def test_a_closed_port() -> None:
    async def run() -> Failure:
        async with site({}) as port:
            pass
        async with Client(settings()) as client:
            return failed(await client.get(f"http://a.localhost:{port}/"))

    assert loop.run(run()).reason == Reason.CONNECT


def test_robots_txt_is_obeyed_at_each_hop() -> None:
    robots = b"User-agent: *\nDisallow: /private\n"
    routes = {"/robots.txt": robots, "/x": redirect("/private/1"), "/private/1": "x"}
    failure = failed(fetch(dict(routes), "/x"))
    assert failure.reason == Reason.ROBOTS
    assert "disallows /private/1" in failure.detail


def test_a_broken_robots_txt_shuts_the_host_for_a_time() -> None:
    failure = failed(fetch({"/robots.txt": status(503), "/x": "x"}, "/x"))
    assert failure.reason == Reason.SERVER_ERROR
    assert "robots.txt answered 503" in failure.detail
    assert failure.retry_after is not None
    assert 1_790 < failure.retry_after <= 1_800
    assert isinstance(fetch({"/robots.txt": status(403), "/x": "x"}, "/x"), Response)


def test_a_host_that_asked_for_time_is_left_alone_at_once() -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=429, headers={"Retry-After": "3600"})

    async def run() -> Failure:
        async with site({"/{n}": handler}) as port, Client(settings()) as client:
            await client.get(f"http://a.localhost:{port}/1", robots=False)
            return failed(await client.get(f"http://a.localhost:{port}/2", robots=False))

    failure = loop.run(run())
    assert asked == ["/1"]
    assert failure.reason == Reason.RATE_LIMITED
    assert not failure.attempted
    assert failure.retry_after is not None
    assert 3590 < failure.retry_after <= 3600


def test_retry_after_reads_seconds_and_dates() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after("Thu, 01 Jan 2026 12:02:00 GMT", now) == 120
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after("", now) is None
    assert retry_after("9" * 400, now) == 7 * 86_400
