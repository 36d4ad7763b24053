"""A page under several addresses is one story; what only claims to be another page is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import flows, sites
from wirewatch.fetch.urls import page_id
from wirewatch.records import Story
from wirewatch.settings import Settings
from wirewatch.store import connect

# What each address serves: the word its article is about, its canonical link ({b}: the other site,
# {a}: its own), its site name; or where it redirects to.
PAGES: dict[str, tuple[str, str, str]] = {
    "a/one": ("harbour", "{a}/one", "Daily"),
    "a/one?page=amp": ("harbour", "{a}/one", "Daily"),  # AMP, by its canonical link
    "a/amp/one": ("harbour", "{a}/one", "Daily"),
    "a/moved": ("", "{a}/one", ""),
    "a/away": ("", "{b}/parliament", ""),
    "b/parliament": ("parliament", "", "Daily"),
    "a/parliament": ("parliament", "{b}/parliament", "Daily"),  # two sites of one publisher
    "b/origin": ("volcano", "{b}/origin", "Origin"),
    "a/syndicated": ("volcano", "{b}/origin", "Daily"),
    "a/dead": ("orchestra", "{b}/nowhere", "Daily"),
    "a/front": ("lighthouse", "{b}/", "Daily"),
    "a/front-own": ("museum", "{a}/", "Daily"),
    "a/lost": ("granary", "{b}/lost", "Daily"),
    "b/lost": ("", "{b}/", ""),  # redirects to its front page
    "b/": ("frontpage", "", "Daily"),
    "a/section/1": ("cathedral", "{a}/section", "Daily"),
    "a/section/2": ("aqueduct", "{a}/section", "Daily"),
}
NAMED = [path for path in PAGES if path not in ("b/", "b/lost")]


def article_html(word: str, canonical: str, site: str) -> str:
    links = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    frame = (
        "A {w} that nobody had used for forty years was sold to a club of {w} owners, whose "
        "treasurer would not say how much of the {w} money had been borrowed to buy the {w}."
        if word == "aqueduct"
        else "The {w} opened on Tuesday, the {w} office said, and {w} staff who had been there "
        "before were seen again beside the {w} where {w} visitors wait for the second {w} boat."
    )
    paragraphs = [frame.format(w=form) for form in (word, f"{word}s", f"un{word}")]
    name = f"<meta property='og:site_name' content='{site}'>"
    return sites.page(f"The {word} report", *paragraphs, head=links + name)


def answer(asked: sites.Request) -> sites.Answer:
    name, _, rest = asked.host.partition(".")
    full = {key: f"http://{key}.{rest}" for key in ("a", "b")}
    if asked.path == "/feed":
        return sites.rss(full[path[0]] + path[1:] for path in NAMED)
    if (found := PAGES.get(f"{name}{asked.path}")) is None:
        return sites.Answer(status=404)
    word, there, outlet = found
    if not word:
        return sites.Answer(status=301, headers={"Location": there.format(**full)})
    return sites.Answer(article_html(word, there.format(**full), outlet))


@pytest.fixture
def site() -> Iterator[sites.Site]:
    with sites.serve(answer) as running:
        yield running


@pytest.fixture
def options(options: Settings, site: sites.Site) -> Settings:
    return sites.followed(options, site)


@pytest.mark.es
def test_which_pages_are_one_story(options: Settings, site: sites.Site) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    with connect(options) as store:
        store.refresh()
        found: dict[str, Story] = {}
        by_id = {story.id: story for story in store.stories.all()}
        for path in NAMED:
            identity = page_id(site.base(path[0]) + path[1:])
            [page] = store.pages.get([identity]).values()
            assert page.story_id, (path, page.status, page.detail)
            found[path] = by_id[page.story_id]
    address = {path: site.base(path[0]) + path[1:] for path in PAGES}
    for path in ("a/one?page=amp", "a/amp/one", "a/moved"):
        assert found[path].id == found["a/one"].id, path
    assert found["a/one"].article.canonical_url == address["a/one"]
    for path in ("a/away", "a/parliament"):  # a redirect, and a canonical link that answers
        assert found[path].id == found["b/parliament"].id, path
    # A copy at another publisher stays a story of its own, in one cluster with the original.
    assert found["a/syndicated"].id != found["b/origin"].id
    assert found["a/syndicated"].cluster_id == found["b/origin"].cluster_id
    for path in ("a/dead", "a/front", "a/front-own", "a/lost", "a/section/1", "a/section/2"):
        assert found[path].article.canonical_url == address[path], path
    assert len(by_id) == 10
