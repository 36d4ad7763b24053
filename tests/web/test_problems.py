"""Every way to go wrong has its own clear answer, and nothing hangs."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Site
from wirewatch.search import cursor as cursors
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.web.app import create_app
from wirewatch.web.security.secret import secret

pytestmark = pytest.mark.es

KIND = "urn:wirewatch:problem:"


def wrong(site: Site, path: str, **parameters: Any) -> dict[str, Any]:
    """The problem that the answer is."""
    with site.client("read") as client:
        return problem(client.get(f"/api/v1{path}", params=parameters))


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    assert "nosniff" in answer.headers["x-content-type-options"]
    return told


@pytest.mark.parametrize(
    ("query", "column", "expected"),
    [
        ("(ferry", 7, "closing bracket"),
        ("ferry AND", 10, "a word"),
        ("colour:red ferry", 1, "title"),
        ("lang:english", 6, "tag such as en"),
        ("published:2026-13-01", 11, ""),
        ("a published:yesterday", 13, ""),
        ("@nothing", 1, ""),
        ("el*", 1, ""),
    ],
)
def test_a_query_that_cannot_be_parsed(site: Site, query: str, column: int, expected: str) -> None:
    for path in ("/stories", "/counts", "/terms", "/export"):
        told = wrong(site, path, q=query)
        assert (told["type"], told["status"]) == (KIND + "bad-query", 400)
        assert told["column"] == column
        assert expected in told["expected"]
        assert f"column {column}" in told["detail"]


def test_ten_thousand_terms(site: Site) -> None:
    # httpx refuses to send so long an address itself.
    query = "+".join(f"word{n}" for n in range(10_000))
    host, port = site.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    headers = {"Host": "localhost", "Authorization": f"Bearer {site.keys['read']}"}
    connection.request("GET", f"/api/v1/stories?q={query}", headers=headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    assert (answer.status, told["type"]) == (400, KIND + "bad-query")
    assert "characters" in told["detail"]
    short = wrong(site, "/stories", q=" ".join(f"w{n}" for n in range(1_500)))
    assert "200" in short["detail"] + short["expected"]


def test_an_unknown_parameter_is_named(site: Site) -> None:
    told = wrong(site, "/stories", q="a", qq="b")
    assert (told["type"], told["parameter"]) == (KIND + "unknown-parameter", "qq")
    assert "collapse" in told["detail"]  # what there is
    told = wrong(site, "/stories", q=["a", "b"])
    assert (told["type"], told["parameter"]) == (KIND + "bad-parameter", "q")


def test_every_operation_says_which_parameters_it_has(site: Site) -> None:
    described = create_app(site.settings, site.store).openapi()["paths"]
    with site.client("all") as client:
        for path, operations in described.items():
            address = path.format(story_id="0" * 24, cluster_id="0" * 24, feed_id="0" * 24,
                                  search_id="nothing", channel_id="nothing")  # fmt: skip
            for method, operation in operations.items():
                body = {} if "requestBody" in operation else None
                answer = client.request(method, address, params={"colour": "red"}, json=body)
                told = problem(answer)
                assert (told["status"], told["parameter"]) == (400, "colour"), (method, path)
                names = [
                    one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
                ]
                known = f"; there are {', '.join(sorted(names))}" if names else ""
                assert told["detail"] == f"there is no parameter 'colour' here{known}"


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/stories", {"size": 0}),
        ("/stories", {"size": "many"}),
        ("/stories", {"sort": "oldest"}),
        ("/stories", {"facet": "text"}),
        ("/counts", {"time_zone": "Moon/Crater"}),
        ("/counts", {"q": ["a"] * 6}),
        ("/revisions", {"story": "../../wirewatch-keys"}),
        ("/export", {"q": "a", "format": "docx"}),
        ("/story/..%2F..%2Fwirewatch-keys", {}),
    ],
)
def test_a_wrong_parameter(site: Site, path: str, parameters: dict[str, Any]) -> None:
    told = wrong(site, path, **parameters)
    assert told["type"] in (KIND + "bad-parameter", KIND + "not-found")


def test_a_changed_cursor_and_one_of_another_search(site: Site) -> None:
    with site.client("read") as client:
        first = client.get("/api/v1/stories", params={"paged": True, "size": 5}).json()
    cursor = first["cursor"]
    other = "A" if cursor[40] != "A" else "B"
    changed = wrong(site, "/stories", cursor=cursor[:40] + other + cursor[41:])
    assert (changed["type"], changed["status"]) == (KIND + "bad-cursor", 400)
    assert "another search" in wrong(site, "/stories", cursor=cursor, q="ferry")["detail"]
    assert wrong(site, "/pages", cursor=cursor)["type"] == KIND + "bad-cursor"


def test_an_expired_cursor(site: Site) -> None:
    with site.client("read") as client:
        cursor = client.get("/api/v1/stories", params={"paged": True, "size": 5}).json()["cursor"]
    pit = cursors.unseal(cursor, secret(site.settings), cursors.Cursor).pit
    site.store.es.close_point_in_time(id=pit)  # as its keep-alive does
    told = wrong(site, "/stories", cursor=cursor, size=5)
    assert (told["type"], told["status"]) == (KIND + "expired-cursor", 410)


def test_what_is_not_there(site: Site) -> None:
    nothing = "0" * 24
    for path in (f"/story/{nothing}", f"/cluster/{nothing}", f"/feeds/{nothing}",
                 "/searches/nothing", "/nothing"):  # fmt: skip
        assert wrong(site, path)["type"] == KIND + "not-found"
    assert wrong(site, "/revisions", story=nothing)["type"] == KIND + "not-found"


def test_a_method_that_there_is_not(site: Site) -> None:
    with site.client("all") as client:
        answer = client.post("/api/v1/stories")
        assert problem(answer)["status"] == 405
        assert answer.headers["allow"] == "GET"
        assert client.patch("/api/v1/searches/x").headers["allow"] == "DELETE, GET, PUT"


def test_bodies(site: Site) -> None:
    with site.client("write") as client:
        for body in (b"{", b"[]", b"\xff", b"", b'{"id": 3}'):
            answer = client.post(
                "/api/v1/searches", content=body, headers={"Content-Type": "application/json"}
            )
            assert problem(answer)["type"] == KIND + "bad-body"
        large = b'"' + b"x" * 1_000_001 + b'"'
        assert problem(client.post("/api/v1/searches", content=large))["status"] == 413
        # Without its length announced it is cut off when it is too long.
        parts = (b"x" * 100_000 for _ in range(20))
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/v1/searches", content=parts, headers=headers)
        assert problem(answer)["status"] == 413


def test_a_name_that_is_not_ours(site: Site) -> None:
    with site.client("read") as client:
        for host in ("evil.example", "evil.example:80", "localhost.evil.example", "", "a b", "::1"):
            answer = client.get("/api/v1/stories", headers={"Host": host})
            assert answer.status_code in (400, 421), host
        for host in ("localhost", "LOCALHOST:8790", "127.0.0.1", "[::1]:8790", "192.0.2.1"):
            assert client.get("/api/v1/health", headers={"Host": host}).status_code == 200


def test_too_many_requests(site: Site) -> None:
    site.add_key("slow", "read", rate=2)
    with site.client("slow") as client:
        answers = [client.get("/api/v1/searches") for _ in range(4)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    last = answers[-1]
    assert problem(last)["type"] == KIND + "too-many"
    assert 1 <= int(last.headers["retry-after"]) <= 30
    assert last.headers["ratelimit-limit"] == "2"
    assert last.headers["ratelimit-remaining"] == "0"
    assert answers[0].headers["ratelimit-remaining"] == "1"


def test_elasticsearch_is_away(web_settings: Settings, serve: Callable[[Settings], str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    url = serve(web_settings.with_options(elasticsearch__url=address))
    with httpx.Client(base_url=url, timeout=60) as client:
        for path in ("/health", "/stories", "/counts", "/export?q=a", "/feeds", "/metrics"):
            answer = client.get(f"/api/v1{path}")
            told = problem(answer)
            assert (told["type"], told["status"]) == (KIND + "unavailable", 503)
            assert answer.headers["retry-after"]
            assert address not in answer.text  # strangers need not know where it is
        # Also where it is needed to know who asks.
        key = {"Authorization": "Bearer ww_" + "0" * 16 + "_" + "A" * 43}
        assert problem(client.get("/api/v1/stories", headers=key))["status"] == 503


def test_indices_of_another_version(
    es_url: str, es_prefix: str, web_settings: Settings, serve: Callable[[Settings], str]
) -> None:
    own = web_settings.with_options(elasticsearch__url=es_url, elasticsearch__prefix=es_prefix)
    with connect(own) as store:
        store.es.indices.delete(index=f"{es_prefix}-runs-000001")
        store.es.indices.create(
            index=f"{es_prefix}-runs", mappings={"properties": {"state": {"type": "text"}}}
        )
    answer = httpx.get(f"{serve(own)}/api/v1/runs", timeout=60)
    told = problem(answer)
    assert (told["type"], told["status"]) == (KIND + "other-mapping", 503)
    assert "wirewatch index migrate" in told["detail"]
    assert "retry-after" not in answer.headers  # it does not mend itself


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of a server that takes every connection and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for one in held:
            one.close()


def test_elasticsearch_says_nothing(
    web_settings: Settings, serve: Callable[[Settings], str], mute: str
) -> None:
    patient = web_settings.with_options(elasticsearch__url=mute, elasticsearch__timeout=1)
    with httpx.Client(base_url=serve(patient), timeout=60) as client:
        assert problem(client.get("/api/v1/stories"))["status"] in (503, 504)


def test_a_search_that_takes_too_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = site.store.es.search

    def slow(**asked: Any) -> Any:
        answer = real(**asked)
        answer.body["timed_out"] = True  # what the server says when it gave up
        return answer

    monkeypatch.setattr(site.store.es, "search", slow)
    told = wrong(site, "/stories", q="ferry")
    assert (told["type"], told["status"]) == (KIND + "too-slow", 504)
    assert "fewer" in told["detail"]


def test_a_mistake_of_ours_tells_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> Any:
        raise ZeroDivisionError("the secret is 4711")

    monkeypatch.setattr(site.store.es, "search", broken)
    told = wrong(site, "/stories", q="ferry")
    assert (told["type"], told["status"]) == (KIND + "failed", 500)
    assert "4711" not in str(told)


MARKS = ("AND", "OR", "NOT", "(", ")", '"', "title:", "published:", "2026", "..", "@water", "*",
         "~5", "-", "\\", "ele*", "flood", "é", "洪水", "\u202e", "\x00", "lang:en")  # fmt: skip


@pytest.fixture(scope="module")
def reader(site: Site) -> Iterator[httpx.Client]:
    with site.client("read") as client:
        yield client


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(MARKS), max_size=12).map("".join),
                 st.lists(st.sampled_from(MARKS), max_size=12).map(" ".join)))  # fmt: skip
@settings(max_examples=200, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
def test_any_string_gives_results_or_a_clear_error(reader: httpx.Client, query: str) -> None:
    sent = query.encode("utf-8", "replace").decode()
    answer = reader.get("/api/v1/stories", params={"q": sent, "size": 1})
    if answer.status_code != 200:
        told = problem(answer)
        assert told["type"] == KIND + "bad-query"
        assert 1 <= told["column"] <= len(sent) + 1
