"""What a writer sees of an index whose writers are held."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from elasticsearch import AuthorizationException

from wirewatch.records import Page, Run, utc_now
from wirewatch.store import Store, Unavailable, hold

pytestmark = pytest.mark.es
PAGE = Page(id="p", url="http://a.example/", host="a.example", discovered=utc_now())


def block(store: Store, held: bool) -> None:
    for noun in ("pages", "runs"):
        store.es.indices.put_settings(
            index=f"{store.prefix}-{noun}", settings={"index.blocks.write": held or None}
        )


@pytest.fixture
def held(store: Store) -> Iterator[Store]:
    block(store, held=True)
    yield store
    block(store, held=False)


def test_single_writes_and_bulk_writes_wait(held: Store) -> None:
    def write() -> None:
        held.runs.begin(Run(id="r", kind="ingest", started=utc_now()))
        written.append("r")
        written.extend(held.pages.discover([PAGE]).done)

    written: list[str] = []
    writing = threading.Thread(target=write)
    writing.start()
    time.sleep(2 * hold.PAUSE)
    assert not written
    block(held, held=False)
    writing.join(60)
    assert written == ["r", "p"]


def test_a_writer_that_waited_too_long_says_what_for(
    held: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "LONGEST", 0.1)
    following = [f"{held.prefix}-{noun}-000002" for noun in ("pages", "runs")]
    for index in following:  # as a move makes it before it holds the writers
        held.es.indices.create(index=index)
    said = r"-000\d+ could not be written for .* being moved to a new index: try again when"
    with pytest.raises(Unavailable, match=said):
        held.runs.begin(Run(id="r", kind="ingest", started=utc_now()))
    with pytest.raises(Unavailable, match=said):
        held.pages.discover([PAGE])
    held.es.indices.delete(index=following)


def test_a_block_while_nothing_is_moved_is_not_waited_for_as_long(
    held: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "BLOCKED", 0.1)
    said = r"FORBIDDEN/8/.*take the block off \(index\.blocks"
    with pytest.raises(Unavailable, match=said):
        held.runs.begin(Run(id="r", kind="ingest", started=utc_now()))
    with pytest.raises(Unavailable, match=said):
        held.pages.discover([PAGE])


def test_another_refusal_is_no_reason_to_wait(store: Store) -> None:
    index = f"{store.prefix}-runs"
    store.es.indices.put_settings(index=index, settings={"index.blocks.read_only": True})
    try:
        with pytest.raises(AuthorizationException):
            store.runs.begin(Run(id="r", kind="ingest", started=utc_now()))
    finally:
        store.es.indices.put_settings(index=index, settings={"index.blocks.read_only": None})
