"""Every route by every way to be let in: each scope, no key, a revoked one, a session."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from tests.web.conftest import Site
from wirewatch.records import utc_now
from wirewatch.web.app import create_app
from wirewatch.web.security import keys, sessions
from wirewatch.web.security.secret import secret

pytestmark = pytest.mark.es

NONE = "0" * 24  # an id of nothing

# (method, route, request): asked so that a caller who is let in changes nothing.
ROUTES: dict[tuple[str, str], tuple[str, str, dict[str, object] | None]] = {
    ("GET", "/stories"): ("read", "/stories?q=ferry", None),
    ("GET", "/story/{story_id}"): ("read", f"/story/{NONE}", None),
    ("GET", "/cluster/{cluster_id}"): ("read", f"/cluster/{NONE}", None),
    ("GET", "/revisions"): ("read", f"/revisions?story={NONE}", None),
    ("GET", "/counts"): ("read", "/counts?q=ferry", None),
    ("GET", "/terms"): ("read", "/terms?q=ferry", None),
    ("GET", "/export"): ("read", "/export?q=cluster:" + NONE, None),
    ("GET", "/feeds"): ("read", "/feeds?size=1", None),
    ("GET", "/feeds/{feed_id}"): ("read", f"/feeds/{NONE}", None),
    ("GET", "/pages"): ("read", "/pages?size=1", None),
    ("GET", "/searches"): ("read", "/searches?size=1", None),
    ("GET", "/searches/{search_id}"): ("read", "/searches/none", None),
    ("GET", "/alerts"): ("read", "/alerts?size=1", None),
    ("GET", "/channels"): ("read", "/channels?size=1", None),
    ("GET", "/channels/{channel_id}"): ("read", "/channels/none", None),
    ("GET", "/deliveries"): ("read", "/deliveries?size=1", None),
    ("GET", "/runs"): ("read", "/runs?size=1", None),
    ("GET", "/metrics"): ("read", "/metrics", None),
    ("GET", "/health"): ("", "/health", None),
    ("POST", "/searches"): ("write", "/searches", {"id": "x", "name": "X", "query": "("}),
    ("POST", "/preview"): ("write", "/preview", {"name": "X", "query": "("}),
    ("PUT", "/searches/{search_id}"): ("write", "/searches/none", {"name": "X", "query": "a"}),
    ("DELETE", "/searches/{search_id}"): ("write", "/searches/none", None),
    ("POST", "/feeds"): ("operate", "/feeds", {"url": "nowhere"}),
    ("DELETE", "/feeds/{feed_id}"): ("operate", f"/feeds/{NONE}", None),
    ("POST", "/pages/retry"): ("operate", "/pages/retry", {"ids": [NONE]}),
    ("POST", "/channels"): ("operate", "/channels", {"id": "x", "kind": "mail", "address": "x"}),
    ("PUT", "/channels/{channel_id}"): ("operate", "/channels/none", {"name": "X"}),
    ("DELETE", "/channels/{channel_id}"): ("operate", "/channels/none", None),
    ("POST", "/channels/{channel_id}/on"): ("operate", "/channels/none/on", None),
    ("POST", "/channels/{channel_id}/test"): ("operate", "/channels/none/test", None),
    ("POST", "/deliveries/retry"): ("operate", "/deliveries/retry", {"ids": [NONE]}),
}
LET_IN = {200, 400, 404, 422}  # the answer was about the request itself
SCOPES = ("read", "write", "operate")


def ask(client: httpx.Client, route: tuple[str, str], **options: object) -> httpx.Response:
    _, path, body = ROUTES[route]
    return client.request(route[0], f"/api/v1{path}", json=body, **options)  # type: ignore[arg-type]


def test_no_route_is_missing_here(site: Site) -> None:
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in create_app(site.settings, site.store).openapi()["paths"].items()
        for method in operations
    }
    assert described == set(ROUTES)


@pytest.mark.parametrize(("route", "scope"), list(product(ROUTES, SCOPES)), ids=str)
def test_a_key_opens_what_its_scope_names(site: Site, route: tuple[str, str], scope: str) -> None:
    needed = ROUTES[route][0]
    with site.client(scope) as client:
        answer = ask(client, route)
    if needed in (scope, ""):
        assert answer.status_code in LET_IN, answer.text
    else:
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:wirewatch:problem:forbidden"
        assert answer.json()["scope"] == needed


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_without_a_key_nothing_is_open_but_health(site: Site, route: tuple[str, str]) -> None:
    with site.client() as client:
        answer = ask(client, route)
    if ROUTES[route][0]:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:wirewatch:problem:no-key"
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_the_link_opens_what_can_be_read(
    linked: tuple[httpx.Client, str], route: tuple[str, str]
) -> None:
    client, token = linked
    answer = ask(client, route, headers={"X-CSRF-Token": token})
    if ROUTES[route][0] in ("read", ""):
        assert answer.status_code in LET_IN, answer.text
    else:
        assert answer.status_code == 403


@pytest.fixture(scope="module")
def useless(site: Site) -> dict[str, str]:
    """Keys that open nothing, by what is wrong with them."""
    revoked = site.add_key("revoked", *SCOPES)
    site.store.keys.revoke(revoked.id, utc_now())
    written, expired = keys.make("expired", SCOPES, utc_now())
    from wirewatch.records import replace

    site.store.keys.create(replace(expired, expires=utc_now()))
    right = site.keys["all"]
    return {
        "revoked": site.keys["revoked"],
        "expired": written,
        "another secret": right[:-4] + ("AAAA" if right[-4:] != "AAAA" else "BBBB"),
        "another id": right[:3] + "0" * 16 + right[19:],
        "no key": "hunter2",
    }


WRONG = ("revoked", "expired", "another secret", "another id", "no key")


@pytest.mark.parametrize(("route", "wrong"), list(product(ROUTES, WRONG)), ids=str)
def test_a_key_without_effect_opens_nothing(
    site: Site, useless: dict[str, str], route: tuple[str, str], wrong: str
) -> None:
    header = {"Authorization": f"Bearer {useless[wrong]}"}
    with httpx.Client(base_url=site.url, headers=header, timeout=60) as client:
        answer = ask(client, route)
    assert answer.status_code == (401 if ROUTES[route][0] else 200)


@pytest.fixture(scope="module")
def linked(site: Site) -> Iterator[tuple[httpx.Client, str]]:
    """A browser that followed the link, and the token that its forms have."""
    with httpx.Client(base_url=site.url, timeout=60) as client:
        assert client.get(site.link).status_code == 303
        yield client, form_token(site, client)


def form_token(site: Site, client: httpx.Client) -> str:
    whole = secret(site.settings)
    session = sessions.unseal(client.cookies[sessions.COOKIE], whole, utc_now())
    assert session
    return sessions.csrf_token(session.id, whole)


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[httpx.Client]:
    """A browser that is logged in with a key of all scopes."""
    with httpx.Client(base_url=site.url, timeout=60) as client:
        assert client.post("/login", data={"key": site.keys["all"]}).status_code == 303
        yield client


@pytest.fixture(scope="module")
def token(site: Site, browser: httpx.Client) -> str:
    """The token that the forms of its session have."""
    return form_token(site, browser)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_session_needs_its_token_to_change_anything(
    browser: httpx.Client, token: str, route: tuple[str, str]
) -> None:
    safe = route[0] == "GET"
    bare = ask(browser, route)
    assert bare.status_code in LET_IN if safe else bare.status_code == 403
    if not safe:
        assert bare.json()["type"] == "urn:wirewatch:problem:csrf"
        forged = ask(browser, route, headers={"X-CSRF-Token": "0" * 64})
        assert forged.status_code == 403
        foreign = {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"}
        assert ask(browser, route, headers=foreign).status_code == 403
        good = ask(browser, route, headers={"X-CSRF-Token": token})
        assert good.status_code in LET_IN, good.text
