"""Names beside an apostrophe: found as phrase, prefix and word, in every language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.indices import store_of
from tests.search.stories import story
from tests.search.test_search import found
from wirewatch.search.search import search
from wirewatch.store import Store

pytestmark = pytest.mark.es

STORIES = (
    story("en", "Nora Vance’s boat returns", "Nora Vance's boat and the crew’s log came home."),
    story("fr", "Le retour d’Irène Mercier", "L’Assemblée nationale reçoit Irène Mercier.", "fr"),
    story("it", "Il porto dell’Isola Bianca", "Quest’autunno riapre il porto.", "it"),
    story("tr", "Bursa Belediyesi’nin planı", "Bursa’da Kemal O’Hara’nın evi.", "tr"),
    story("fi", "WHO:n raportti", "Saima Karhu’n kirja ja WHO:n uusi raportti.", "fi"),
    story("ko", "‘새길당’이 승리", "‘새길당’이 선거에서 승리했다.", "ko"),
    story("uk", "Новий м’яч", "Гравці отримали новий м’яч.", "uk"),
    story("pl", "Tom Kennedy’ego", "Nowy tom Kennedy’ego trafił do księgarń.", "pl"),
    story(
        "names",
        "Plain",
        "Words without marks.",
        outlet="L’Étoile du Nord",
        author="Aoife O’Hara",
        agency="Agence d’Orly",
    ),
)


@pytest.fixture(scope="module")
def marked(es_url: str) -> Iterator[Store]:
    """A store of those stories."""
    with store_of(es_url, STORIES) as store:
        yield store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"Nora Vance"', {"en"}),
        ('title:"nora vance"', {"en"}),
        ('"Nora Vanceʼs boat"', {"en"}),
        ('"Nora Vance boat"', set()),  # exact words: the s is one
        ('"Nora Vances"', set()),
        ('"crew"', {"en"}),
        ("vanc*", {"en"}),
        ("vance`s", {"en"}),
        ('"Irène Mercier"', {"fr"}),
        ("irèn*", {"fr"}),
        ('"assemblée nationale"', {"fr"}),
        ('"l´assemblée nationale"', {"fr"}),
        ('"Isola Bianca"', {"it"}),
        ("autunno", {"it"}),
        ('"Bursa Belediyesi"', {"tr"}),
        ('"bursa"', {"tr"}),
        ('"kemal o hara"', {"tr"}),
        ("kemal o'har*", {"tr"}),
        ('"WHO"', {"fi"}),
        ('"Saima Karhu"', {"fi"}),
        ('"새길당"', {"ko"}),
        ("새길당", {"ko"}),
        ("м'яч", {"uk"}),
        ('"мʼяч"', {"uk"}),
        ("м`яч*", {"uk"}),
        ('"tom kennedy"', {"pl"}),
        ("outlet:étoile", {"names"}),
        ("outlet:l'etoile", {"names"}),
        ('outlet:"étoile du nord"', {"names"}),
        ("outlet:étoi*", {"names"}),
        ("author:hara", {"names"}),
        ("author:O＇Hara", {"names"}),
        ("agency:orly", {"names"}),
    ],
)
def test_finds(marked: Store, query: str, expected: set[str]) -> None:
    assert found(marked, query) == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('"Nora Vance"', {"Nora Vance"}),
        ("irèn*", {"Irène"}),
        ('"Isola Bianca"', {"Isola Bianca"}),
        ('"WHO"', {"WHO"}),
    ],
)
def test_what_is_marked_is_the_name_alone(marked: Store, query: str, words: set[str]) -> None:
    (hit,) = search(marked, query).hits
    pieces = [piece for one in hit.highlights for piece in one.pieces]
    assert {piece.text for piece in pieces if piece.match} == words
