"""The inbox of alerts: what is new, why it matched, and what a reader does with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import Site
from tests.web.site.conftest import Opened
from tests.web.site.test_saved_searches import log_in
from wirewatch.records import Alert, SavedSearch, replace, stable_id, utc_now

pytestmark = pytest.mark.es

SEARCH = "own-inbox"


@pytest.fixture
def alert(site: Site) -> Iterator[Alert]:
    """An alert of a search that a person keeps, gone with its search afterwards."""
    given = next(one for one in site.store.alerts.all() if one.story_id and one.why)
    made = replace(
        given,
        id=stable_id("alert", SEARCH, given.cluster_id),
        search_id=SEARCH,
        search_name="My inbox",
        created=utc_now(),
    )
    search = SavedSearch(id=SEARCH, name="My inbox", query="ferry", origin="user")
    site.store.searches.put([search])
    site.store.alerts.create([made]).raise_refused("alerts")
    yield made
    for index, identity in (("searches", SEARCH), ("alerts", made.id)):
        where = site.settings["elasticsearch.prefix"] + "-" + index
        site.store.es.delete(index=where, id=identity, refresh=True)


def row(page: Page, alert: Alert) -> Locator:
    return page.locator(".alerts li", has_text="My inbox").filter(has_text=alert.title)


def test_it_says_why_and_what_is_new_since_one_looked(
    look: Opened, site: Site, alert: Alert
) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto(f"/alerts?search={SEARCH}")
    expect(row(page, alert).locator("mark").first).to_be_visible()
    expect(page.locator(".alerts .flag", has_text="new")).to_have_count(0)
    page.get_by_role("button", name="Mark all as seen").click()
    page.goto("/alerts?show=new")
    expect(page.locator(".empty")).to_contain_text("Nothing new since you last looked")
    later = replace(alert, id=stable_id("alert", SEARCH, "later"), created=utc_now())
    site.store.alerts.create([later]).raise_refused("alerts")
    try:
        page.reload()
        expect(page.locator(".alerts li")).to_have_count(1)
        expect(page.locator(".lead-in")).to_contain_text("1 alert since you last looked")
    finally:
        where = site.settings["elasticsearch.prefix"] + "-alerts"
        site.store.es.delete(index=where, id=later.id, refresh=True)


def test_stars_and_dismissals_by_keyboard(look: Opened, site: Site, alert: Alert) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto(f"/alerts?search={SEARCH}")
    page.keyboard.press("j")
    page.keyboard.press("f")
    expect(row(page, alert)).to_contain_text("starred")
    page.goto(f"/alerts?search={SEARCH}")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator(".empty")).to_be_visible()
    kept = site.store.alerts.get([alert.id])[alert.id]
    assert (kept.starred, kept.dismissed) == (True, True)
    page.goto(f"/alerts?show=dismissed&search={SEARCH}")
    row(page, alert).get_by_role("button", name="Put back").click()
    page.goto(f"/alerts?show=starred&search={SEARCH}")
    expect(row(page, alert)).to_be_visible()


def test_a_search_is_muted_and_heard_again(look: Opened, site: Site, alert: Alert) -> None:
    page = look().page
    log_in(page, site, "all")
    page.goto(f"/alerts?search={SEARCH}")
    row(page, alert).get_by_role("button", name="Mute this search for a day").click()
    expect(row(page, alert)).to_contain_text("muted until")
    found = site.store.searches.read(SEARCH)
    assert found and found[0].muted_until and found[0].muted_until > utc_now()
    row(page, alert).get_by_role("button", name="End the mute").click()
    expect(row(page, alert)).not_to_contain_text("muted until")
    found = site.store.searches.read(SEARCH)
    assert found and found[0].muted_until is None


def test_readers_mark_nothing(look: Opened, site: Site, alert: Alert) -> None:
    page = look().page
    log_in(page, site, "read")
    page.goto(f"/alerts?search={SEARCH}")
    expect(row(page, alert)).to_be_visible()
    assert page.get_by_role("button", name="Star").count() == 0
    assert page.get_by_role("button", name="Mute").count() == 0
