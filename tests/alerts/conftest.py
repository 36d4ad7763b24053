"""What tests of delivery share: a webhook that answers as it is told, and a clock to set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import sites
from tests.alerts.receivers import Clock, Receiver


@pytest.fixture
def hook() -> Iterator[Receiver]:
    made = Receiver()
    with sites.serve(made) as site:
        made.url = f"http://127.0.0.1:{site.port}/T0KEN"
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()
