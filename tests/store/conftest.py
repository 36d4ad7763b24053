from collections.abc import Iterator
from pathlib import Path

import pytest

from wirewatch.settings import Settings, load
from wirewatch.store import Store, connect


@pytest.fixture
def options(es_url: str, empty_prefix: str, tmp_path: Path) -> Settings:
    return load({}).with_options(
        elasticsearch__url=es_url, elasticsearch__prefix=empty_prefix, state=str(tmp_path)
    )


@pytest.fixture
def store(options: Settings) -> Iterator[Store]:
    with connect(options) as opened:
        yield opened
