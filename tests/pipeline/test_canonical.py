"""A page under several addresses is one story; what only claims to be another page is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import flows
from wirewatch.fetch.urls import feed_id, page_id
from wirewatch.pipeline.canonical import apart
from wirewatch.records import Article, Feed, Story, utc_now
from wirewatch.settings import Settings, load
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
    text = "".join(f"<p>{frame.format(w=form)}</p>" for form in (word, f"{word}s", f"un{word}"))
    return (
        f"<html lang='en'><head><title>The {word} report</title>{links}"
        f"<meta property='og:site_name' content='{site}'></head>"
        f"<body><article><h1>The {word} report</h1>{text}</article></body></html>"
    )


class Sites(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        host = self.headers["Host"]
        name, _, rest = host.partition(".")
        full = {key: f"http://{key}.{rest}" for key in ("a", "b")}
        found = PAGES.get(f"{name}{self.path}")
        kind, status, body = "text/html", 200, b""
        if self.path == "/feed":
            kind = "application/rss+xml"
            links = (full[path[0]] + path[1:] for path in NAMED)
            items = "".join(
                f"<item><title>x</title><link>{link.replace('&', '&amp;')}</link></item>"
                for link in links
            )
            body = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
        elif found is None:
            status = 404
        elif not found[0]:
            status = 301
        else:
            body = article_html(found[0], found[1].format(**full), found[2]).encode()
        self.send_response(status)
        if status == 301 and found:
            self.send_header("Location", found[1].format(**full))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sites)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path, port: int) -> Settings:
    made = load({}).with_options(
        elasticsearch__url=es_url, elasticsearch__prefix=empty_prefix, state=str(tmp_path),
        fetch__allow=f"*.localhost:{port}", fetch__delay=0.01, fetch__retry_pause=0,
        extract__processes=1, run__partitions=1,
    )  # fmt: skip
    with connect(made) as store:
        url = f"http://a.localhost:{port}/feed"
        store.feeds.add([Feed(id=feed_id(url), url=url, outlet="Daily", added=utc_now())])
        store.refresh()
    return made


@pytest.mark.es
def test_which_pages_are_one_story(options: Settings, port: int) -> None:
    account = flows.ingest(options, "first")
    assert account.problems == ()
    with connect(options) as store:
        store.refresh()
        found: dict[str, Story] = {}
        by_id = {story.id: story for story in store.stories.all()}
        for path in NAMED:
            identity = page_id(f"http://{path[0]}.localhost:{port}{path[1:]}")
            [page] = store.pages.get([identity]).values()
            assert page.story_id, (path, page.status, page.detail)
            found[path] = by_id[page.story_id]
    address = {path: f"http://{path[0]}.localhost:{port}{path[1:]}" for path in PAGES}
    for path in ("a/one?page=amp", "a/amp/one", "a/moved"):
        assert found[path].id == found["a/one"].id, path
    assert found["a/one"].canonical_url == address["a/one"]
    for path in ("a/away", "a/parliament"):  # a redirect, and a canonical link that answers
        assert found[path].id == found["b/parliament"].id, path
    # A copy at another publisher stays a story of its own, in one cluster with the original.
    assert found["a/syndicated"].id != found["b/origin"].id
    assert found["a/syndicated"].cluster_id == found["b/origin"].cluster_id
    for path in ("a/dead", "a/front", "a/front-own", "a/lost", "a/section/1", "a/section/2"):
        assert found[path].canonical_url == address[path], path
    assert len(by_id) == 10


def article(path: str, title: str, text: str, canonical: str = "http://a.com/s") -> Article:
    now = utc_now()
    return Article(
        page_id=path, url=f"http://a.com/{path}", canonical_url=canonical, title=title, text=text,
        discovered=now, fetched=now,
    )  # fmt: skip


def test_one_address_for_a_whole_section_is_a_mistake() -> None:
    long = "The council met for nine hours about the tunnel and then went home again at dawn. "
    other = "A goalkeeper of forty years was sold to a club that nobody in the city had heard of. "
    texts = {
        "1": ("Tunnel", long * 3),
        "2": ("Goalkeeper sold", other * 3),
        "3": ("Tunnel: the printed page", long * 3),
    }
    made = apart([article(path, *rest) for path, rest in texts.items()])
    assert [one.canonical_url for one in made] == [f"http://a.com/{path}" for path in texts]
    # Forms of one article, and pages of one article under one title, stay together.
    same = [article("1", "Tunnel", long * 3), article("2", "The tunnel", long * 2)]
    pages = [article("1", "Tunnel", long * 3), article("2", "Tunnel", other * 3)]
    chinese = [
        article("1", "一", "市议会开会讨论隧道问题" * 9),
        article("2", "二", "守门员被卖给俱乐部了" * 9),
    ]
    assert apart(same) == same
    assert apart(pages) == pages
    assert {one.canonical_url for one in apart(chinese)} == {"http://a.com/1", "http://a.com/2"}
