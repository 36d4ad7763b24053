"""A store with the stories of ``stories.py``, made once: no test here changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.indices import store_of
from tests.search.stories import STORIES
from wirewatch.store import Store


@pytest.fixture(scope="session")
def library(es_url: str) -> Iterator[Store]:
    """The store of the dozen stories."""
    with store_of(es_url, STORIES) as store:
        yield store
