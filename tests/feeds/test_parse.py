# ruff: noqa: E501 (documents are easier to read unbroken)
"""Documents of every kind and state to entries."""

from __future__ import annotations

import base64
import gzip
import json
import resource
from datetime import UTC, datetime

import pytest

from wirewatch.feeds.parse import LIMIT, NotAFeed, ParsedFeed, language, parse
from wirewatch.records import Entry

URL = "https://news.example/feeds/all.xml"


def rss(items: str, channel: str = "", head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:atom="http://www.w3.org/2005/Atom">'
        f"<channel><title>News</title><link>https://news.example/</link>{channel}{items}</channel></rss>"
    ).encode()


def one(document: bytes, **options: object) -> Entry:
    parsed = parse(document, URL, **options)  # type: ignore[arg-type]
    assert len(parsed.entries) == 1, parsed
    return parsed.entries[0]


def item(inside: str) -> Entry:
    return one(rss(f"<item>{inside}</item>"))


def test_rss_two() -> None:
    parsed = parse(
        rss(
            """<item><title>A &amp;amp; B</title><link>/a?x=1&amp;y=2</link><guid isPermaLink="false">7</guid>
            <description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</description>
            <content:encoded><![CDATA[<p onclick="x()">Body <a href="/b">b</a><script>evil()</script></p>]]></content:encoded>
            <author>desk@news.example (Ann Lee)</author><dc:creator>Bo Ray</dc:creator>
            <pubDate>Sun, 01 Mar 2026 12:00:00 +0200</pubDate></item>""",
            '<language>pt_br</language><ttl>30</ttl><atom:link rel="hub" href="https://hub.example/"/>'
            "<skipHours><hour>0</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
        ),
        URL,
    )
    assert (parsed.kind, parsed.title, parsed.language) == ("rss", "News", "pt-BR")
    assert (parsed.ttl, parsed.hub) == (1800, "https://hub.example/")
    assert (parsed.skip_hours, parsed.skip_days) == ((0, 23), ("sunday",))
    entry = parsed.entries[0]
    assert entry.title == "A & B"
    assert entry.url == "https://news.example/a?x=1&y=2"
    assert (entry.guid, entry.summary) == ("7", "One two")
    assert entry.content == '<p>Body <a href="https://news.example/b">b</a></p>'
    assert entry.authors == ("Ann Lee", "Bo Ray")
    assert entry.published == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert entry.language == "pt-BR"
    assert parsed.rejected == 0


def test_rdf_and_rss_091() -> None:
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>
      <item rdf:about="https://news.example/1"><title>T</title><link>https://news.example/1</link>
      <dc:date>2026-03-01</dc:date><dc:language>fil</dc:language></item></rdf:RDF>"""
    entry = one(rdf)
    assert (entry.url, entry.title, entry.language) == ("https://news.example/1", "T", "fil")
    assert entry.published == datetime(2026, 3, 1, tzinfo=UTC)
    old = b'<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://x.example/rss.dtd"><rss version="0.91"><channel><title>O</title><item><title>T</title><link>http://n.example/1</link></item></channel></rss>'
    assert one(old).url == "http://n.example/1"


def test_atom_with_xml_base() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://news.example/a/">
      <title type="html">N &amp;amp; M</title><author><name>Redaktion</name></author>
      <entry xml:base="b/"><id>tag:1</id><title type="text">1 &lt; 2</title><link rel="self" href="no"/>
      <link href="c"/><updated>2026-03-01T12:00:00Z</updated>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Hi <a href="d">there</a></div></content></entry>
      </feed>"""
    parsed = parse(atom, URL)
    entry = parsed.entries[0]
    assert parsed.title == "N & M"
    assert (entry.title, entry.url) == ("1 < 2", "https://news.example/a/b/c")
    assert 'href="https://news.example/a/b/d"' in entry.content
    assert (entry.authors, entry.language) == (("Redaktion",), "de")
    assert entry.published is None
    assert entry.updated == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "language": "es",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {
                "id": 12,
                "url": "/x",
                "title": "1 < 2",
                "content_text": "a & b",
                "authors": [{"name": "Eva"}],
            },
            {"id": "https://news.example/perma", "content_html": "<p>Only <b>text</b></p>"},
            "no item",
        ],
    }
    parsed = parse(json.dumps(document).encode(), URL, "application/feed+json")
    first, second = parsed.entries
    assert (parsed.kind, parsed.hub, parsed.rejected) == ("json", "https://hub.example/", 1)
    assert (first.guid, first.url, first.title) == ("12", "https://news.example/x", "1 < 2")
    assert (first.content, first.authors, first.language) == ("a &amp; b", ("Eva",), "es")
    assert (second.url, second.title) == ("https://news.example/perma", "Only text")


SITEMAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <url><loc>https://news.example/1</loc><news:news><news:publication><news:name>N</news:name><news:language>ar</news:language></news:publication>
  <news:publication_date>2026-03-01T10:00:00+00:00</news:publication_date><news:title>T</news:title></news:news></url>
  <url><loc>https://news.example/old</loc><lastmod>2020-01-01</lastmod></url></urlset>"""


def test_news_sitemaps_even_packed() -> None:
    since = datetime(2026, 2, 27, tzinfo=UTC)
    for body in (SITEMAP, gzip.compress(SITEMAP)):
        parsed = parse(body, URL, since=since)
        entry = parsed.entries[0]
        assert (parsed.kind, parsed.title, parsed.rejected) == ("sitemap", "N", 1)
        assert (entry.url, entry.title, entry.language) == ("https://news.example/1", "T", "ar")
        assert entry.published == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_sitemap_index() -> None:
    index = b"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-03-01</lastmod></sitemap><sitemap/></sitemapindex>"
    parsed = parse(index, URL)
    assert parsed.children == (("https://news.example/a.xml", datetime(2026, 3, 1, tzinfo=UTC)),)


def test_entries_survive_without_link_title_or_date() -> None:
    assert item("<guid>https://news.example/p</guid>").url == "https://news.example/p"
    assert item("<link>/x</link><description>One two</description>").title == "One two"
    assert item("<link>/x</link><pubDate>soon</pubDate>").published is None
    assert item("<link>  /x\n </link>").title == ""


def test_what_leads_nowhere_is_rejected_with_words() -> None:
    items = "<item><title>A</title></item><item><link>mailto:a@b.example</link></item><item><link>/x</link></item>"
    parsed = parse(rss(items), URL)
    assert (len(parsed.entries), parsed.rejected) == (1, 2)
    assert [r.reason for r in parsed.rejections] == [
        "no link",
        "its link is no http URL: 'mailto:a@b.example'",
    ]
    assert parsed.note.startswith("2 entries rejected")


def test_entries_past_the_limit_are_counted() -> None:
    parsed = parse(rss("<item><link>/x</link></item>" * (LIMIT + 42)), URL)
    assert (len(parsed.entries), parsed.rejected) == (LIMIT, 42)
    assert "42 entries past the 2,000th" in parsed.note


