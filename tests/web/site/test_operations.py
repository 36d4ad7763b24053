"""The page of operations: what it shows, and the buttons that queue again what was given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests import makers
from tests.upkeep.worn import put
from tests.web.conftest import UNLIMITED, Site, served
from tests.web.site.conftest import window
from wirewatch.records import (
    Delivery,
    DeliveryState,
    FeedState,
    Host,
    PageStatus,
    Reason,
    Run,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store

pytestmark = pytest.mark.es


@pytest.fixture
def worn(store: Store, options: Settings) -> Iterator[Site]:
    """An installation with troubles, under an app of its own."""
    now = utc_now()
    hour = timedelta(hours=1)
    pages = [
        makers.page(f"http://h{n}.example/{n}", discovered=now, status=status, reason=reason)
        for n, (status, reason) in enumerate(
            [
                (PageStatus.INDEXED, None),
                (PageStatus.INDEXED, None),
                (PageStatus.REJECTED, Reason.PAYWALL),
                (PageStatus.DEAD, Reason.DNS),
                (PageStatus.RETRY, Reason.TIMEOUT),
            ]
        )
    ]
    put(store, "pages", *pages)
    problems = ("tag failed: a rule is wrong",)
    run = Run(id="r", kind="ingest", state="failed", started=now - hour, problems=problems)
    put(store, "runs", run)
    put(store, "hosts", Host(id="slow.example", seconds=31.4))
    dead = Delivery(
        id="d", search_id="s", channel="log", state=DeliveryState.DEAD, created=now,
        next_try=now - hour, error="<b>no</b>",
    )  # fmt: skip
    put(store, "deliveries", dead)
    quiet = makers.feed(
        "http://q.example/f", outlet="The <i>Quiet</i> Gazette", state=FeedState.SILENT,
        note="silent since Monday", last_poll=now, last_success=now,
    )  # fmt: skip
    put(store, "feeds", quiet)
    given = options.with_options(disk__reserve=0, **UNLIMITED)
    with served(given, store) as url:
        made = Site(url, store, given)
        made.add_key("all", "read", "write", "operate")
        made.add_key("read", "read")
        yield made


def test_it_shows_how_the_installation_stands(worn: Site) -> None:
    with worn.client("all") as client:
        text = client.get("/operations").text
    assert "2 troubles now" in text
    assert "failed: tag failed: a rule is wrong." in text
    assert "Messages given up: 1 (log: 1)." in text
    assert "The &lt;i&gt;Quiet&lt;/i&gt; Gazette" in text and "<i>" not in text
    for words in ("rejected: paywall", "dead: dns", "retry: timeout", "slow.example", "31.4"):
        assert words in text, words


def test_it_is_for_readers_and_its_buttons_for_operators(worn: Site) -> None:
    with worn.client() as client:
        assert client.get("/operations").status_code == 401
    with worn.client("read") as client:
        page = client.get("/operations")
        assert page.status_code == 200 and "<button" not in page.text.partition("<main")[2]
        for path, body in (("messages", {"channel": "log"}), ("pages", {"reason": "dns"})):
            assert client.post(f"/operations/{path}", data=body).status_code == 403
    with worn.client("all") as client:
        assert client.post("/operations/pages", data={"reason": "nonsense"}).status_code == 400


def test_what_was_given_up_is_queued_again_by_keyboard_and_without_a_script(
    worn: Site, browser: Browser
) -> None:
    key = {"Authorization": f"Bearer {worn.keys['all']}"}
    with window(browser, worn.url, java_script_enabled=False, extra_http_headers=key) as watched:
        page = watched.page
        page.goto("/operations")
        for name in ("Send again to log", "Try again: dns"):
            page.get_by_role("button", name=name).focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("status")).to_have_text("1 queued again.")
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        assert watched.wrong == []
    found = worn.store.deliveries.read("d")
    assert found is not None and found[0].state == DeliveryState.PENDING


def test_the_health_route_says_what_is_wrong_and_names_nothing(worn: Site) -> None:
    with worn.client() as client:
        answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "degraded"
    assert told["reasons"] == ["the newest run failed", "messages were given up"]
