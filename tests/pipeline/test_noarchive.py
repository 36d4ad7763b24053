"""Pages that ask for no copy: read like any other, and never in the archive."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import flows, sites
from tests.indices import make_due
from wirewatch.fetch.urls import page_id
from wirewatch.pipeline import body_store
from wirewatch.pipeline.claim import claim
from wirewatch.pipeline.extract import extract
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.frame import begin
from wirewatch.pipeline.poll import poll
from wirewatch.pipeline.reprocess.report import Report, format_report
from wirewatch.records import Page, PageStatus, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

HEADERS = {
    "/header": {"X-Robots-Tag": "googlebot: nofollow, wirewatch: noarchive"},
    "/tdm": {"tdm-reservation": "1"},
}
META = {"/meta": '<meta name="robots" content="NOARCHIVE, noai">'}
PATHS = ("/header", "/meta", "/tdm", "/plain")
ROBOTS = "User-agent: GPTBot\nDisallow: /plain\n"
WORDS = {
    "/header": "harbour", "/meta": "parliament", "/tdm": "volcano", "/plain": "orchestra",
}  # fmt: skip


def html(path: str) -> str:
    word = WORDS[path]
    return sites.page(
        f"The {word} closes",
        f"The {word} was closed on Tuesday after the {word} committee had met for nine hours. "
        f"Residents who live beside the {word} said that nobody had told them of it before.",
        f"A spokeswoman for the {word} committee announced a second meeting for Friday, at "
        f"which the accounts of the {word} are to be laid open to everybody who asks.",
        head=META.get(path, ""),
    )


def answer(asked: sites.Request) -> sites.Answer:
    if asked.path == "/feed":
        return sites.rss(f"http://{asked.host}{path}" for path in PATHS)
    if asked.path == "/robots.txt":
        return sites.Answer(ROBOTS, kind="text/plain")
    return sites.Answer(html(asked.path), headers=HEADERS.get(asked.path, {}))


@pytest.fixture
def site() -> Iterator[sites.Site]:
    with sites.serve(answer) as running:
        yield running


@pytest.fixture
def base(site: sites.Site) -> str:
    return site.base()


@pytest.fixture
def options(options: Settings, site: sites.Site) -> Settings:
    return sites.followed(options, site)


def state(options: Settings, base: str) -> dict[str, Page]:
    with connect(options) as store:
        store.refresh()
        found = store.pages.get([page_id(base + path) for path in PATHS])
        return {page.url.removeprefix(base): page for page in found.values()}


def mentions(folder: Path, word: str) -> list[str]:
    return [
        file.name
        for file in folder.rglob("*.warc.gz")
        if word.encode() in gzip.decompress(file.read_bytes())
    ]


def test_read_but_not_archived(options: Settings, base: str, tmp_path: Path) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    assert account.stages["fetch"]["noarchive"] == 2
    assert account.stages["index"]["passed"] == 4
    pages = state(options, base)
    asks = {path: (page.noarchive, page.opt_outs) for path, page in pages.items()}
    assert asks == {
        "/header": (True, ()),
        "/meta": (True, ("noai",)),
        "/tdm": (False, ("tdm-reservation",)),
        "/plain": (False, ("robots.txt",)),
    }
    assert {path for path, page in pages.items() if page.location} == {"/tdm", "/plain"}
    assert {page.status for page in pages.values()} == {PageStatus.INDEXED}
    archive, passing = tmp_path / "state/archive", tmp_path / "state/passing"
    assert {path: bool(mentions(archive, word)) for path, word in WORDS.items()} == {
        "/header": False, "/meta": False, "/tdm": True, "/plain": True,
    }  # fmt: skip
    assert list(passing.rglob("*.*")) == []  # gone with the run
    told: list[Report] = []
    flows.reprocess(options, "*", told=told.append)
    [report] = told
    assert report.others["noarchive"] == 2
    assert any("asks for no copy" in line for line in format_report(report))


def test_their_bytes_wait_for_extraction_and_are_fetched_again_once_gone(
    options: Settings, base: str, tmp_path: Path
) -> None:
    begin(options, "cut", "ingest")
    poll(options, "cut")
    [claimed] = claim(options, "cut")
    fetched = fetch(options, claimed)
    assert mentions(tmp_path / "state/passing", "harbour")
    first = extract(options, fetched)
    assert first.passed == 4
    assert extract(options, fetched) == first  # the same task cleared
    body_store.forget(options, "another", utc_now())
    assert mentions(tmp_path / "state/passing", "harbour")  # the run's own until it ends, or a day
    body_store.forget(options, "another", utc_now() + timedelta(days=2))
    assert not mentions(tmp_path / "state/passing", "harbour")
    later = extract(options, fetched)
    assert (later.passed, later.outcomes) == (2, {"postponed": 2})
    pages = state(options, base)
    assert pages["/header"].status == pages["/meta"].status == PageStatus.RETRY
    assert "fetched again" in pages["/meta"].detail


def test_a_look_again_keeps_no_copy_either(
    options: Settings, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.ingest(options, "first")
    monkeypatch.setitem(WORDS, "/header", "lighthouse")
    monkeypatch.setitem(META, "/plain", '<meta name="robots" content="none">')
    make_due(options)
    account = flows.revisit(options, "again")
    assert account.stages["revise"]["passed"] == 1
    pages = state(options, base)
    assert (pages["/plain"].noarchive, pages["/plain"].location) == (True, None)
    assert mentions(tmp_path / "state/archive", "lighthouse") == []
    with connect(options) as store:
        store.refresh()
        [story] = [one for one in store.stories.all() if one.revisions]
    assert "lighthouse" in story.article.text
