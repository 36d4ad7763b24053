"""URL identity."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirewatch.fetch import urls

DATA = os.environ.get("EVALUATION_DATA", "")  # where others' files lie, if they do


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


# Anything a feed may hold: hosts of all scripts, odd ports, escapes, controls, plain noise.
HOSTS = st.sampled_from(
    [
        "example.com",
        "EXAMPLE.com",
        "bücher.example",
        "www.nytimes.com",
        "127.0.0.1",
        "[::1]",
        "a.b.c",
    ]
) | st.text(min_size=1, max_size=20)
PATHS = st.text(max_size=30)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["id", "ID", "utm_source", "%75tm_x", "fbclid", "b", "a", "", "partner"])
        | st.text(max_size=6),
        st.text(max_size=8),
    ),
    max_size=6,
)
NOISE = st.text(max_size=60)


@st.composite
def texts(draw: st.DrawFn) -> str:
    query = "&".join(f"{name}={value}" for name, value in draw(QUERIES))
    port = draw(st.sampled_from(["", ":80", ":443", ":8080", ":"]))
    scheme = draw(st.sampled_from(["http", "https", "HTTP", "Https"]))
    return f"{scheme}://{draw(HOSTS)}{port}/{draw(PATHS)}?{query}#{draw(PATHS)}"


@settings(deadline=None)
@given(texts() | NOISE)
def test_normalising_twice_changes_nothing(text: str) -> None:
    try:
        once = urls.normalise(text)
    except urls.BadURL:
        return
    assert urls.normalise(once) == once
    assert urls.absolute(once) == once
    assert urls.host(once) == urls.authority(once)
    assert urls.origin(once) + "/" == once[: len(urls.origin(once)) + 1]
    assert "#" not in once


@settings(deadline=None)
@given(texts(), st.sampled_from(["utm_campaign", "FBCLID", "mtm_x", "_ga"]))
def test_tracking_never_makes_another_page(text: str, name: str) -> None:
    try:
        plain = urls.normalise(text)
    except urls.BadURL:
        return
    tracked = f"{plain}{'&' if '?' in plain else '?'}{name}=1"
    assert urls.normalise(tracked) == plain


@settings(deadline=None)
@given(st.permutations(["a=1", "b=2", "c=3", "d", "e=%41"]))
def test_the_order_of_parameters_names_no_page(pieces: list[str]) -> None:
    named = urls.normalise("https://example.org/X?" + "&".join(pieces))
    assert named == "https://example.org/X?a=1&b=2&c=3&d&e=%41"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.example/A", "http://e.example/a"),
        ("http://e.example/a?x=A", "http://e.example/a?x=a"),
        ("http://e.example/a", "https://e.example/a"),
        ("http://www.e.example/a", "http://e.example/a"),
        ("http://m.e.example/a", "http://www.e.example/a"),  # a mobile host only by its canonical
        ("http://e.example/a/amp", "http://e.example/a"),
        ("http://e.example/a/", "http://e.example/a"),
        ("http://e.example/a%2Fb", "http://e.example/a/b"),
        ("http://e.example:8080/a", "http://e.example/a"),
    ],
)
def test_what_may_be_another_page_stays_one(one: str, other: str) -> None:
    assert urls.page_id(one) != urls.page_id(other)


@pytest.mark.parametrize(
    ("spelt", "host"),
    [
        ("http://ＥＸＡＭＰＬＥ.com/", "example.com"),
        ("http://faß.de/", "xn--fa-hia.de"),
        ("http://ドメイン名例.jp/", "xn--eckwd4c7cu47r2wf.jp"),
        ("http://example。com/", "example.com"),
        ("http://EXAMPLE.com./", "example.com."),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://a_b.example/", "a_b.example"),
    ],
)
def test_hosts_are_named_as_idna_says(spelt: str, host: str) -> None:
    assert urls.host(spelt) == host


def cases(name: str) -> list[dict[str, str]]:
    file = Path(DATA) / "robust-wpt-url" / "tests" / "wpt" / name
    return [case for case in json.loads(file.read_text()) if isinstance(case, dict)]


@pytest.mark.skipif(not DATA, reason="EVALUATION_DATA names no folder of evaluation data")
@pytest.mark.parametrize(
    ("name", "least"), [("urltestdata.json", 891), ("ada_extra_urltestdata.json", 28)]
)
def test_the_web_platform_s_urls(name: str, least: int) -> None:
    """Read as the standard says, or refused: no other scheme, no user, no URL at all."""
    wrong = []
    for case in cases(name):
        try:
            got = urls.absolute(case["input"], case.get("base") or None)
        except urls.BadURL:
            got = ""
        usable = (
            "failure" not in case
            and case["href"].startswith(("http:", "https:"))
            and not case["username"]
            and not case["password"]
            and case["input"].strip()  # standing for its base is no link
        )
        expected = case["href"].partition("#")[0] if usable else ""
        if got != expected:
            wrong.append((case["input"], case.get("base"), expected, got))
    assert wrong == []
    assert len(cases(name)) >= least


@pytest.mark.skipif(not DATA, reason="EVALUATION_DATA names no folder of evaluation data")
def test_the_web_platform_s_hosts() -> None:
    wrong = []
    for case in cases("toascii.json"):
        try:
            got = urls.host(f"https://{quote(case['input'], safe='')}/x")
        except urls.BadURL:
            got = None  # type: ignore[assignment]
        if got != case["output"]:
            wrong.append((case["input"], case["output"], got))
    assert wrong == []
