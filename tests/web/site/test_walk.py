"""Each page as a user meets it: wide and narrow, light and dark, with and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.web.conftest import Site
from tests.web.site.conftest import Opened, Watched, window

pytestmark = pytest.mark.es

WEIGHT = 100_000  # bytes of a page with all that it loads
WIDTHS = (360, 1440, 2560)
PAGES: dict[str, str] = {
    "home": "/",
    "search": "/?q=ferry+OR+strike&figures=1",
    "filtered": "/?q=strike&topic=labour&not-outlet=Northwire&time=2000..2100&collapse=none",
    "wrong": "/?q=fire+OR+(",
    "nothing": "/?q=zorblyquandle",
    "story": "/story/{copy}",
    "diff": "/story/{cut}#side",
    "arabic": "/story/{arabic}",
    "compare": "/compare?q=ferry&q=strike&as=share&figures=1",
    "empty compare": "/compare",
    "stories": "/compare/stories?one={copy}&other={lead}",
    "trends": "/trends",
    "sources": "/sources",
    "source": "/source?outlet=Coastline+Radio",
    "searches": "/searches",
    "alerts": "/alerts",
    "runs": "/runs",
    "operations": "/operations",
    "pages": "/pages?status=rejected",
    "help": "/help",
    "login": "/login?wrong=key",
    "missing": "/nowhere",
}


@pytest.fixture(scope="session")
def ids(site: Site) -> dict[str, str]:
    """Stories by what they are: the lead and a copy of the largest cluster, one that cut, …"""
    largest = max(site.store.clusters.all(), key=lambda one: (len(one.stories), one.id))
    stories = site.store.stories.stories(largest.stories)
    copies = [one for one in stories.values() if one.id != largest.lead]
    cut = next(one for one in copies if one.link and one.link.relation == "truncated")
    arabic = next(one for one in site.store.stories.all() if one.article.language == "ar")
    return {
        "lead": largest.lead,
        "copy": copies[0].id,
        "cut": cut.id,
        "cluster": largest.id,
        "arabic": arabic.id,
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_sound(
    site: Site, browser: Browser, ids: dict[str, str], name: str, scheme: str
) -> None:
    with window(browser, site.url, site.link, color_scheme=scheme) as watched:
        page = watched.page
        weights: dict[str, int] = {}
        foreign: list[str] = []
        page.on("response", lambda one: weights.update({one.url: len(one.body())}))
        page.on("request", lambda one: foreign.append(one.url) if site.url not in one.url else None)
        answer = page.goto(PAGES[name].format(**ids))
        assert answer is not None
        assert answer.status == {"wrong": 400, "login": 401, "missing": 404}.get(name, 200)
        page.wait_for_load_state("networkidle")
        assert foreign == []
        assert sum(weights.values()) < WEIGHT, weights
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert watched.overflow() <= 0, (width, _widest(watched))
            assert page.locator("h1").count() == 1
        for width in WIDTHS[:2] if scheme == "light" else WIDTHS[1:2]:
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            grave = [
                (one["id"], one["help"], [node["html"][:160] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert grave == [], width
        assert watched.wrong == []


def _widest(watched: Watched) -> str:
    return watched.page.evaluate(
        "[...document.querySelectorAll('main *')].sort((a, b) => "
        "b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0]"
        ".outerHTML.slice(0, 200)"
    )


def test_a_search_is_typed_narrowed_and_widened(look: Opened) -> None:
    page = look().page
    page.goto("/")
    box = page.get_by_role("searchbox")
    box.fill("strike OR walkout")
    box.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    before = page.get_by_role("status").inner_text()
    choice = page.locator(".facets section", has_text="Outlet").locator("li a").first
    outlet, count = choice.locator("bdi").inner_text(), choice.locator(".n").inner_text()
    choice.click()
    assert f"{count} stor" in page.get_by_role("status").inner_text()
    assert set(page.locator(".hit > .facts .outlet").all_inner_texts()) == {outlet}
    page.get_by_role("link", name=f"Remove: outlet {outlet}").click()
    expect(page.get_by_role("status")).to_have_text(before)
    page.get_by_role("link", name=f"Without {outlet}").click()
    assert outlet not in page.locator(".hit > .facts .outlet").all_inner_texts()
    page.get_by_role("link", name=f"Remove: not outlet {outlet}").click()
    expect(page.get_by_role("status")).to_have_text(before)
    page.get_by_role("link", name="Best first").click()
    assert "sort=relevance" in page.url
    address = page.url
    page.goto("/")
    page.goto(address)  # every state is an address
    expect(page.get_by_role("searchbox")).to_have_value("strike OR walkout")
    assert page.get_by_role("link", name="Best first").get_attribute("aria-current") == "true"


def test_the_pages_of_a_result_have_every_report_once(look: Opened, site: Site) -> None:
    page = look().page
    page.goto("/?collapse=none")
    seen: list[str] = []
    while True:
        seen += page.locator(".hit h2 a").evaluate_all("all => all.map((one) => one.pathname)")
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.click()
    assert len(seen) == len(set(seen)) == site.store.stories.count()["stories"]


def test_an_old_cursor_is_told_and_led_back(look: Opened) -> None:
    page = look().page
    answer = page.goto("/?q=strike&cursor=changed")
    assert answer is not None and answer.status == 410
    page.get_by_role("link", name="Search again from the first page").click()
    expect(page.locator(".hit").first).to_be_visible()


def test_a_wrong_query_is_marked_where_it_is_wrong(look: Opened) -> None:
    page = look().page
    page.goto("/?q=port+lang:english+strike")
    wrong = page.get_by_role("alert")
    expect(wrong).to_contain_text("Column 11")
    expect(wrong).to_contain_text("expected".capitalize())
    assert wrong.locator("mark").inner_text() == "english"
    assert page.get_by_role("searchbox").get_attribute("aria-invalid") == "true"


def test_what_may_be_meant_otherwise_is_said_beside_the_result(look: Opened) -> None:
    page = look().page
    for address in ("/?q=outlet:Harbour+strike", "/compare?q=outlet:Harbour+strike"):
        page.goto(address)
        expect(page.locator(".noted")).to_contain_text('outlet:"Harbour strike"')


def test_copies_unfold_and_lead_to_the_report(look: Opened) -> None:
    page = look().page
    page.goto("/?q=pensions")
    hit = page.locator(".hit", has=page.locator(".copies")).first
    summary = hit.locator("summary")
    number = int(re.search(r"\+(\d+) cop", summary.inner_text())[1])  # type: ignore[index]
    assert number > 1
    summary.click()
    assert hit.locator(".copies .outlet").count() >= min(number, 4)
    hit.get_by_role("link", name="The whole report").click()
    assert page.locator(".timeline > li").count() == number + 1


def test_the_keyboard_alone_will_do(look: Opened) -> None:
    page = look().page
    page.goto("/?q=strike")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    titles = page.locator(".hit h2 a").evaluate_all("all => all.map((one) => one.pathname)")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.pathname") == titles[0]
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"**{titles[1]}")
    page.keyboard.press("?")
    page.wait_for_url("**/help")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/trends")


def test_typing_in_a_box_is_not_a_command(look: Opened) -> None:
    page = look().page
    page.goto("/")
    page.get_by_role("searchbox").press_sequentially("jk/o?")
    expect(page.get_by_role("searchbox")).to_have_value("jk/o?")


def test_a_range_of_the_volume_is_dragged(look: Opened) -> None:
    page = look().page
    page.goto("/")
    chart = page.locator("[data-volume]")
    counts = [int(one) for one in chart.get_attribute("data-counts").split(",")]
    area = chart.bounding_box()
    step = area["width"] / len(counts)
    low, high = len(counts) // 3, len(counts) - 1
    page.mouse.move(area["x"] + (low + 0.5) * step, area["y"] + 20)
    page.mouse.down()
    page.mouse.move(area["x"] + (high + 0.4) * step, area["y"] + 30, steps=4)
    page.mouse.up()
    page.wait_for_url("**time=**")
    assert f"in {sum(counts[low:])} stor" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Remove: published").click()
    page.locator("[data-volume]").focus()
    for key in ("End", "Shift+ArrowLeft", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**time=**")
    assert f"in {sum(counts[-2:])} stor" in page.get_by_role("status").inner_text()


def test_without_a_script_nothing_is_missing(look: Opened) -> None:
    page = look(java_script_enabled=False).page
    page.goto("/?q=strike")
    expect(page.locator(".hit").first).to_be_visible()
    expect(page.locator(".facets section").first).to_be_visible()
    times = page.locator(".hit time[datetime*=T]").all_inner_texts()
    assert times and all(one.endswith("UTC") for one in times)
    expect(page.locator(".end")).to_contain_text("Times are in UTC")
    page.locator(".days input[name=from]").fill("2020-01-01")
    page.locator(".days input[name=to]").fill("2020-01-02")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing found")
    page.goto("/?figures=1")
    page.locator("#figures a").first.click()
    assert "time=" in page.url
    assert page.locator(".hit").count() > 0
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator(".hit").count() > 0  # it went back to the same page


def test_times_are_the_readers_with_utc_behind(look: Opened, ids: dict[str, str]) -> None:
    page = look(timezone_id="Asia/Tokyo").page
    page.goto(f"/story/{ids['lead']}")
    time = page.locator(".kicker time")
    told, there, utc = (
        time.inner_text(),
        time.get_attribute("datetime"),
        time.get_attribute("title"),
    )
    assert utc.endswith("UTC") and utc != told
    assert page.evaluate(
        "([told, there]) => told === new Date(there).toLocaleString(undefined, {year: 'numeric', "
        "month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit'})",
        [told, there],
    )
    hour = int(there[11:13])
    assert f"{(hour + 9) % 24:02}:" in told


def test_light_and_dark_are_chosen_and_kept(look: Opened) -> None:
    page = look(color_scheme="light").page
    page.goto("/")
    ground: Callable[[], str] = lambda: page.evaluate(  # noqa: E731 - asked thrice
        "getComputedStyle(document.documentElement).backgroundColor"
    )
    light = ground()
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark").click()
    dark = ground()
    assert dark != light
    page.goto("/sources")
    assert ground() == dark
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark").click()  # again: as the system has it
    page.goto("/")
    assert ground() == light


def test_right_to_left_text_runs_so(look: Opened, ids: dict[str, str]) -> None:
    page = look().page
    page.goto(f"/story/{ids['arabic']}")
    for text in (page.locator("h1"), page.locator(".body")):
        assert text.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert text.get_attribute("lang") == "ar"
    body = page.locator(".body p").first
    assert body.evaluate("one => getComputedStyle(one).textAlign") in ("start", "right")
    # The figures around it stay left to right.
    assert page.locator(".about").evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_it_prints_without_the_frame(look: Opened, ids: dict[str, str]) -> None:
    page = look().page
    page.goto(f"/story/{ids['copy']}")
    page.emulate_media(media="print")
    for gone in (".top", ".end", ".choose"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".tale")).to_be_visible()
    expect(page.locator(".body p").first).to_be_visible()


def test_links_outward_say_nothing_of_us(look: Opened, ids: dict[str, str], site: Site) -> None:
    page = look().page
    for path in (f"/story/{ids['copy']}", "/pages", "/source?outlet=Coastline+Radio"):
        page.goto(path)
        outward = page.locator("a[href^=http]").evaluate_all(
            "all => all.map((one) => [one.href, one.rel])"
        )
        assert outward
        for href, rel in outward:
            assert rel == "noopener noreferrer nofollow", href
