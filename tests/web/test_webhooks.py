"""Addresses of webhooks are shown whole only to who may write, by the API and by the pages."""

from __future__ import annotations

import pytest

from tests.web.conftest import Site
from wirewatch.records import Alert, SavedSearch, utc_now

pytestmark = pytest.mark.es

TOKENS = ("pa55word", "T0KEN", "T1KEN")
CHANNELS = ("https://wire:pa55word@hooks.example/T0KEN", "https://other.example?key=T1KEN")
PATHS = (
    "/searches",
    "/alerts",
    "/alerts?search=hooked",
    "/api/v1/searches",
    "/api/v1/searches/hooked",
    "/api/v1/alerts",
)


@pytest.fixture(scope="module", autouse=True)
def hooked(site: Site) -> None:
    """A saved search with webhooks, an alert that one of them has, and one that none took."""
    site.store.searches.create(
        SavedSearch(id="hooked", name="Hooked", query="ferry", channels=CHANNELS, origin="user")
    )
    for name, more in (
        ("sent", {"sent": CHANNELS}),
        ("failed", {"error": f"{CHANNELS[0]}: 404; {CHANNELS[1]}: no answer", "attempts": 1}),
    ):
        alert = Alert(
            id=f"hooked-{name}",
            search_id="hooked",
            search_name="Hooked",
            cluster_id=name,
            story_id=name,
            title=name,
            url="https://news.example/ferry",
            created=utc_now(),
            **more,
        )
        site.store.alerts.create([alert])
    site.store.refresh()


@pytest.mark.parametrize("path", PATHS)
def test_a_reader_does_not_see_what_guards_a_webhook(site: Site, path: str) -> None:
    with site.client("read") as client:
        shown = client.get(path)
    assert shown.status_code == 200
    assert "hooks.example…" in shown.text
    assert not [token for token in TOKENS if token in shown.text]


def test_who_may_write_sees_it(site: Site) -> None:
    with site.client("all") as client:
        for path in ("/searches", "/api/v1/searches/hooked"):
            assert all(token in client.get(path).text for token in TOKENS), path
