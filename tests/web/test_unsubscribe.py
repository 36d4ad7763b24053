"""The link that ends mail: asked by GET, done by POST alone, of one channel and search."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.web.conftest import Site
from wirewatch.alerts import unsubscribe
from wirewatch.alerts.channels.webhook import new_secret
from wirewatch.records import Channel, ChannelKind, utc_now

pytestmark = pytest.mark.es

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def desk(site: Site) -> Iterator[Channel]:
    made = Channel(
        id="leaving",
        name="Desk",
        kind=ChannelKind.MAIL,
        address="ann@desk.example",
        secret=new_secret(),
        created=utc_now(),
    )
    site.store.channels.create(made)
    yield made
    site.store.channels.delete(made.id)


def now(site: Site) -> Channel:
    found = site.store.channels.get("leaving")
    assert found
    return found


def test_asking_changes_nothing_and_one_click_does(site: Site, desk: Channel) -> None:
    address = unsubscribe.link(site.url, desk, "trams")
    with httpx.Client() as anybody:
        page = anybody.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "<button" in page.text
        assert "ann@" not in page.text
        assert now(site) == desk
        for _ in range(2):  # mail programs try again
            done = anybody.post(address, data=ONE_CLICK)
            assert (done.status_code, done.text) == (200, "done\n")
        assert now(site).left == ("trams",)
        back = anybody.post(address, data={"act": "back"}, headers={"Accept": "text/html"})
        assert back.status_code == 200
    assert now(site) == desk


def test_all_mail_ends_only_where_it_is_asked_for(site: Site, desk: Channel) -> None:
    with httpx.Client() as anybody:
        anybody.post(unsubscribe.link(site.url, desk, "trams"), data={"act": "all"})
        assert now(site).off == unsubscribe.BY_READER
        anybody.post(unsubscribe.link(site.url, desk, ""), data={"act": "back"})
        assert now(site).off == ""
        anybody.post(unsubscribe.link(site.url, desk, ""), data=ONE_CLICK)
    assert now(site).off == unsubscribe.BY_READER


def test_a_link_of_something_else_ends_nothing(site: Site, desk: Channel) -> None:
    right = unsubscribe.link(site.url, desk, "trams")
    other = Channel(id="other", name="", kind=ChannelKind.MAIL, secret=new_secret())
    with httpx.Client() as anybody:
        for wrong in (
            right.replace("search=trams", "search=ferries"),
            right.partition("?")[0],
            right.replace("/leaving/", "/nobody/"),
            right.replace("/leaving/", f"/{'x' * 600}/"),
            unsubscribe.link(site.url, other, "trams").replace("/other/", "/leaving/"),
            right[:-20] + "é" + right[-20:],
        ):
            assert anybody.post(wrong, data=ONE_CLICK).status_code == 404
        assert anybody.post(right, data={"act": "burn"}).status_code == 400
    assert now(site) == desk
