"""Saved searches, alerts, the login, and pages for operators: what is written, and who may."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Site
from tests.web.site.conftest import Opened
from wirewatch.records import Every, PageStatus

pytestmark = pytest.mark.es


def log_in(page: Page, site: Site, key: str) -> None:
    page.goto("/login?next=/searches")
    page.get_by_label("Key", exact=True).fill(site.keys[key])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/searches")


def test_a_search_is_saved_changed_and_deleted(look: Opened, site: Site) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto("/?q=strike&topic=labour")
    page.get_by_role("link", name="Save this search").click()
    expect(page.get_by_label("Query", exact=True)).to_have_value("strike topic:labour")
    page.get_by_label("Name", exact=True).fill("Ferries <b>and</b> labour")
    page.get_by_label("Id").fill("ferries")
    page.get_by_role("button", name="Save").click()
    line = page.locator(".saved li", has_text="@ferries")
    expect(line).to_contain_text("Ferries <b>and</b> labour")
    line.get_by_role("link", name="edit").click()
    page.get_by_label("Query", exact=True).fill("ferry (labour")
    page.get_by_text("Quiet hours, limits, end").click()
    page.get_by_label("Most alerts an hour").fill("a few")
    page.get_by_role("button", name="Save").click()
    wrong = page.get_by_role("alert")
    expect(wrong).to_contain_text("'a few' is not a whole number")
    page.get_by_label("Most alerts an hour").fill("12")
    page.get_by_role("button", name="Save").click()
    expect(wrong).to_contain_text("Column 14".casefold())
    expect(page.get_by_label("Query", exact=True)).to_have_value(
        "ferry (labour"
    )  # nothing typed is lost
    page.get_by_label("Query", exact=True).fill("ferry labour")
    page.get_by_label("How often").select_option("daily")
    page.get_by_label("at", exact=True).select_option("18")
    page.get_by_label("of", exact=True).fill("Asia/Kolkata")
    page.get_by_label("Tell when more outlets print what was told").check()
    page.get_by_label("On: raises alerts").uncheck()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/searches")
    kept = site.store.searches.read("ferries")
    assert kept is not None
    assert (kept[0].query, kept[0].enabled, kept[0].origin) == ("ferry labour", False, "user")
    assert (kept[0].every, kept[0].hour, kept[0].zone) == (Every.DAY, 18, "Asia/Kolkata")
    assert (kept[0].cap, kept[0].updates, kept[0].channels) == (12, True, ("log",))
    page.locator(".saved li", has_text="@ferries").get_by_role("link", name="edit").click()
    page.get_by_text("Delete this search").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator(".saved")).not_to_contain_text("@ferries")
    assert "ferries" not in {one.id for one in site.store.searches.all()}


def test_a_preview_shows_what_would_have_come_and_keeps_nothing(look: Opened, site: Site) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto("/searches/new?query=strike")
    page.get_by_role("button", name="Preview the last 7 days").click()
    shown = page.locator(".preview")
    expect(shown).to_contain_text("It would have raised")
    assert 7 <= shown.locator(".bars tbody tr").count() <= 8
    expect(page.get_by_label("Query", exact=True)).to_have_value("strike")
    page.get_by_label("Query", exact=True).fill("strike (")
    page.get_by_role("button", name="Preview the last 7 days").click()
    expect(page.get_by_role("alert")).to_contain_text("column")
    assert site.store.searches.read("preview") is None


def test_one_kept_in_a_file_is_not_changed_here(look: Opened, site: Site) -> None:
    page = look().page
    log_in(page, site, "all")
    line = page.locator(".saved li", has_text="@labour-disputes")
    expect(line).to_contain_text("kept in a file")
    assert line.get_by_role("link", name="edit").count() == 0
    answer = page.goto("/searches/labour-disputes")
    assert answer is not None and answer.status == 409


def test_without_the_forms_token_nothing_is_written(site: Site) -> None:
    values = {"id": "forged", "name": "Forged", "query": "ferry"}
    with httpx.Client(base_url=site.url) as browser:
        browser.post("/login", data={"key": site.keys["all"]})
        for given in ({}, {"csrf": "0" * 64}):
            answer = browser.post("/searches", data={**values, **given})
            assert answer.status_code == 403
        assert browser.post("/searches/labour-disputes/delete").status_code == 403
        assert browser.post("/pages/retry", data={"page_id": "x"}).status_code == 403
    assert site.store.searches.read("forged") is None
    assert site.store.searches.read("labour-disputes") is not None


def test_readers_do_not_write_and_strangers_do_not_read(look: Opened, site: Site) -> None:
    page = look().page
    log_in(page, site, "read")
    assert page.get_by_role("link", name="New search").count() == 0
    answer = page.goto("/searches/new")
    assert answer is not None and answer.status == 403
    with httpx.Client(base_url=site.url, headers={"accept": "text/html"}) as stranger:
        for path in ("/", "/story/x", "/sources", "/searches", "/alerts", "/runs", "/pages?a=1"):
            answer = stranger.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login?next=/"), path
        form = stranger.get("/login?next=//evil.example/").text
        assert 'name="next" value="/"' in form


def test_a_wrong_key_is_told_and_the_way_is_kept(look: Opened, site: Site) -> None:
    page = look(linked=False).page
    page.goto("/?q=ferry&sort=relevance")
    page.wait_for_url("**/login**")
    page.get_by_label("Key", exact=True).fill("ww_nonsense")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("Key", exact=True).fill(site.keys["read"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/?q=ferry&sort=relevance")
    page.get_by_role("button", name="Log out").click()
    page.goto("/")
    page.wait_for_url("**/login**")


def test_alerts_lead_to_their_stories(look: Opened, site: Site) -> None:
    page = look().page
    page.goto("/alerts")
    alert = next(iter(site.store.alerts.all()))
    rows = page.locator(".alerts li")
    assert rows.count() == site.store.alerts.count()
    page.goto(f"/alerts?search={alert.search_id}")
    assert 0 < rows.count() <= site.store.alerts.count()
    rows.first.locator("h2 a").click()
    expect(page.locator(".tale").first).to_be_visible()


def test_every_page_that_was_not_taken_says_why_and_is_tried_again(
    look: Opened, site: Site
) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto("/runs")
    counts = site.store.pages.count()
    for reason, number in counts["rejected"].items():
        link = page.get_by_role("link", name=reason.replace("_", " "), exact=True)
        assert f"{link.inner_text()} {number}" in page.locator(".states").inner_text()
    page.goto("/pages?status=rejected&reason=robots")
    rows = page.locator(".pages li")
    kept = next(iter(site.store.pages.all(("rejected",), reason="robots")))
    expect(rows.first).to_contain_text(kept.detail)
    rows.first.get_by_role("button", name="Try again").click()
    page.wait_for_url("**/pages?status=discovered")
    assert site.store.pages.get([kept.id])[kept.id].status is PageStatus.DISCOVERED


def test_sources_tell_volume_wire_share_and_health(look: Opened, site: Site) -> None:
    page = look().page
    page.goto("/sources?order=wire")
    shares = site.store.stories.agencies()
    for row in page.locator(".sources tbody tr").all():
        name = row.locator("th").inner_text()
        if name not in shares:
            continue
        every = sum(shares[name].values())
        wire = every - shares[name].get("", 0)
        text = row.inner_text()
        assert f"{every:,}" in text and f"{wire / every:.0%}" in text, text
    page.get_by_label("Name", exact=True).fill("coastline")
    page.get_by_role("button", name="Show").click()
    row = page.locator(".sources tbody tr")
    assert row.count() == 1
    expect(row).to_contain_text("malformed", ignore_case=True)
    row.locator("th a").click()
    expect(page.locator(".feeds li").first).to_contain_text("polled", ignore_case=True)


def test_a_channel_is_made_tested_and_removed(look: Opened, site: Site) -> None:
    page = look().page
    log_in(page, site, "all")
    page.get_by_role("link", name="Channels").click()
    page.get_by_label("Kind").select_option("webhook")
    page.get_by_label("Address").fill("http://127.0.0.1:9/hook")
    page.get_by_label("Id small").fill("night-desk")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("alert")).to_contain_text("alerts.allow")  # never reached, so refused
    page.get_by_label("Address").fill("https://hooks.example.org/T0/secret")
    page.get_by_role("button", name="Make it").click()
    kept = site.store.channels.get("night-desk")
    assert kept is not None
    expect(page.locator(".secret")).to_have_text(kept.secret)
    row = page.locator(".saved li", has_text="night-desk")
    expect(row).not_to_contain_text("T0/secret")
    page.goto("/channels")
    assert kept.secret not in page.content()
    row.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_contain_text("within a minute")
    row.get_by_role("button", name="Remove").click()
    expect(page.locator(".saved")).not_to_contain_text("night-desk")
    assert site.store.channels.get("night-desk") is None