def test_a_guid_that_all_entries_share_tells_nothing_apart() -> None:
    parsed = parse(rss("".join(f"<item><guid>0</guid><link>/{n}</link></item>" for n in "ab")), URL)
    assert len({entry.id for entry in parsed.entries}) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 01 Mar 2026 12:00:00 GMT", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 12:00 EST", datetime(2026, 3, 1, 17, tzinfo=UTC)),
        ("1 Mar 2026 12:00:00 -0000", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00.5+05:30", datetime(2026, 3, 1, 6, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-03-01 12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03", None),
        ("0001-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("32 Foo 2026", None),
        ("1" * 5_000, None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert item(f"<link>/x</link><pubDate>{text}</pubDate>").published == expected


def test_dates_in_the_future_are_mistakes() -> None:
    document = rss("<item><link>/x</link><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate></item>")
    assert one(document, now=datetime(2026, 2, 1, tzinfo=UTC)).published is None
    assert one(document, now=datetime(2026, 3, 1, tzinfo=UTC)).published is not None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b"<!DOCTYPE html><html><head><title>Sign &amp; in</title>",
            "an HTML page titled “Sign & in”",
        ),
        (b"<html><body>x", "an HTML page without a title"),
        (b"", "an empty answer"),
        (b" \n", "an empty answer"),
        (b"Not found", "plain text beginning 'Not found'"),
        (b"<note><to>x</to></note>", "root element is <note>"),
        (b'{"a": 1}', "JSON without a list of items"),
        (b'{"items": [', "damaged JSON"),
        (b"[" * 100_000, "JSON"),
        (gzip.compress(b"x", mtime=0)[:-9], "plain text"),
        (b"\x1f\x8bnonsense", "cannot be unpacked"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_what_is_no_feed_says_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match="not a feed: ") as caught:
        parse(body, URL)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        ("é".encode("utf-8-sig"), "text/xml; charset=iso-8859-1", "é"),
        ("жы".encode("koi8-r"), "text/xml; charset=koi8-r", "жы"),
        ("жы".encode("windows-1251"), "", "жы"),  # by the XML declaration
        ("é".encode(), "text/xml; charset=us-ascii", "é"),
        ("日本".encode("utf-16"), "", "日本"),
    ],
)
def test_charsets(body: bytes, content_type: str, title: str) -> None:
    text = (
        '<?xml version="1.0" encoding="windows-1251"?>'
        "<rss><channel><title>@</title><item><link>/x</link></item></channel></rss>"
    )
    if body.startswith(b"\xff\xfe"):
        document = text.replace("@", title).encode("utf-16")
    elif body.startswith(b"\xef\xbb\xbf"):
        document = text.replace("@", title).encode("utf-8-sig")
    else:
        document = text.encode().replace(b"@", body)
    assert parse(document, URL, content_type).title == title


def test_the_usual_faults_are_mended() -> None:
    faults = rss(
        "<item><title>Caf&eacute; & Bar\x0b&#0; &unknown;</title><link>/x?a=1&b=2</link>"
        "<description><![CDATA[<a href='/y?c=1&d=2'>y</a> &nbsp; &amp;]]></description>"
        "<media:thumbnail url='x'/></item>"
    )
    parsed = parse(b"Warning: PHP\n" + faults, URL)
    entry = parsed.entries[0]
    assert entry.title == "Café & Bar &unknown;"
    assert entry.url == "https://news.example/x?a=1&b=2"
    assert entry.summary == "y &"
    assert parsed.note == ""


def test_a_malformed_feed_gives_what_can_be_read() -> None:
    whole = rss("".join(f"<item><title>T{n}</title><link>/{n}</link></item>" for n in range(9)))
    cut = whole[: whole.index(b"<title>T7") + 8]
    parsed = parse(cut, URL)
    assert [entry.title for entry in parsed.entries[:7]] == [f"T{n}" for n in range(7)]
    assert len(parsed.entries) + parsed.rejected == 8
    assert parsed.note.startswith("malformed: ")
    unclosed = whole.replace(b"</title><link>/4", b"<b></title><link>/4")
    assert len(parse(unclosed, URL).entries) == 9


