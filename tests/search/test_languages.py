"""Which languages' fields are asked is learnt from the stories there are."""

from __future__ import annotations

import pytest

from tests.indices import store_of
from tests.search.stories import story
from wirewatch.search import languages
from wirewatch.search.search import search

pytestmark = pytest.mark.es


def test_languages_are_those_of_the_stories(es_url: str) -> None:
    with store_of(es_url) as store:
        assert languages.present(store) == ()
        assert search(store, "flood").stories == 0

        tags = ["en", "en", "zh", "und", "pt-BR", "xx"]
        store.stories.create(story(f"a{n}", "flood", "flood", tag) for n, tag in enumerate(tags))
        store.refresh()
        found = languages.present(store)
        assert found[0] == "en"
        assert set(found) == {"en", "cjk", "other", "pt_br"}
        assert search(store, "flood").stories == len(tags)

        store.stories.create([story("b", "Hochwasser", "Hochwasser", "de")])
        store.refresh()
        assert "de" not in languages.present(store), "it is remembered for a while"
        assert "de" in languages.present(store, keep=0)
        assert search(store, "Hochwasser").stories == 1
