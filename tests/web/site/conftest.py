"""The newsroom's stories behind the pages on a real server, and a real Chromium before them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from newsroom.truth import Truth
from tests import flows
from tests.sample import Sample
from tests.web.conftest import UNLIMITED, Site, served
from wirewatch.settings import Settings
from wirewatch.store import connect

# Without a sandbox, since tests may run as root; the rest keeps it from asking for the internet.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
WAIT = 30_000  # milliseconds that a page may take: a second on a quiet machine


def chromium() -> str:
    """The browser: CHROMIUM's, else the one on the path. A failure where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("there is no Chromium for the pages: apt install chromium, or set CHROMIUM")
    return found


def apart(work: Callable[[], object]) -> None:
    """Does it in a thread of its own: in this one the browser's event loop may run."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.fixture(scope="session")
def truth(sample: Sample) -> Truth:
    return sample.truth


@pytest.fixture(scope="session")
def newsroom_settings(
    sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of an index with the newsroom's stories, whose alerts went out."""
    with sample.copied(tmp_path_factory.mktemp("site"), **UNLIMITED) as options:
        apart(lambda: flows.alert(options))
        yield options


@pytest.fixture(scope="session")
def site(newsroom_settings: Settings) -> Iterator[Site]:
    """The pages over the newsroom's stories."""
    with connect(newsroom_settings) as store, served(newsroom_settings, store) as url:
        made = Site(url, store, newsroom_settings)
        made.add_key("all", "read", "write", "operate")
        made.add_key("read", "read")
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file of tests: while it runs, this thread's event loop is its own, and
    tests of another room could not run theirs."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield launched
        launched.close()


class Watched:
    """A page of the browser, with all that went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("dialog", self._dialog)

    def _console(self, message) -> None:
        if message.type == "error" and "the server responded with a status" not in message.text:
            self.wrong.append(f"console: {message.text}")

    def _dialog(self, dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


Opened = Callable[..., Watched]


@contextmanager
def window(browser: Browser, url: str, link: str = "", **options) -> Iterator[Watched]:
    """A window of its own on the site, of a reader in Berlin unless told otherwise.

    It has followed the link where there is one.
    """
    asked = {
        "base_url": url,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        **options,
    }
    context: BrowserContext = browser.new_context(**asked)
    context.set_default_timeout(WAIT)
    if link:
        context.request.get(link)
    try:
        yield Watched(context.new_page())
    finally:
        context.close()


@pytest.fixture
def look(browser: Browser, site: Site) -> Iterator[Opened]:
    """Opens windows on the site; nothing may have gone wrong in any of them."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        opened: list[Watched] = []

        def open_window(linked: bool = True, **options) -> Watched:
            link = site.link if linked else ""
            opened.append(stack.enter_context(window(browser, site.url, link, **options)))
            return opened[-1]

        yield open_window
        assert [wrong for one in opened for wrong in one.wrong] == []