def bombs() -> dict[str, bytes]:
    laughs = (
        '<!DOCTYPE r [<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        + "]>"
    )
    return {
        "laughs": rss("<item><title>&a11;</title><link>/x</link></item>", head=laughs),
        "quadratic": rss(
            f"<item><title>{'&q;' * 50_000}</title><link>/x</link></item>",
            head=f'<!DOCTYPE r [<!ENTITY q "{"q" * 50_000}">]>',
        ),
        "external": rss(
            "<item><title>&e;</title><link>/x</link></item>",
            head='<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ),
        "dtd": rss(
            "<item><link>/x</link></item>", head='<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x">'
        ),
        "parameter": rss(
            "<item><link>/x</link></item>",
            head='<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        ),
        "deep": b"<rss><channel><item><link>/x</link>" + b"<a>" * 100_000,
        "attributes": rss(
            "<item " + " ".join(f'a{n}="x"' for n in range(50_000)) + "><link>/x</link></item>"
        ),
        "open": rss("<item><link>/x</link></item>", head="<!DOCTYPE r [" + "<!-- -" * 50_000),
        "markup": rss(
            f"<item><link>/x</link><description>{'&lt;div&gt;' * 50_000}</description></item>"
        ),
    }


@pytest.mark.timeout(20)  # nine bombs, each far under a second
@pytest.mark.parametrize("name", bombs())
def test_bombs(name: str) -> None:
    document = bombs()[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        parsed: ParsedFeed | None = parse(document, URL)
    except NotAFeed:
        parsed = None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # kilobytes
    assert grown < 100_000
    assert parsed is None or not any("root:" in entry.title for entry in parsed.entries)
    if name in ("laughs", "external"):
        assert parsed is not None
        assert parsed.entries[0].title.startswith("&")
        assert "declares entities" in parsed.note


def test_script_never_comes_through() -> None:
    evil = "&lt;img src=x onerror=alert(1)&gt;&lt;a href='javascript:alert(1)'&gt;x&lt;/a&gt;&lt;iframe src=//e.example&gt;"
    entry = item(f"<link>/x</link><title>{evil}T</title><content:encoded>{evil}</content:encoded>")
    assert "alert" not in entry.content
    assert "iframe" not in entry.content
    assert entry.title == "xT"


def test_language_tags() -> None:
    assert [language(tag) for tag in ("en-us", "zh_hant_TW", "FIL", "de,fr", "english!", "")] == [
        "en-US", "zh-Hant-TW", "fil", "", "", "",
    ]  # fmt: skip


def test_text_is_nfc_and_one_line() -> None:
    entry = item("<link>/x</link><title>Cafe\u0301\n  au\u00ad lait\u200b</title>")
    assert entry.title == "Café au lait"


def test_plain_text_that_looks_like_markup_is_no_markup_in_the_content() -> None:
    document = {"items": [{"url": "/x", "content_text": "<script>alert(1)</script> &lt;b&gt;"}]}
    entry = one(json.dumps(document).encode())
    assert entry.content == "&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;"


def test_entities_in_what_is_said_to_be_plain_text() -> None:
    atom = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/x"/>'
        b"<title>7769&amp;nbsp;&amp;quot;x&amp;quot;</title></entry></feed>"
    )
    assert one(atom).title == '7769 "x"'


def test_modules_with_names_like_those_of_rss_are_not_taken_for_them() -> None:
    clash = (
        b'<rss xmlns:l="http://purl.org/rss/1.0/modules/link/" '
        b'xmlns:d="http://x.example/rss/mine/"><channel><item><l:link>/wrong</l:link>'
        b"<d:description>wrong</d:description><link>/x</link>"
        b"<description>right</description></item></channel></rss>"
    )
    entry = one(clash)
    assert (entry.url, entry.summary) == ("https://news.example/x", "right")


def test_cdf_and_ids_that_are_paths() -> None:
    cdf = b'<CHANNEL BASE="http://n.example/"><ITEM HREF="/1" LASTMOD="2026-03-01T00:00:00Z"><TITLE>T</TITLE><ABSTRACT>A</ABSTRACT></ITEM></CHANNEL>'
    entry = one(cdf)
    assert (entry.url, entry.title, entry.summary) == ("http://n.example/1", "T", "A")
    assert entry.updated == datetime(2026, 3, 1, tzinfo=UTC)
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>/p</id></entry></feed>'
    assert one(atom).url == "https://news.example/p"


def test_a_document_that_was_cut_off_is_read_to_its_end_without_feedparser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wirewatch.feeds.loose.read", None)
    whole = rss("".join(f"<item><title>T{n}</title><link>/{n}</link></item>" for n in range(9)))
    for end in (b"7</title>", b"8</link>", b"</channel>"):
        parsed = parse(whole[: whole.index(end)], URL)
        assert len(parsed.entries) + parsed.rejected >= 8
        assert parsed.note.startswith("malformed: ")


def test_what_comes_behind_a_document_is_no_matter_unless_it_has_entries() -> None:
    image = "<image><url>http://n.example/i.png</url></image>"
    whole = rss("<item><link>/1</link></item>", image)
    behind = parse(whole + b"<br /><b>Warning</b>: PHP <br>", URL)
    assert (len(behind.entries), behind.rejected) == (1, 0)
    assert "Extra content" in behind.note
    assert len(parse(whole + rss("<item><link>/2</link></item>"), URL).entries) == 2


@pytest.mark.parametrize(
    "before",
    ["Notice: no cache\n", "<br />\n<b>Warning</b>: division in <b>x.php</b> on line <i>4</i><br />",
     "<!-- cached --> x ", "x" * 9_000, "<html><head></head></html>\n", "<p><rs>"],
)  # fmt: skip
def test_what_stands_before_the_feed_is_passed_over(before: str) -> None:
    for document in (
        rss("<item><link>/1</link></item>"),
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/1'/></entry></feed>",
    ):
        parsed = parse(before.encode() + document, URL)
        assert [entry.url for entry in parsed.entries] == ["https://news.example/1"]
    sound = parse(
        b"<?xml version='1.0'?><!-- <rss> --><?x y?>\n<rss><channel><item><link>/1</link></item></channel></rss>",
        URL,
    )
    assert (len(sound.entries), sound.note) == (1, "")


@pytest.mark.parametrize("spelling", ["http://{}", "https://{}", "http://{}/", "HTTPS://{}"])
def test_namespaces_in_every_spelling(spelling: str) -> None:
    def name(space: str) -> str:
        return spelling.format(space)

    atom = parse(
        f"""<feed xmlns="{name("www.w3.org/2005/Atom")}" xmlns:dc="{name("purl.org/dc/elements/1.1")}">
        <entry><title>T</title><link href="/1"/><dc:creator>Ann</dc:creator></entry></feed>""".encode(),
        URL,
    )
    assert [(e.url, e.title, e.authors) for e in atom.entries] == [
        ("https://news.example/1", "T", ("Ann",))
    ]
    news = parse(
        f"""<urlset xmlns="{name("www.sitemaps.org/schemas/sitemap/0.9")}" xmlns:n="{name("www.google.com/schemas/sitemap-news/0.9")}">
        <url><loc>/1</loc><n:news><n:title>T</n:title></n:news></url></urlset>""".encode(),
        URL,
    )
    assert [(e.url, e.title) for e in news.entries] == [("https://news.example/1", "T")]
    entry = one(
        f"""<rss><channel><item xmlns:c="{name("purl.org/rss/1.0/modules/content")}" xmlns:m="{name("search.yahoo.com/mrss")}">
        <link>/1</link><c:encoded>&lt;p&gt;Whole&lt;/p&gt;</c:encoded><m:title>T</m:title></item></channel></rss>""".encode()
    )
    assert (entry.title, entry.content) == ("T", "<p>Whole</p>")


def atom(inside: str) -> Entry:
    head = "xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'"
    return one(f"<feed {head}><entry>{inside}</entry></feed>".encode())


def test_the_entrys_own_title_and_summary_beat_those_of_its_media() -> None:
    media = "<media:group><media:title>Photo</media:title><media:description>Shown: a boat</media:description></media:group>"
    for first in (media, media.replace("media:group", "media:content")):
        entry = atom(f"{first}<link href='/1'/><title>Harbour</title><summary>Boats</summary>")
        assert (entry.title, entry.summary) == ("Harbour", "Boats")
        entry = atom(f"{first}<link href='/1'/>")
        assert (entry.title, entry.summary) == ("Photo", "Shown: a boat")
    entry = item(
        "<link>/1</link><media:description xmlns:media='http://search.yahoo.com/mrss/'>Boats</media:description>"
    )
    assert entry.summary == "Boats"


def test_the_page_for_readers_among_several_links() -> None:
    links = ("<link type='application/ld+json' href='/1.json'/>", "<link href='/1.amp'/>",
             "<link rel='alternate' type='text/html' href='/1'/>", "<link rel='enclosure' href='/1.mp3'/>")  # fmt: skip
    for order in (links, links[::-1]):
        assert atom("".join(order)).url == "https://news.example/1"
    assert atom("".join(links[:2])).url == "https://news.example/1.amp"
    assert atom(links[0]).url == "https://news.example/1.json"


def test_signs_of_cdata_that_were_escaped() -> None:
    for title in (
        "&lt;![CDATA[Ferry &amp;amp; quay]]&gt;",
        "<![CDATA[<![CDATA[Ferry & quay]]]]><![CDATA[>]]>",
    ):
        assert atom(f"<link href='/1'/><title type='html'>{title}</title>").title == "Ferry & quay"
        assert item(f"<link>/1</link><title>{title}</title>").title == "Ferry & quay"


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("/read.php?a=1&amp;amp;b=2&amp;amp;amp;c=3", "https://news.example/read.php?a=1&b=2&c=3"),
        ("/read.php?a=1&amp;copy=2", "https://news.example/read.php?a=1&copy=2"),
        (
            "https://www.google.co.uk/url?sa=t&amp;url=https%3A%2F%2Fquay.example%2Fa%3Fb%3D1%26c%3D2&amp;ct=ga",
            "https://quay.example/a?b=1&c=2",
        ),
        ("https://www.google.com/url?q=https://quay.example/a", "https://quay.example/a"),
        (
            "http://news.google.com/news/url?sa=t&amp;url=http://quay.example/a",
            "http://quay.example/a",
        ),
        (
            "https://www.google.com/url?url=javascript:x",
            "https://www.google.com/url?url=javascript:x",
        ),
        (
            "https://google.evil.example/url?url=https://quay.example/a",
            "https://google.evil.example/url?url=https://quay.example/a",
        ),
        (
            "https://quay.example/url?url=https://other.example/a",
            "https://quay.example/url?url=https://other.example/a",
        ),
    ],
)
def test_the_page_that_a_link_means(link: str, page: str) -> None:
    assert item(f"<link>{link}</link>").url == page


