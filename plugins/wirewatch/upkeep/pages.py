"""The status index: pages that no feed names any more, and full texts that have been read.

A page that a feed still names would be found anew if it were forgotten, and its story come in
twice. No feed says which of its entries are gone. So of each feed the newest pages stay, as many as
are read of one feed document (``keep.listed``), whatever their age.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from wirewatch.batches import BadFile, Batches
from wirewatch.records import PageStatus, Record
from wirewatch.upkeep.documents import SECONDS, count, delete, each, must, none_of
from wirewatch.upkeep.work import Freed, Work, for_ever

FEEDS = 1_000  # counted, or named, in one request
HELD = {"exists": {"field": "lease.run"}}
FINAL = (PageStatus.INDEXED.value, PageStatus.REJECTED.value, PageStatus.DEAD.value)
MARK = "upkeep/texts.jsonl.gz"  # below the state's root: up to when texts were taken out
# How far before that mark is looked again: a page may have been tried for days, or by hand.
AGAIN = timedelta(days=30)
_NO_TEXT = """
def entry = ctx._source.entry;
if (entry == null || entry.content == null || entry.content.isEmpty()) { ctx.op = 'noop'; }
else { entry.content = ''; }
"""


class Mark(Record, frozen=True, kw_only=True):
    """Up to when pages were discovered whose full texts are gone."""

    until: datetime


def pages(work: Work) -> Freed:
    """Forgets indexed pages after ``keep.pages`` days, rejected and dead ones after
    ``keep.failed``, but for those that a feed may still name, or that are to be looked at again.
    """
    size = each(work.store, "pages")
    gone, what = 0, []
    for option, statuses in (("keep.pages", FINAL[:1]), ("keep.failed", FINAL[1:])):
        before = work.before(option)
        if before is None:
            what.append(for_ever(option).what)
            continue
        old = must(
            {"terms": {"status": list(statuses)}},
            {"range": {"discovered": {"lt": before.isoformat()}}},
            none_of(HELD, {"range": {"revisit_at": {"gte": work.now.isoformat()}}}),
        )
        gone += sum(_forget(work, must(old, listed)) for listed in _not_listed(work, old, before))
        what.append(f"{' and '.join(statuses)} ones found before {before:%Y-%m-%d}")
    return Freed(items=gone, bytes=int(gone * size), what=f"pages: {'; '.join(what)}")


def _forget(work: Work, query: dict[str, Any]) -> int:
    do = count if work.dry else delete
    return do(work.store, "pages", query)


def _not_listed(work: Work, old: dict[str, Any], before: datetime) -> Iterator[dict[str, Any]]:
    """Queries for the pages that their feed names no more, of the feeds that have old ones."""
    kept = work.settings["keep.listed"]
    for feeds in _feeds_of(work, old):
        newer = _counts(work, feeds, {"gte": before.isoformat()})
        full = [feed for feed in feeds if newer.get(feed, 0) >= kept]
        if full:
            yield {"terms": {"feed_id": full}}
        all_of = _counts(work, feeds, None)
        for feed in feeds:
            if newer.get(feed, 0) < kept < all_of.get(feed, 0):
                bound = _oldest_listed(work, feed, kept)
                listed = {"range": {"discovered": {"lt": bound}}}
                yield must({"term": {"feed_id": feed}}, listed)


def _feeds_of(work: Work, query: dict[str, Any]) -> Iterator[list[str]]:
    """The feeds that have pages of a query, some at a time."""
    after: dict[str, Any] = {}
    while True:
        composite = {"size": FEEDS, "sources": [{"feed": {"terms": {"field": "feed_id"}}}], **after}
        answer = work.store.es.search(
            index=f"{work.store.prefix}-pages",
            size=0,
            query=query,
            aggs={"feeds": {"composite": composite}},
        )["aggregations"]["feeds"]
        if answer["buckets"]:
            yield [bucket["key"]["feed"] for bucket in answer["buckets"]]
        if "after_key" not in answer:
            return
        after = {"after": answer["after_key"]}


def _counts(work: Work, feeds: Sequence[str], discovered: dict[str, Any] | None) -> dict[str, int]:
    """How many pages each of the feeds has, in a span."""
    named: list[dict[str, Any]] = [{"terms": {"feed_id": list(feeds)}}]
    if discovered:
        named.append({"range": {"discovered": discovered}})
    answer = work.store.es.search(
        index=f"{work.store.prefix}-pages",
        size=0,
        query=must(*named),
        aggs={"feed": {"terms": {"field": "feed_id", "size": len(feeds)}}},
    )
    return {b["key"]: b["doc_count"] for b in answer["aggregations"]["feed"]["buckets"]}


def _oldest_listed(work: Work, feed: str, kept: int) -> str:
    """When the oldest of a feed's newest pages was found; no page of that moment goes."""
    answer = work.store.es.search(
        index=f"{work.store.prefix}-pages",
        query={"term": {"feed_id": feed}},
        sort=[{"discovered": {"order": "desc", "format": "strict_date_time"}}],
        from_=kept - 1,
        size=1,
        source=False,
        track_total_hits=False,
    )
    return str(answer["hits"]["hits"][0]["sort"][0])


def texts(work: Work) -> Freed:
    """Takes the full texts of feed entries out of pages that were indexed or given up.

    Reading a story anew from the archive then has no text of its feed to compare with.
    """
    before = work.before("keep.texts")
    if before is None:
        return for_ever("keep.texts", "texts")
    ages = [float(age) for age in work.settings["revisit.ages"]]
    before = min(before, work.now - timedelta(hours=max(ages, default=0.0)))
    begins, problem = _mark(work)
    since = {"gte": (begins - AGAIN).isoformat()} if begins else {}
    query = must(
        {"terms": {"status": list(FINAL)}},
        {"range": {"discovered": {"lt": before.isoformat(), **since}}},
        none_of(HELD),
    )
    what = f"full texts in pages found before {before:%Y-%m-%d}"
    if work.dry:
        most = count(work.store, "pages", query)
        return Freed(unit="texts", what=f"{what}, in {most} pages at the most", problem=problem)
    gone = sum(_take_out(work, must(query, day)) for day in _days(work, query))
    Batches(work.settings.state).write(MARK, [Mark(until=before)])
    return Freed(items=gone, unit="texts", what=what, problem=problem)


def _mark(work: Work) -> tuple[datetime | None, str]:
    try:
        return next(Batches(work.settings.state).read(MARK, Mark)).until, ""
    except FileNotFoundError:
        return None, ""
    except BadFile as error:
        return None, f"{str(error).partition(':')[0]}: all pages are looked through"


def _days(work: Work, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The days on which pages of a query were found: one request does not take all of them."""
    days = {"date_histogram": {"field": "discovered", "calendar_interval": "1d",
                               "min_doc_count": 1, "format": "strict_date_time"}}  # fmt: skip
    answer = work.store.es.search(
        index=f"{work.store.prefix}-pages", size=0, query=query, aggs={"days": days}
    )
    return [
        {
            "range": {
                "discovered": {"gte": one["key_as_string"], "lt": f"{one['key_as_string']}||+1d"}
            }
        }
        for one in answer["aggregations"]["days"]["buckets"]
    ]


def _take_out(work: Work, query: dict[str, Any]) -> int:
    answer = work.store.es.options(request_timeout=SECONDS).update_by_query(
        index=f"{work.store.prefix}-pages",
        query=query,
        script={"source": _NO_TEXT, "lang": "painless"},
        conflicts="proceed",
        refresh=True,
    )
    return int(answer["updated"])
