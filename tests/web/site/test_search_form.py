"""The form of a saved search: what it shows is what it reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wirewatch.records import Channel, ChannelKind, Copies, Every, SavedSearch, SearchKind
from wirewatch.web.site.search_form import SearchForm, choices, form_of, search_of


def test_a_search_shown_and_read_again_is_the_same() -> None:
    search = SavedSearch(
        id="grain",
        name="Grain prices",
        query="wheat OR maize",
        kind=SearchKind.SPIKE,
        threshold=9,
        copies=Copies.NOT,
        channels=("log", "desk"),
        every=Every.WEEK,
        hour=17,
        weekday=4,
        zone="America/Sao_Paulo",
        quiet=(22, 6),
        muted_until=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
        updates=True,
        age_limit=30,
        cap=5,
        expires=datetime(2026, 7, 2, 2, 59, 59, tzinfo=UTC),
        enabled=False,
        origin="user",
    )
    assert search_of(form_of(search)) == (search, [])


def test_a_day_ends_with_it_in_the_searchs_own_zone() -> None:
    search, _ = search_of(SearchForm(expires="2026-10-25", zone="Europe/Madrid"))
    assert search is not None
    assert search.expires == datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)  # summer time is over


def test_a_number_is_dropped_where_the_kind_needs_none() -> None:
    search, problems = search_of(SearchForm(threshold="5"))
    assert problems == []
    assert search is not None
    assert search.threshold == 0


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"kind": "rumour"}, "rumour"),
        ({"every": "yearly"}, "yearly"),
        ({"cap": "-3"}, "cap"),
        ({"threshold": "12.5"}, "how many"),
        ({"age_limit": "9" * 5000}, "age limit"),
        ({"hour": "٣"}, "hour"),
        ({"quiet_from": "22"}, "quiet hours"),
        ({"expires": "2026-02-30"}, "ends on"),
        ({"muted_until": "soon"}, "mute until"),
    ],
)
def test_what_cannot_be_read_is_named(given: dict[str, str], word: str) -> None:
    search, problems = search_of(SearchForm(**given))
    assert search is None
    assert len(problems) == 1 and word in problems[0]


def test_a_channel_that_is_gone_or_off_can_be_seen_and_left() -> None:
    desk = Channel(id="desk", name="Desk", kind=ChannelKind.MAIL, off="three mails came back")
    assert choices([desk], ["gone"]) == [
        ("log", "The log", ""),
        ("desk", "Desk", "three mails came back"),
        ("gone", "gone", "there is no such channel any more"),
    ]
