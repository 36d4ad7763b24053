"""An Elasticsearch that takes no writes for a while fails a run and rejects none of its stories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.faults.test_takeover import BEFORE, NEW, discover, ingest, picture
from tests.sites import Answer, Request, serve
from wirewatch.records import PageStatus, Reason
from wirewatch.settings import Settings
from wirewatch.store import Store, Unavailable, bulk, hold

pytestmark = pytest.mark.es


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "TRIES", 1)
    monkeypatch.setattr(bulk, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(hold, "BLOCKED", 0.1)


@contextmanager
def setting(store: Store, name: str) -> Iterator[None]:
    """The stories' indices, which are there already, with this setting on."""
    indices = f"{store.prefix}-stories-*"
    store.es.indices.put_settings(index=indices, settings={name: True})
    try:
        yield
    finally:
        store.es.indices.put_settings(index=indices, settings={name: None})


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("index.blocks.write", "take the block off"),
        ("index.blocks.read_only_allow_delete", "disk is nearly full: free space"),
        ("index.blocks.read_only", "take the block off"),
    ],
)
def test_a_block_fails_the_run_and_rejects_nothing(
    options: Settings, store: Store, block: str, words: str
) -> None:
    discover(store, BEFORE)
    ingest(options, "before", BEFORE)
    discover(store, NEW)
    with setting(store, block), pytest.raises(Unavailable, match=words):
        ingest(options, "r", NEW)
    store.refresh()
    states = {page.status for page in store.pages.all()}
    assert states == {PageStatus.INDEXED, PageStatus.DISCOVERED}
    ingest(options, "r", NEW)
    assert len(picture(options)["stories"]) == len(BEFORE) + len(NEW)


def items_fail(status: int, answer: bytes) -> tuple[int, bytes]:
    """A bulk request is answered as if each of its items had failed."""
    read = json.loads(answer)
    error = {"type": "unavailable_shards_exception", "reason": "no shard"}
    items = [
        {name: {"_id": result["_id"], "status": status, "error": error}}
        for item in read["items"]
        for name, result in item.items()
    ]
    return 200, json.dumps({**read, "errors": True, "items": items}).encode()


def all_fails(status: int, _answer: bytes) -> tuple[int, bytes]:
    return status, b'{"error": {"type": "busy", "reason": "busy"}}'


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("fails", [items_fail, all_fails])
def test_a_server_that_is_busy_fails_the_run_and_rejects_nothing(
    options: Settings, store: Store, status: int, fails: Callable[[int, bytes], tuple[int, bytes]]
) -> None:
    busy = True

    def forward(request: Request) -> Answer:
        names = ("Content-Type", "Accept") if request.body else ("Accept",)
        kept = {name: request.headers[name] for name in names if request.headers[name]}
        url = options["elasticsearch.url"] + request.path
        got = httpx.request(
            request.method, url, content=request.body or None, headers=kept, timeout=60
        )
        code, body = got.status_code, got.content
        if busy and request.path.startswith("/_bulk") and b"-stories-" in request.body:
            code, body = fails(status, body)
        product = {"X-Elastic-Product": "Elasticsearch"}
        return Answer(body, code, got.headers.get("Content-Type", ""), product)

    discover(store, NEW)
    with serve(forward) as site:
        through = options.with_options(elasticsearch__url=f"http://127.0.0.1:{site.port}")
        with pytest.raises(Unavailable, match="does not do this now"):
            ingest(through, "r", NEW)
        store.refresh()
        assert {page.status for page in store.pages.all()} == {PageStatus.DISCOVERED}
        busy = False
        ingest(through, "r", NEW)
    assert len(picture(options)["stories"]) == len(NEW)


def test_a_document_at_fault_is_rejected_and_its_cluster_goes_on_without_it(
    options: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lead of a cluster of three is refused by the strict mapping."""
    original = type(store.stories).document
    monkeypatch.setattr(
        type(store.stories),
        "document",
        lambda self, story: (
            original(self, story) | ({"surprise": 1} if story.article.title == "other" else {})
        ),
    )
    discover(store, NEW)
    ingest(options, "r", NEW)
    store.refresh()
    [rejected] = store.pages.all([PageStatus.REJECTED])
    assert (rejected.host, rejected.reason) == ("other.example", Reason.INDEXING_FAILED)
    assert "strict_dynamic_mapping" in rejected.detail
    stories = {story.id: story for story in store.stories.all()}
    for cluster in store.clusters.all():
        assert [one for one in cluster.stories if stories[one].lead] == [cluster.lead]
    assert len(stories) == len(NEW) - 1
