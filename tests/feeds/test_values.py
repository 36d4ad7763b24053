"""The values of feeds made clean."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.feeds import dates, values
from wirewatch.fetch.urls import BadURL, absolute


def parsed(url: str) -> str:
    try:
        return absolute(url, "https://base.example/dir/")
    except BadURL:
        return ""


hosts = st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True)
paths = st.text(st.sampled_from("abZ09_-./~%2eE?=&+,;:@!$()*#'\\^ |<"), max_size=24)


@given(st.sampled_from(["http", "https", "HTTP"]), hosts, paths)
def test_a_link_that_is_not_parsed_is_what_parsing_gives(scheme: str, host: str, path: str) -> None:
    url = f"{scheme}://{host}/{path}"
    assert values.link(url, "https://base.example/dir/") == parsed(url)


@pytest.mark.parametrize(
    "url",
    ["http://a.example/./b", "http://a.example/%2e%2E/b", "http://1.2.3/", "http://xn--a.example/",
     "http://a.xn--a/", "http://a.0x7f/", "http://-.example/", "http://a..example/",
     "http://a.example/" + "x" * 5_000],
)  # fmt: skip
def test_links_that_parsing_changes_or_refuses(url: str) -> None:
    assert values.link(url, "https://base.example/dir/") == parsed(url)


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - the zone is drawn apart
    st.integers(-12 * 60, 14 * 60),
    st.booleans(),
)
def test_the_usual_date_is_read_as_the_standard_library_reads_it(
    at: datetime, offset: int, day: bool
) -> None:
    hours, minutes = divmod(abs(offset), 60)
    zone = f"{'-' if offset < 0 else '+'}{hours:02d}{minutes:02d}"
    text = at.strftime(f"{'%a, ' if day else ''}%d %b %Y %H:%M:%S {zone}")
    expected = parsedate_to_datetime(text).astimezone(UTC)
    assert dates.date(text).when == (expected if expected.year >= dates.FIRST_YEAR else None)


def test_links_in_markup_are_absolute_and_of_the_web() -> None:
    markup = (
        '<a href="b">b</a><a href="//h.example/c">c</a><a href="javascript:x()">x</a>'
        '<img src="../d.png" onerror="x()"><q cite="e">q</q><a href="data:text/html,x">y</a>'
    )
    assert values.sanitised(markup, "https://n.example/dir/f") == (
        '<a href="https://n.example/dir/b">b</a><a href="https://h.example/c">c</a><a>x</a>'
        '<img src="https://n.example/d.png"><q>q</q><a>y</a>'
    )
