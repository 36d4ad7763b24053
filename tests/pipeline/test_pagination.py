"""Articles that go on over several pages: fetched in the run, archived, joined, read anew."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import flows, sites
from tests.indices import make_due
from wirewatch.fetch.urls import page_id
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.rebuild import rebuild
from wirewatch.pipeline.reprocess.report import Report
from wirewatch.records import Page, Story
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es

PAGES = {"/long": 4, "/secret": 2}
WORDS = ("harbour", "parliament", "volcano", "orchestra")
BOX = "Subscribers to the Daily have paid for the reporting that went into this series of pages."


def paragraph(number: int, path: str = "/long") -> str:
    word = WORDS[number - 1]
    return (
        f"The {word} of {path.strip('/')} was closed on Tuesday after the {word} committee had met "
        f"for nine hours, and residents beside the {word} said that nobody had told them before. "
        f"A spokeswoman for the {word} announced a second meeting, number {number}, for Friday."
    )


def html(path: str, number: int) -> str:
    last = PAGES[path]
    links = "".join(
        f"<a href='{path}?page={n}'>{n}</a> " for n in range(1, last + 1) if n != number
    )
    noarchive = (
        '<meta name="robots" content="noarchive">' if path == "/secret" and number > 1 else ""
    )
    return sites.page(
        f"The long report of {path}",
        paragraph(min(number, last), path),
        BOX,
        head=noarchive,
        foot=f"<div class='pages'>{links}</div>",
    )


def answer(asked: sites.Request) -> sites.Answer:
    there = urlsplit(asked.path)
    if there.path == "/feed":
        return sites.rss(f"http://{asked.host}{path}" for path in PAGES)
    if there.path not in PAGES:
        return sites.Answer(status=404)
    return sites.Answer(html(there.path, int(parse_qs(there.query).get("page", ["1"])[0])))


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


def found(options: Settings, base: str, path: str) -> tuple[Page, Story]:
    with connect(options) as store:
        store.refresh()
        page = store.pages.get([page_id(base + path)])[page_id(base + path)]
        return page, store.stories.stories([page.story_id])[page.story_id]


def whole(path: str) -> str:
    lines = [paragraph(1, path), BOX]
    lines += [paragraph(number, path) for number in range(2, PAGES[path] + 1)]
    return "\n".join(lines)


def test_pages_are_joined_in_their_order_without_what_repeats(
    options: Settings, site: sites.Site, base: str
) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    assert account.stages["extract"]["joined"] == 2
    page, story = found(options, base, "/long")
    assert story.article.text == whole("/long")
    assert [part.url for part in page.parts] == [f"{base}/long?page={n}" for n in (2, 3, 4)]
    archive = archive_of(options)
    for number, part in enumerate(page.parts, 2):
        assert part.location is not None
        assert paragraph(number).encode() in archive.read(part.location).body
    assert [one.path for one in site.asked].count("/long?page=2") == 1


def test_no_more_pages_than_the_option_says(options: Settings, site: sites.Site, base: str) -> None:
    flows.ingest(options.with_options(extract__pages=2), "first")
    page, story = found(options, base, "/long")
    assert len(page.parts) == 1
    assert story.article.text == "\n".join([paragraph(1), BOX, paragraph(2)])
    assert "/long?page=3" not in [one.path for one in site.asked]
    flows.ingest(options, "none")


def test_reprocess_reads_them_from_the_archive(
    options: Settings, site: sites.Site, base: str
) -> None:
    flows.ingest(options, "first")
    asked = len(site.asked)
    told: list[Report] = []
    flows.reprocess(options, "*", told=told.append)
    assert len(site.asked) == asked
    [report] = told
    assert report.others["unchanged"] == 1
    assert report.others["not_archived"] == 1  # its second page asks for no copy
    page, story = found(options, base, "/secret")
    assert [part.location for part in page.parts] == [None]
    assert story.article.text == whole("/secret")


def test_a_look_again_joins_anew(
    options: Settings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows.ingest(options, "first")
    monkeypatch.setattr(f"{__name__}.WORDS", ("lighthouse", "library", "lake", "lift"))
    make_due(options)
    flows.revisit(options, "again")
    page, story = found(options, base, "/long")
    assert story.revisions == 1
    assert story.article.text == whole("/long")
    assert "lift" in story.article.text
    assert len(page.parts) == 3


def test_the_index_made_anew_has_them_from_the_archive(
    options: Settings, site: sites.Site, base: str
) -> None:
    flows.ingest(options, "first")
    flows.alert(options)
    asked = len(site.asked)
    rebuild(options)
    assert len(site.asked) == asked
    page, story = found(options, base, "/long")
    assert story.article.text == whole("/long")
    assert len(page.parts) == 3
