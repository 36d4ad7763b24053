"""What an index holds, told so that two can be compared."""

from __future__ import annotations

from collections.abc import Iterator

from elasticsearch import Elasticsearch

from wirewatch.store.scan import scan

# The sum over all documents of a 64-bit hash of the id: the same ids in any order, the same sum.
_SUM = {
    "init_script": "state.sum = 0L; state.count = 0L",
    "map_script": """
        String id = doc['id'].value;
        long hash = 1125899906842597L;
        for (int i = 0; i < id.length(); i++) { hash = 31 * hash + id.charAt(i); }
        hash ^= hash >>> 33; hash *= -49064778989728563L; hash ^= hash >>> 33;
        state.sum += hash; state.count += 1""",
    "combine_script": "return state",
    "reduce_script": """
        long sum = 0; long count = 0;
        for (one in states) { if (one != null) { sum += one.sum; count += one.count } }
        return [count.toString(), Long.toHexString(sum)]""",
}


def settled(es: Elasticsearch, index: str) -> int:
    """The sequence number up to which every write of every shard is done."""
    shards = es.indices.stats(index=index, level="shards")["indices"][index]["shards"]
    return min(
        int(copy["seq_no"]["local_checkpoint"])
        for copies in shards.values()
        for copy in copies
        if copy["routing"]["primary"]
    )


def primary_terms(es: Elasticsearch, index: str) -> list[int]:
    """Of each shard how often its primary was chosen, with which writes are numbered."""
    state = es.cluster.state(metric="metadata", index=index)
    return [int(t) for t in state["metadata"]["indices"][index]["primary_terms"].values()]


def ids_sum(es: Elasticsearch, index: str) -> tuple[str, str]:
    """How many documents an index has, and the sum of the hashes of their ids."""
    answer = es.search(index=index, size=0, aggs={"ids": {"scripted_metric": _SUM}})
    count, total = answer["aggregations"]["ids"]["value"]
    return str(count), str(total)


def missing(es: Elasticsearch, index: str, other: str) -> Iterator[str]:
    """The ids that the first index has and the second has not, both read in order."""
    order = [{"id": "asc"}]
    there = (hit["_id"] for hit in scan(es, other, {"match_all": {}}, sort=order, source=False))
    at = next(there, None)
    for hit in scan(es, index, {"match_all": {}}, sort=order, source=False):
        while at is not None and at < hit["_id"]:
            at = next(there, None)
        if at != hit["_id"]:
            yield hit["_id"]
