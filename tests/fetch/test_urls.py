"""URL identity."""

from pathlib import Path

import pytest

from wirewatch.fetch import urls


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.COM:80/A/../Case?b=2&a=1#part", "http://example.com/Case?a=1&b=2"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://example.com/?", "http://example.com/"),
        ("http://example.com/a?&&b=1&", "http://example.com/a?b=1"),
        ("http://example.com/a?x=2&y=1&x=1", "http://example.com/a?x=2&x=1&y=1"),
        ("http://example.com/a?ID=AbC%2fd", "http://example.com/a?ID=AbC%2fd"),
        ("http://example.com/a?utm_source=x&UTM_Medium=y&id=7", "http://example.com/a?id=7"),
        ("http://example.com/a?%75tm_source=x", "http://example.com/a"),
        ("http://example.com/a?fbclid=x#f", "http://example.com/a"),
        ("http://example.com/a?source=x&ref=y", "http://example.com/a?ref=y&source=x"),
        ("https://www.nytimes.com/a?partner=rss", "https://www.nytimes.com/a"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
    ],
)
def test_identity(url: str, expected: str) -> None:
    assert urls.normalise(url) == expected
    assert urls.normalise(expected) == expected


def test_relative_links_take_the_scheme_of_their_base() -> None:
    assert urls.normalise("//b.example/x", "https://a.example/y") == "https://b.example/x"
    assert urls.normalise("../x?b&a", "http://a.example/1/2/3") == "http://a.example/1/x?a&b"


def test_absolute_keeps_the_query_as_it_is() -> None:
    assert urls.absolute("/p?z=1&utm_source=a#x", "http://a.example") == (
        "http://a.example/p?z=1&utm_source=a"
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "empty"),
        ("mailto:a@b.example", "scheme mailto"),
        ("file:///etc/passwd", "scheme file"),
        ("javascript:alert(1)", "scheme javascript"),
        ("http://user:secret@example.com/", "user name"),
        ("no url", "not a URL"),
        ("http://exa mple.com/", "not a URL"),
        ("http://x/\ud800", "not a URL"),
        ("http://example.com/" + "a" * 5_000, "5,019 characters"),
    ],
)
def test_refused_with_words(url: str, words: str) -> None:
    with pytest.raises(urls.BadURL, match=words) as caught:
        urls.normalise(url)
    assert "secret" not in str(caught.value)


def test_site_is_the_registrable_domain() -> None:
    assert urls.site("https://news.bbc.co.uk/x") == "bbc.co.uk"
    assert urls.site("http://one.blogspot.com/") == "one.blogspot.com"
    assert urls.site("http://a.localhost:8765/") == "a.localhost"
    assert urls.site("http://127.0.0.1:1/") == "127.0.0.1"
    assert not urls.same_site("http://a.localhost/", "http://b.localhost/")
    assert urls.same_site("http://m.example.org/1", "https://www.example.org/2")


def test_host_keeps_an_unusual_port() -> None:
    assert urls.host("http://A.localhost:8765/x") == "a.localhost:8765"
    assert urls.host("https://example.com:443/x") == "example.com"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/story?id=1", "https://www.example.org/story?id=1"),
        ("https://m.example.org/story", "https://m.example.org/story"),
        ("https://evil.example.net/story", "https://www.example.org/a?x=1"),
        ("https://www.example.org/", "https://www.example.org/a?x=1"),
        ("::", "https://www.example.org/::"),
        ("http://[", "https://www.example.org/a?x=1"),
    ],
)
def test_canonical_links_are_believed_on_the_same_site(link: str, expected: str) -> None:
    assert urls.canonical("https://www.example.org/a?x=1&utm_source=f", link) == expected


def test_ids_join_the_spellings_of_one_page() -> None:
    assert urls.page_id("http://E.example/a?utm_source=1") == urls.page_id("http://e.example/a#x")
    assert urls.page_id("http://e.example/A") != urls.page_id("http://e.example/a")
    assert urls.page_id("http://e.example/a") != urls.feed_id("http://e.example/a")


def test_a_damaged_tracking_list_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tracking.toml"
    file.write_text('prefixes = ["utm_"]\nnames = ["fbclid, gclid"]\n')
    with pytest.raises(ValueError, match=r"fbclid, gclid"):
        urls.read_tracking(file)


def test_the_reviewed_list_spares_parameters_that_pick_pages() -> None:
    known = urls.tracking()
    for name in (
        "id",
        "p",
        "q",
        "page",
        "article",
        "story",
        "ref",
        "source",
        "s",
        "t",
        "v",
        "from",
    ):
        assert not known.drops(name, frozenset())
