"""How Elasticsearch's nodes fare with writes, and which indices take none."""

from __future__ import annotations

from elasticsearch import ApiError, Elasticsearch

from wirewatch.records import Record
from wirewatch.store.client import Store

REFUSED = (401, 403)  # the user may not ask how the nodes are
# Thread pools that write; the second came with 9.1.
POOLS = ("write", "write_coordination")
# What Elasticsearch counts when memory for writes under way is used up.
PRESSURE = {
    "coordinating": "coordinating_rejections",
    "primary": "primary_rejections",
    "replica": "replica_rejections",
}
# Blocks that somebody or a full disk sets; the first one is also set while an index is moved.
WRITE = "index.blocks.write"
BLOCKS = (WRITE, "index.blocks.read_only", "index.blocks.read_only_allow_delete")


class Writing(Record, frozen=True, kw_only=True):
    """How a node fares with writes."""

    name: str
    queued: int  # requests that wait for a thread
    rejected: dict[str, int]  # since its start, by where: a thread pool, or memory of a kind


def writing(es: Elasticsearch) -> list[Writing]:
    """How each node fares with writes; none where the user may not ask."""
    try:
        nodes = es.nodes.stats(metric="thread_pool,indexing_pressure")["nodes"]
    except ApiError as error:
        if error.status_code in REFUSED:
            return []
        raise
    found = []
    for identity, node in nodes.items():
        pools = {name: node["thread_pool"][name] for name in POOLS if name in node["thread_pool"]}
        memory = node.get("indexing_pressure", {}).get("memory", {}).get("total", {})
        found.append(
            Writing(
                name=node.get("name", identity),
                queued=sum(pool["queue"] for pool in pools.values()),
                rejected={
                    **{name: pool["rejected"] for name, pool in pools.items()},
                    **{f"{one} memory": memory.get(key, 0) for one, key in PRESSURE.items()},
                },
            )
        )
    return found


def blocked(store: Store) -> dict[str, str]:
    """The block that is set, by the index of this prefix that takes no writes for it."""
    told = store.es.indices.get_settings(
        index=f"{store.prefix}-*", flat_settings=True, name="index.blocks.*"
    ).body
    found = {
        index: [block for block in BLOCKS if str(one["settings"].get(block)) == "true"]
        for index, one in sorted(told.items())
    }
    return {index: blocks[0] for index, blocks in found.items() if blocks}
