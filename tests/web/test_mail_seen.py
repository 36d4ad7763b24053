"""Mail as a reader sees it in Chromium, light and dark, and the click that ends it."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests import makers
from tests.makers import NOW
from tests.web.conftest import Site
from tests.web.site.conftest import browser, window  # noqa: F401 - a fixture
from wirewatch.alerts.channels.letter import CONTENT_ID, letter
from wirewatch.alerts.channels.webhook import new_secret
from wirewatch.alerts.messages import Message
from wirewatch.records import Channel, ChannelKind, DeliveryKind, Passage, utc_now

pytestmark = pytest.mark.es

DESK = Channel(
    id="seen",
    name="Desk",
    kind=ChannelKind.MAIL,
    address="ann@desk.example",
    secret=new_secret(),
    created=utc_now(),
)


def mail(pages: str, count: int = 3) -> EmailMessage:
    alerts = [
        makers.alert(
            makers.story(f"t{number}", title=f"Tram {number} stands still {'x' * 90}"),
            "trams",
            excerpt="Nothing moved.",
            outlet="Daily",
            outlets=4,
            topics=("transport",),
            published=NOW,
            language="ar" if number else "en",
            why=(Passage(field="text", text="The drivers met again.", marks=((4, 11),)),),
        )
        for number in range(count)
    ]
    message = Message(
        id="0123456789abcdef01234567",
        kind=DeliveryKind.DIGEST,
        search_id="trams",
        search_name="Trams that stand still",
        at=NOW,
        alerts=tuple(alerts),
        page=pages,
        volume=(0, 2, 1, 0, 3),
    )
    return letter(DESK, message, "alerts@watch.example")


def shown(one: EmailMessage) -> str:
    """The HTML with its picture in place, as a mail program has it."""
    [picture] = [part for part in one.walk() if part.get_content_type() == "image/png"]
    data = base64.b64encode(picture.get_content()).decode()
    html: str = one.get_body(("html",)).get_content()  # type: ignore[union-attr]
    return html.replace(f"cid:{CONTENT_ID}", f"data:image/png;base64,{data}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 3, 60])
def test_it_can_be_read(browser: Browser, scheme: str, count: int) -> None:  # noqa: F811
    html = shown(mail("https://watch.example", count))
    with window(browser, "about:blank", color_scheme=scheme) as watched:
        page = watched.page
        page.set_content(html)
        for width in (360, 1_200):
            page.set_viewport_size({"width": width, "height": 900})
            assert watched.overflow() <= 0, width
            found = Axe().run(page).response["violations"]
            grave = [
                (one["id"], [node["html"][:160] for node in one["nodes"][:3]])
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            assert grave == [], width
        picture = page.locator("img")
        assert picture.evaluate("one => one.naturalWidth") > 0
        assert "2, 1, 0, 3" in (picture.get_attribute("alt") or "")
        ground = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 31, 36)"}[scheme]
        assert watched.wrong == []


def test_the_link_in_it_ends_it_by_one_button(site: Site, browser: Browser) -> None:  # noqa: F811
    site.store.channels.create(DESK)
    try:
        with window(browser, site.url) as watched:
            page = watched.page
            page.set_content(shown(mail(site.url)))
            page.get_by_role("link", name="End these mails").click()
            expect(page.get_by_role("heading", name="End this mail?")).to_be_visible()
            assert site.store.channels.get("seen") == DESK
            page.get_by_role("button", name="End mail about this search").click()
            expect(page.get_by_role("heading", name="Done")).to_be_visible()
            assert site.store.channels.get("seen").left == ("trams",)  # type: ignore[union-attr]
            page.get_by_role("button", name="Take that back").click()
            expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
            assert site.store.channels.get("seen") == DESK
            assert watched.wrong == []
    finally:
        site.store.channels.delete("seen")
