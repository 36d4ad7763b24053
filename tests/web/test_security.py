"""Who is let in: keys, limits, secrets, names, proxies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from tests.web.conftest import Site
from wirewatch.local.paths import Trouble
from wirewatch.records import to_json, utc_now
from wirewatch.settings import BadOptions, Settings, load
from wirewatch.web.security import hosts, keys, limits
from wirewatch.web.security.identity import key_from
from wirewatch.web.security.secret import secret


def test_a_key_is_kept_as_a_hash() -> None:
    written, key = keys.make("Ada", ["write", "read"], utc_now())
    other, _ = keys.make("Ada", ["read"], utc_now())
    parts = keys.parts(written)
    assert parts
    assert written != other
    assert parts[0] == key.id
    assert parts[1].encode() not in to_json(key)
    assert keys.fits(key, parts[1])
    assert not keys.fits(key, parts[1][:-1] + ("a" if parts[1][-1] != "a" else "b"))
    assert key.scopes == ("read", "write")
    assert key.live(utc_now())


@pytest.mark.parametrize(
    ("name", "scopes"),
    [("", ["read"]), ("x" * 101, ["read"]), ("a\nb", ["read"]), ("a", ["admin"]), ("a", [])],
)
def test_no_key_is_made_of_nonsense(name: str, scopes: list[str]) -> None:
    with pytest.raises(keys.BadKey):
        keys.make(name, scopes, utc_now())


def test_no_key_is_made_that_has_expired() -> None:
    with pytest.raises(keys.BadKey, match="expired"):
        keys.make("a", ["read"], utc_now(), expires=utc_now() - timedelta(days=1))


@pytest.mark.parametrize("written", ["", "ww_", "ww_x_y", "Bearer", "ww_" + "0" * 16, "é" * 64])
def test_what_is_no_key(written: str) -> None:
    assert keys.parts(written) is None


def test_keys_come_in_headers() -> None:
    assert key_from("Bearer  abc ") == "abc"
    assert key_from("bearer abc") == "abc"
    assert key_from("Basic YWRhOnd3X3g=") == "ww_x"
    for wrong in ("", "Digest x", "Basic !!!", "Basic /w==", "Bearer"):
        assert key_from(wrong) == ""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_at_its_rate() -> None:
    clock = Clock()
    limiter = limits.Limiter(rate=60, burst=3, clock=clock)
    assert [limiter.take("a").allowed for _ in range(4)] == [True, True, True, False]
    assert limiter.take("b").allowed
    refused = limiter.take("a")
    assert refused.wait == pytest.approx(1)
    assert refused.headers()["Retry-After"] == "1"
    clock.now += 1
    assert [limiter.take("a").allowed for _ in range(2)] == [True, False]
    clock.now += 3_600
    assert [limiter.take("a").allowed for _ in range(4)] == [True, True, True, False]


def test_a_key_has_a_rate_of_its_own() -> None:
    clock = Clock()
    limiter = limits.Limiter(rate=60, burst=10, clock=clock)
    assert [limiter.take("a", 2).allowed for _ in range(3)] == [True, True, False]
    clock.now += 30
    assert limiter.take("a", 2).allowed


def test_many_strangers_do_not_fill_the_memory() -> None:
    limiter = limits.Limiter(rate=1, burst=1, clock=Clock())
    for number in range(limits.REMEMBERED + 100):
        limiter.take(str(number))
    assert len(limiter._buckets) == limits.REMEMBERED


def test_processes_that_start_at_once_share_one_secret(tmp_path) -> None:
    settings = load({}).with_options(local__folder=str(tmp_path))
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(secret(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["web.secret"]
    assert (tmp_path / "web.secret").stat().st_mode & 0o777 == 0o600
    (tmp_path / "web.secret").write_text("short")
    with pytest.raises(Trouble, match="damaged"):
        secret(settings)


def test_a_given_secret_is_long_enough(tmp_path) -> None:
    settings = load({}).with_options(web__secret="x" * 32, local__folder=str(tmp_path))
    assert secret(settings) == b"x" * 32
    assert not list(tmp_path.iterdir())
    with pytest.raises(BadOptions):
        settings.with_options(web__secret="short")


def test_names() -> None:
    names = frozenset({"news.example"})
    for good in (
        "localhost",
        "localhost:80",
        "127.0.0.1:1",
        "[::1]:80",
        "10.0.0.1",
        "NEWS.example:1",
    ):
        assert hosts.known(good, names), good
    for bad in (
        "",
        "evil.example",
        "news.example.evil.example",
        "a@localhost",
        "::1",
        "[x]",
        "a:b",
    ):
        assert not hosts.known(bad, names), bad
    assert hosts.is_loopback("127.8.9.1")
    assert hosts.is_loopback("::1")
    assert not hosts.is_loopback("0.0.0.0")
    assert not hosts.is_loopback("localhost.evil.example")


@pytest.mark.es
def test_every_answer_has_the_headers(site: Site) -> None:
    with site.client("read") as client:
        answers = [
            client.get(path, headers=headers)
            for path in ("/api/v1/stories", "/api/v1/nothing", "/nothing", "/api/v1/stories?x=1")
            for headers in ({}, {"Host": "evil.example"})
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.es
def test_what_a_proxy_says_is_believed_of_a_known_one_only(
    web_settings: Settings, serve: Callable[[Settings], str], site: Site
) -> None:
    path = "/api/v1/stories"
    behind = serve(web_settings.with_options(web__proxies="127.0.0.1", web__rate=2, web__burst=2))
    with httpx.Client(base_url=behind, timeout=60) as client:
        for said in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "127.0.0.1", "::1"):
            answer = client.get(path, headers={"X-Forwarded-For": said})
            assert answer.status_code == 401, said  # each counted for itself


@pytest.mark.es
def test_servers_share_sessions_and_cursors(
    web_settings: Settings, serve: Callable[[Settings], str], site: Site
) -> None:
    """Both read their secret from one folder."""
    other = serve(web_settings)
    with site.client("read") as client:
        asked = {"q": "ferry", "size": 3, "collapse": "none"}
        first = client.get("/api/v1/stories", params={**asked, "paged": True}).json()
        second = client.get(
            f"{other}/api/v1/stories", params={**asked, "cursor": first["cursor"]}
        ).json()
        ids = {hit["story"]["id"] for page in (first, second) for hit in page["hits"]}
        assert len(ids) == 6
