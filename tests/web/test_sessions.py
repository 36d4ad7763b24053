"""Logging in and out as browsers do."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.web.conftest import Site
from wirewatch.records import Key, replace, utc_now
from wirewatch.web.app import create_app
from wirewatch.web.context import Caller
from wirewatch.web.security import login, sessions

pytestmark = pytest.mark.es

SECRET = b"s" * 32


def browser(site: Site) -> httpx.Client:
    return httpx.Client(base_url=site.url, timeout=60)


def test_a_login_opens_what_the_key_opens(site: Site) -> None:
    with browser(site) as client:
        assert client.get("/api/v1/stories").status_code == 401
        answer = client.post("/login", data={"key": site.keys["read"], "next": "/trends?q=a"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/trends?q=a")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/;" in cookie
        assert "secure" not in cookie  # there is no https on loopback
        assert site.keys["read"] not in cookie
        assert client.get("/api/v1/stories").status_code == 200


def test_a_wrong_key_leads_back_to_the_form(site: Site) -> None:
    with browser(site) as client:
        for wrong in ("hunter2", "", site.keys["read"] + "x"):
            answer = client.post("/login", data={"key": wrong, "next": "/trends"})
            assert answer.status_code in (303, 422)
            assert "set-cookie" not in answer.headers
        assert answer.headers["location"] == "/login?next=%2Ftrends&wrong=key"
        assert client.get("/api/v1/stories").status_code == 401


def test_another_site_cannot_log_somebody_in(site: Site) -> None:
    with browser(site) as client:
        answer = client.post(
            "/login",
            data={"key": site.keys["read"]},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_logout_ends_the_session_of_whoever_copied_the_cookie(site: Site) -> None:
    with browser(site) as client, browser(site) as thief:
        client.post("/login", data={"key": site.keys["read"]})
        thief.cookies = client.cookies
        guards = create_app(site.settings, site.store).state.guards
        session = sessions.unseal(client.cookies[sessions.COOKIE], guards.secret, utc_now())
        assert session
        token = sessions.csrf_token(session.id, guards.secret)
        assert client.post("/logout").status_code == 403  # an image on a page could do that
        assert thief.get("/api/v1/stories").status_code == 200
        answer = client.post("/logout", data={"csrf": token})
        assert answer.status_code == 303
        assert sessions.COOKIE not in client.cookies
        assert thief.get("/api/v1/stories").status_code == 401


def test_a_revoked_key_ends_its_sessions(site: Site) -> None:
    key = site.add_key("short", "read")
    with browser(site) as client:
        client.post("/login", data={"key": site.keys["short"]})
        assert client.get("/api/v1/stories").status_code == 200
        site.store.keys.revoke(key.id, utc_now())
        assert client.get("/api/v1/stories").status_code == 401


KEY = Key(id="0123456789abcdef", name="k", hash="", created=utc_now())


def test_a_session_expires_and_does_not_outlive_its_key() -> None:
    now = utc_now()
    session = sessions.begin(KEY, now, 12)
    sealed = sessions.seal(session, SECRET)
    assert sessions.unseal(sealed, SECRET, now) == session
    assert sessions.unseal(sealed, SECRET, now + timedelta(hours=12)) is None
    ending = replace(KEY, expires=now + timedelta(hours=1))
    assert sessions.begin(ending, now, 12).expires == ending.expires


def test_no_changed_cookie_is_a_session() -> None:
    sealed = sessions.seal(sessions.begin(KEY, utc_now(), 12), SECRET)
    assert sessions.unseal(sealed, b"t" * 32, utc_now()) is None
    for at in range(len(sealed) - 1):  # the last digit's low bits may be of no byte
        other = "A" if sealed[at] != "A" else "B"
        assert sessions.unseal(sealed[:at] + other + sealed[at + 1 :], SECRET, utc_now()) is None
    for wrong in ("", "é", "=" * 2_000, "A" * 100):
        assert sessions.unseal(wrong, SECRET, utc_now()) is None


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        " //evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/x\r\nSet-Cookie: a=b",
        "/" + "x" * 20_000,
    ],
)
def test_a_login_goes_on_nowhere_else(site: Site, wanted: str) -> None:
    assert login.own_path(wanted) == "/"
    with browser(site) as client:
        answer = client.post("/login", data={"key": site.keys["read"], "next": wanted})
    assert answer.headers["location"] == "/"


def test_own_paths_are_gone_on_to() -> None:
    for path in ("/", "/story/1", "/?q=a%20b&sort=newest", "/trends#top"):
        assert login.own_path(path) == path


@pytest.fixture
def mounted(site: Site) -> TestClient:
    """The app inside another one, which knows its own users."""

    def host_login(request: object) -> Caller | None:
        user = request.headers.get("x-user")  # type: ignore[attr-defined]
        return Caller(name=user, scopes=frozenset({"read", "write"})) if user else None

    host = FastAPI()
    host.mount("/wirewatch", create_app(site.settings, site.store, host_login=host_login))
    return TestClient(host, base_url="http://airflow.example", follow_redirects=False)


def test_a_host_application_says_who_asks(site: Site, mounted: TestClient) -> None:
    path = "/wirewatch/api/v1/stories"
    assert mounted.get(path).status_code == 401
    ours = {"Authorization": f"Bearer {site.keys['read']}"}
    assert mounted.get(path, headers=ours).status_code == 401  # keys are not its business
    answer = mounted.get(path, headers={"X-User": "ada"})
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    described = mounted.get("/wirewatch/api/v1/openapi.json").json()
    assert described["servers"] == [{"url": "/wirewatch"}]


def test_a_host_applications_users_need_a_token_too(site: Site, mounted: TestClient) -> None:
    path = "/wirewatch/api/v1/searches/none"
    user = {"X-User": "ada"}
    assert mounted.delete(path, headers=user).json()["type"].endswith(":csrf")
    guards = create_app(site.settings, site.store).state.guards
    token = sessions.csrf_token("host:ada", guards.secret)
    assert mounted.delete(path, headers={**user, "X-CSRF-Token": token}).status_code == 404
    other = sessions.csrf_token("host:bob", guards.secret)
    assert mounted.delete(path, headers={**user, "X-CSRF-Token": other}).status_code == 403
    assert mounted.post("/wirewatch/login", data={"key": site.keys["read"]}).status_code == 404
