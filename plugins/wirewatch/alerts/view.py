"""A round of new stories and all that is known of them before anything is raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from wirewatch.alerts.events import placed
from wirewatch.alerts.joins import changes
from wirewatch.alerts.told import Told, told
from wirewatch.records import Cluster, SavedSearch, SearchKind, Story
from wirewatch.store import Store


@dataclass(frozen=True, slots=True)
class View:
    """What a round looks at. Its stories come without their texts."""

    fresh: Mapping[str, Story]  # those not matched yet, whose place is known
    stories: Mapping[str, Story]  # these, the leads, and copies that are matched with them
    homes: Mapping[str, Cluster]  # the root cluster by story
    clusters: tuple[Cluster, ...]  # of the fresh stories
    titles: Mapping[str, str]  # of clusters with more than one story, by story
    told: Told
    changed: Mapping[str, str]  # what a revision says, in words, by story


def look(
    store: Store,
    into: Store,
    stories: Mapping[str, Story],
    searches: Iterable[SavedSearch],
    now: datetime,
) -> View:
    """Reads what the stories' clusters are, and what was told of them; alerts are those of
    ``into``. A story that is being placed this moment is left out.
    """
    homes = placed(store, stories.values(), now, store.settings["run.lease"])
    fresh = {one: stories[one] for one in stories if one in homes}
    clusters = tuple({one.id: one for one in homes.values()}.values())
    least = min(
        (one.threshold for one in searches if one.enabled and one.kind == SearchKind.OUTLETS),
        default=None,
    )
    further = [cluster.lead for cluster in clusters]
    for cluster in clusters:
        if least is not None and cluster.outlets >= least:
            further += cluster.stories
    missing = [one for one in dict.fromkeys(further) if one not in fresh]
    many = [one for cluster in clusters if len(cluster.stories) > 1 for one in cluster.stories]
    return View(
        fresh=fresh,
        stories={**fresh, **store.stories.stories(missing, lines=True)},
        homes={**{one: home for home in clusters for one in home.stories}, **homes},
        clusters=clusters,
        titles=store.stories.titles(many),
        told=told(store, into, clusters) if clusters else {},
        changed=changes(store, fresh.values()),
    )
