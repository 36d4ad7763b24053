"""The page of saved searches: each with its newest alert, for a handful of requests."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests import makers
from tests.web.conftest import served
from wirewatch.records import SavedSearch, replace, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.store.client import Client
from wirewatch.web.security import keys

pytestmark = pytest.mark.es
SEARCHES, MOST_REQUESTS = 300, 10


def test_its_requests_do_not_grow_with_the_searches(
    options: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"search-{number:03}" for number in range(SEARCHES)]
    store.searches.put(SavedSearch(id=one, name=one, query="flood") for one in names)
    older = makers.story("older", title="The older one")
    newer = makers.story("newer", title="The newer one")
    with_alerts = names[:-1]
    store.alerts.create(makers.alert(older, one) for one in with_alerts)
    store.alerts.create(
        replace(makers.alert(newer, one), created=makers.NOW + timedelta(hours=1))
        for one in with_alerts[::2]
    )
    assert {one: store.alerts.newest(names)[one].story_id for one in with_alerts[:2]} == {
        names[0]: "newer",
        names[1]: "older",
    }
    requests = 0
    perform = Client.perform_request

    def counted(*args: Any, **given: Any) -> Any:
        nonlocal requests
        requests += 1
        return perform(*args, **given)

    monkeypatch.setattr(Client, "perform_request", counted)
    secret, key = keys.make("reader", ["read"], utc_now())
    store.keys.create(key)
    text, way = "", "/searches"
    with served(options, store) as url:
        while way:
            requests = 0
            page = httpx.get(
                f"{url}{way}", headers={"Authorization": f"Bearer {secret}"}, timeout=60
            )
            assert page.status_code == 200
            assert requests <= MOST_REQUESTS
            text += page.text
            further = re.search(r'rel="next" href="([^"]+)"', page.text)
            way = further[1] if further else ""
    assert text.count("The newer one") == len(with_alerts[::2])
    assert text.count("The older one") == len(with_alerts[1::2])
    assert text.count("no alert yet") == 1
