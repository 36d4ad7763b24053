"""Significant words and topics, in a small archive made for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.indices import store_of
from tests.search.stories import DISASTER, SPORT, story
from wirewatch.search.request import BadRequest
from wirewatch.search.terms import terms
from wirewatch.store import Store

pytestmark = pytest.mark.es
STREETS = ("Elm", "Oak", "Mill", "Hill", "Lake", "Park", "Dock", "Ford")


@pytest.fixture(scope="module")
def archive(es_url: str) -> Iterator[Store]:
    """Eight floods with dams and sandbags, forty matches of a cup."""
    floods = [
        story(
            f"flood-{n}",
            f"Flood in {street} Street",
            # No six words in a row come twice: what copies share is passed over.
            f"Sandbags {n} at {street}. Residents {n} said the {n} dam {street} held {n} hours.",
            topics=(DISASTER,),
        )
        for n, street in enumerate(STREETS)
    ]
    matches = [
        story(
            f"match-{n}",
            f"Cup match {n}",
            f"Team {n} of {STREETS[n % 8]} held its lead in match {n} of the cup, residents said.",
            topics=(SPORT,),
        )
        for n in range(40)
    ]
    with store_of(es_url, [*floods, *matches]) as store:
        yield store


def test_words_that_set_a_query_apart(archive: Store) -> None:
    found = terms(archive, "flood")
    words = [term.value for term in found.words]
    assert set(words[:3]) == {"sandbags", "dam", "hours"}
    assert "flood" not in words, "the query's own word"
    assert not {"residents", "held", "the"} & set(words[:5]), "as common elsewhere"
    dam = next(term for term in found.words if term.value == "dam")
    assert (dam.stories, dam.sample, dam.background, dam.everything) == (8, 8, 8, 48)


def test_topics_that_set_a_query_apart(archive: Store) -> None:
    found = terms(archive, "flood")
    assert [term.value for term in found.topics] == [DISASTER.name]
    assert found.outlets == ()


def test_nothing_found_has_no_terms(archive: Store) -> None:
    assert terms(archive, "nothing").words == ()


def test_a_wrong_size(archive: Store) -> None:
    with pytest.raises(BadRequest, match="1 to 100"):
        terms(archive, "flood", size=0)
