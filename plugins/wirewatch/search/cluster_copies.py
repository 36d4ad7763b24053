"""The copies behind a line of a result: the first few of each cluster, in time."""

from __future__ import annotations

from collections.abc import Sequence

from wirewatch.records import Story
from wirewatch.search.request import ask
from wirewatch.store import Store
from wirewatch.store.stories import story_from

SHOWN = 5  # copies of a cluster: enough to see who has it; its page has all of them
MOST = 500  # clusters asked at once: a page of results has no more
FIELDS = [
    "id",
    "cluster_id",
    "lead",
    "title",
    "outlet",
    "host",
    "agency",
    "language",
    "url",
    "canonical_url",
    "published",
    "published_precision",
    "first_seen",
]


def copies(
    store: Store, clusters: Sequence[str], *, most: int = SHOWN
) -> dict[str, tuple[Story, ...]]:
    """The ``most`` earliest stories of each cluster, without their text. Raises TooSlow."""
    if not clusters:
        return {}
    first = {
        "name": "first",
        "size": most,
        "sort": [{"time": "asc"}, {"id": "asc"}],
        "_source": FIELDS,
    }
    answer = ask(
        store,
        {
            "query": {"bool": {"filter": [{"terms": {"cluster_id": list(clusters[:MOST])}}]}},
            "collapse": {"field": "cluster_id", "inner_hits": first},
            "size": min(len(clusters), MOST),
            "source": False,
            "track_total_hits": False,
        },
    )
    found = {}
    for hit in answer["hits"]["hits"]:
        inner = hit["inner_hits"]["first"]["hits"]["hits"]
        found[hit["fields"]["cluster_id"][0]] = tuple(story_from(one["_source"]) for one in inner)
    return found
