"""Lists read page by page: no row is lost or comes twice while rows are added.

Without a point in time, which would keep segments alive for every reader of a list: the order is
by fields that a document keeps for life, so whoever goes on after the last row misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from elasticsearch import Elasticsearch

from wirewatch.records import (
    Alert,
    Channel,
    Delivery,
    Feed,
    Page,
    Record,
    Run,
    SavedSearch,
    from_dict,
)
from wirewatch.store.alertstore import LIVE

T = TypeVar("T", bound=Record)
After = Sequence[Any]
Values = Sequence[str]


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list."""

    rows: tuple[T, ...]
    total: int  # rows of the whole list, exact
    after: list[Any] | None  # where the next page goes on; None: this was the last


class Lists:
    """The lists of each noun; a filter without values lets all pass."""

    def __init__(self, es: Elasticsearch, prefix: str) -> None:
        self._es = es
        self._prefix = prefix

    def feeds(
        self,
        *,
        size: int,
        after: After = (),
        state: Values = (),
        outlet: Values = (),
        country: Values = (),
        language: Values = (),
    ) -> Listed[Feed]:
        """Feeds, by id."""
        given = _having(state=state, outlet=outlet, country=country, language=language)
        return self._read(Feed, "feeds", given, [("id", "asc")], size, after)

    def pages(
        self,
        *,
        size: int,
        after: After = (),
        status: Values = (),
        reason: Values = (),
        host: Values = (),
        feed: Values = (),
        run: Values = (),
    ) -> Listed[Page]:
        """Pages, the newest discovered first."""
        given = _having(status=status, reason=reason, host=host, feed_id=feed, run=run)
        order = [("discovered", "desc"), ("id", "asc")]
        return self._read(Page, "pages", given, order, size, after)

    def searches(self, *, size: int, after: After = ()) -> Listed[SavedSearch]:
        """Saved searches, by id."""
        return self._read(SavedSearch, "searches", [LIVE], [("id", "asc")], size, after)

    def alerts(
        self,
        *,
        size: int,
        after: After = (),
        search: Values = (),
        cluster: Values = (),
        starred: bool | None = None,
        dismissed: bool | None = None,
        since: datetime | None = None,
    ) -> Listed[Alert]:
        """Alerts, newest first; ``since``: only those that came after it."""
        given = _having(search_id=search, cluster_id=cluster)
        marks = {"starred": starred, "dismissed": dismissed}
        given += [{"term": {name: mark}} for name, mark in marks.items() if mark is not None]
        if since is not None:
            given.append({"range": {"created": {"gt": since.isoformat()}}})
        return self._read(Alert, "alerts", given, [("created", "desc"), ("id", "asc")], size, after)

    def channels(self, *, size: int, after: After = ()) -> Listed[Channel]:
        """Channels, by id."""
        return self._read(Channel, "channels", [], [("id", "asc")], size, after)

    def deliveries(
        self,
        *,
        size: int,
        after: After = (),
        state: Values = (),
        kind: Values = (),
        channel: Values = (),
        search: Values = (),
        alert: Values = (),
    ) -> Listed[Delivery]:
        """Messages, newest first."""
        given = _having(state=state, kind=kind, channel=channel, search_id=search, alerts=alert)
        order = [("created", "desc"), ("id", "asc")]
        return self._read(Delivery, "deliveries", given, order, size, after)

    def runs(
        self, *, size: int, after: After = (), kind: Values = (), state: Values = ()
    ) -> Listed[Run]:
        """Runs, newest first."""
        given = _having(kind=kind, state=state)
        return self._read(Run, "runs", given, [("started", "desc"), ("id", "asc")], size, after)

    def _read(
        self,
        kind: type[T],
        noun: str,
        given: list[dict[str, Any]],
        order: Sequence[tuple[str, str]],
        size: int,
        after: After,
    ) -> Listed[T]:
        answer = self._es.search(
            index=f"{self._prefix}-{noun}",
            query={"bool": {"filter": given}} if given else {"match_all": {}},
            sort=[{field: direction} for field, direction in order],
            size=size + 1,  # one more, to know whether there is another page
            search_after=list(after) or None,
            track_total_hits=True,
        )
        hits = answer["hits"]["hits"]
        return Listed(
            rows=tuple(from_dict(kind, hit["_source"]) for hit in hits[:size]),
            total=answer["hits"]["total"]["value"],
            after=hits[size - 1]["sort"] if len(hits) > size else None,
        )


def _having(**fields: Values) -> list[dict[str, Any]]:
    return [{"terms": {name: list(values)}} for name, values in fields.items() if values]