def test_atom_content_in_rss_and_text_in_base64() -> None:
    content = "<atom:content type='html'>&lt;p&gt;Whole&lt;/p&gt;</atom:content>"
    assert item(f"<link>/1</link>{content}").content == "<p>Whole</p>"
    packed = base64.b64encode("<p>Fähre</p>".encode()).decode()
    for how in ("mode='base64'", "type='application/octet-stream'"):
        assert atom(f"<link href='/1'/><content {how}>{packed}</content>").content == "<p>Fähre</p>"
    picture = base64.b64encode(bytes(range(256))).decode()
    assert atom(f"<link href='/1'/><content type='image/png'>{picture}</content>").content == ""


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("desk@quay.example (Ann Lee)", ("Ann Lee",)),
        ("Ann Lee &lt;ann@quay.example&gt;", ("Ann Lee",)),
        ("Ann Lee (ann@quay.example)", ("Ann Lee",)),
        ("ann@quay.example Ann Lee", ("Ann Lee",)),
        ("Ann Lee, ann@quay.example", ("Ann Lee",)),
        ("Ann &lt;a@quay.example&gt;, Bo &lt;b@quay.example&gt;", ("Ann", "Bo")),
        ("mailto:ann@quay.example", ()),
        ("Ann Lee (@annlee)", ("Ann Lee (@annlee)",)),
    ],
)
def test_names_without_mail_addresses(written: str, names: tuple[str, ...]) -> None:
    assert item(f"<link>/1</link><author>{written}</author>").authors == names
    assert atom(f"<link href='/1'/><author><name>{written}</name></author>").authors == names


def test_a_packed_sitemap_that_was_cut_off_says_so() -> None:
    packed = gzip.compress(SITEMAP)
    parsed = parse(packed[: len(packed) - 9], URL)
    assert parsed.entries
    assert "the gzip body was cut off" in parsed.note


def test_text_before_a_json_feed() -> None:
    feed = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1"}]}'
    assert [entry.url for entry in parse(b"<b>Notice</b>\n" + feed, URL).entries] == [
        "https://news.example/1"
    ]
