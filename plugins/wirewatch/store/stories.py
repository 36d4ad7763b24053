"""Stories in Elasticsearch: one index a month of first sight, behind one alias."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from wirewatch.records import Record, Story, flat_story, read_story, to_dict
from wirewatch.store import names
from wirewatch.store.bulk import Outcome, write
from wirewatch.store.scan import scan
from wirewatch.store.templates import Templates

OUTLETS = 10_000  # outlets counted apart: more than a large installation polls
BY_LANGUAGE = ("title", "text")  # objects with one sub-field a language
# What clustering decides; an unsigned copy has its agency from the report it was matched with. With
# it goes the run, for one may place what another left behind.
PLACED = ("cluster_id", "lead", "link", "sources", "agency", "agency_evidence", "run")
TAGGED = ("topics",)  # what tagging decides
IDS = 1_000  # ids a look-up asks for: 1,000 stories of 4 kB are 4 MB an answer
UNREAD = ("text", "link", "sources", "credits")  # what a line of a story comes without
UNMATCHED: dict[str, Any] = {"exists": {"field": "unmatched"}}

# Changes some fields of a story, and nothing else of it.
_PLACE = """
boolean same = true;
for (entry in params.fields.entrySet()) {
  if (ctx._source[entry.getKey()] != entry.getValue()) { same = false; }
}
if (same) { ctx.op = 'noop'; } else { ctx._source.putAll(params.fields); }
"""


class Version(Record, frozen=True, kw_only=True):
    """Which state of which document a story was read from."""

    index: str
    number: int  # sequence number
    term: int  # primary term


class Stories:
    """The indices of stories behind the alias ``stories``."""

    def __init__(self, es: Elasticsearch, alias: str, templates: Templates) -> None:
        self._es = es
        self.alias = alias
        self._templates = templates

    def document(self, story: Story) -> dict[str, Any]:
        """The story as Elasticsearch keeps it: title and text under their language's analyzer."""
        document = flat_story(story)
        key = self._templates.language_key(document["language"])
        for name in BY_LANGUAGE:
            document[name] = {key: document[name]}
        document["time"] = story.time.isoformat()  # what results are sorted by
        return document

    def create(self, stories: Iterable[Story]) -> Outcome:
        """Creates stories; ``conflicts`` has the ids that are in their month already."""
        actions = (
            {
                "_op_type": "create",
                "_index": self._templates.month(f"{story.article.first_seen:%Y.%m}"),
                "_id": story.id,
                "_source": self.document(story),
            }
            for story in stories
        )
        return write(self._es, actions)

    def place(self, stories: Iterable[Story], fields: Sequence[str] = PLACED) -> Outcome:
        """Writes these fields of stories that are indexed already: what clustering says of them."""
        actions = (
            {
                "_op_type": "update",
                "_index": self._templates.month(f"{story.article.first_seen:%Y.%m}"),
                "_id": story.id,
                "script": {
                    "source": _PLACE,
                    "lang": "painless",
                    "params": {"fields": _some(story, fields)},
                },
                "retry_on_conflict": 3,
            }
            for story in stories
        )
        return write(self._es, actions)

    def stories(self, ids: Sequence[str], *, lines: bool = False) -> dict[str, Story]:
        """The searchable stories of these ids; a missing one is absent. ``lines`` have no text."""
        hits = self._of(ids, source_excludes=list(UNREAD) if lines else None)
        return {hit["_id"]: story_from(hit["_source"]) for hit in hits}

    def read(self, ids: Sequence[str]) -> dict[str, tuple[Story, Version]]:
        """The searchable stories of these ids with the version that was read."""
        hits = self._of(ids, seq_no_primary_term=True)
        return {hit["_id"]: (story_from(hit["_source"]), _version(hit)) for hit in hits}

    def titles(self, ids: Sequence[str]) -> dict[str, str]:
        """The titles of the searchable stories of these ids; a missing one is absent."""
        return {
            hit["_id"]: next(iter(hit["_source"].get("title", {}).values()), "")
            for hit in self._of(ids, source_includes=["title"])
        }

    def _of(self, ids: Sequence[str], **given: Any) -> Iterator[dict[str, Any]]:
        for start in range(0, len(ids), IDS):
            part = list(ids[start : start + IDS])
            query = {"ids": {"values": part}}
            answer = self._es.search(index=self.alias, query=query, size=len(part), **given)
            yield from answer["hits"]["hits"]

    def unmatched(self, size: int) -> Iterator[dict[str, tuple[Story, Version]]]:
        """The searchable stories that no saved search was matched with yet as they are, by time:
        lines of up to ``size`` at once, each with the version that was read.
        """
        after: list[Any] | None = None
        while True:
            hits = self._es.search(
                index=self.alias,
                query=UNMATCHED,
                sort=[{"time": "asc"}, {"id": "asc"}],  # unique, so none is skipped or read twice
                search_after=after,
                size=size,
                source_excludes=list(UNREAD),
                seq_no_primary_term=True,
                track_total_hits=False,
                allow_partial_search_results=False,
            )["hits"]["hits"]
            if not hits:
                return
            yield {hit["_id"]: (story_from(hit["_source"]), _version(hit)) for hit in hits}
            after = hits[-1]["sort"]

    def latest(self, query: dict[str, Any], most: int, *, by: str = "") -> Iterator[Story]:
        """Lines of the stories of a query that were seen last, at most so many of them.

        ``by`` another date: those of which that is the latest.
        """
        after: list[Any] | None = None
        while most > 0:
            hits = self._es.search(
                index=self.alias,
                query=query,
                sort=[{by or "first_seen": "desc"}, {"id": "asc"}],
                search_after=after,
                size=min(IDS, most),
                source_excludes=list(UNREAD),
                track_total_hits=False,
            )["hits"]["hits"]
            if not hits:
                return
            yield from (story_from(hit["_source"]) for hit in hits)
            most -= len(hits)
            after = hits[-1]["sort"]

    def waiting(self) -> int:
        """How many searchable stories no saved search was matched with yet as they are."""
        return int(self._es.count(index=self.alias, query=UNMATCHED)["count"])

    def mark_matched(self, versions: Mapping[str, Version]) -> Outcome:
        """Notes that saved searches were matched with these stories, each at the version read.

        One that changed meanwhile is a conflict, and is looked at again.
        """
        actions = (
            {
                "_op_type": "update",
                "_index": version.index,
                "_id": identity,
                "doc": {"unmatched": None},
                "if_seq_no": version.number,
                "if_primary_term": version.term,
            }
            for identity, version in versions.items()
        )
        return write(self._es, actions)

    def change(self, stories: Iterable[tuple[Story, Version]]) -> Outcome:
        """Writes stories that are still at the version that was read; the others conflict."""
        actions = (
            {
                "_op_type": "index",
                "_index": version.index,
                "_id": story.id,
                "_source": self.document(story),
                "if_seq_no": version.number,
                "if_primary_term": version.term,
            }
            for story, version in stories
        )
        return write(self._es, actions)

    def of_clusters(self, ids: Sequence[str]) -> dict[str, list[Story]]:
        """The stories of these clusters, by cluster."""
        found: dict[str, list[Story]] = {}
        for start in range(0, len(ids), IDS):
            for story in self.all({"terms": {"cluster_id": list(ids[start : start + IDS])}}):
                found.setdefault(story.cluster_id, []).append(story)
        return found

    def all(self, query: dict[str, Any] | None = None) -> Iterator[Story]:
        """Every story of a query (all of them without one)."""
        for hit in scan(self._es, self.alias, query or {"match_all": {}}):
            yield story_from(hit["_source"])

    def newest(self, query: dict[str, Any], limit: int) -> Iterator[Story]:
        """The newest stories of a query with their texts, so many at the most."""
        for hit in scan(self._es, self.alias, query, sort=[{"time": "desc"}], limit=limit):
            yield story_from(hit["_source"])

    def agencies(self) -> dict[str, dict[str, int]]:
        """Stories by outlet, and of each outlet by agency (``""`` for its own reporting)."""
        agency = {"terms": {"field": "agency", "size": 200}}
        answer = self._es.search(
            index=self.alias,
            size=0,
            aggs={
                "outlet": {
                    "terms": {"field": "outlet", "size": OUTLETS},
                    "aggs": {"agency": agency},
                }
            },
        )
        return {
            outlet["key"]: {b["key"]: b["doc_count"] for b in outlet["agency"]["buckets"]}
            for outlet in answer["aggregations"]["outlet"]["buckets"]
        }

    def count(self) -> dict[str, Any]:
        """Figures over all stories: how many, in how many clusters, by topic, language, outlet."""
        answer = self._es.search(
            index=self.alias,
            size=0,
            track_total_hits=True,
            aggs={
                "clusters": {"filter": {"term": {"lead": True}}},
                "topics": {"terms": {"field": "topics.name", "size": 20}},
                "languages": {"terms": {"field": "language", "size": 50}},
                "outlets": {"terms": {"field": "outlet", "exclude": [""], "size": 50}},
                "agencies": {"terms": {"field": "agency", "exclude": [""], "size": 50}},
            },
        )
        figures = answer["aggregations"]
        counted: dict[str, Any] = {
            "stories": answer["hits"]["total"]["value"],
            "clusters": figures["clusters"]["doc_count"],
        }
        for name in ("topics", "languages", "outlets", "agencies"):
            counted[name] = {b["key"]: b["doc_count"] for b in figures[name]["buckets"]}
        return counted


def story_from(document: dict[str, Any]) -> Story:
    """The record out of an index document."""
    # A document may come without its text, where that was not asked for.
    words = {n: next(iter(document.get(n, {}).values()), "") for n in BY_LANGUAGE}
    return read_story({**document, **words})


def _version(hit: Mapping[str, Any]) -> Version:
    return Version(
        index=names.plain(hit["_index"]), number=hit["_seq_no"], term=hit["_primary_term"]
    )


def _some(story: Story, fields: Iterable[str]) -> dict[str, Any]:
    written = to_dict(story)
    return {name: written[name] for name in fields}
