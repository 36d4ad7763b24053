"""Clusters split and merged by hand, so that it sticks.

Each act has one document that is the switch; everything else follows from it and can be written
again after a kill by asking for the same act once more. Write ``switch`` first, then ``clusters``,
then ``stories``. Stories present at the act are pinned: no evidence of later runs moves them, while
new copies still join the one they resemble most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from wirewatch.dedup.agency import Agencies, of_cluster
from wirewatch.dedup.cluster import span
from wirewatch.dedup.lead import elect
from wirewatch.records import Cluster, Record, Story, replace


class BadDecision(ValueError):
    """The act cannot be done; the message says why."""


class Decision(Record, frozen=True, kw_only=True):
    """What to write, in this order."""

    switch: Cluster
    clusters: tuple[Cluster, ...]
    stories: tuple[Story, ...]  # those whose cluster or lead changes


def split(
    cluster: Cluster,
    out: Collection[str],
    stories: Mapping[str, Story],
    agencies: Agencies,
    standing: Mapping[str, int] | None = None,
) -> Decision:
    """Take some stories out of a cluster, into one of their own; the two never merge again.

    ``stories`` holds the cluster's stories. The part with the cluster's first story keeps its id;
    the other is named after its earliest story, and its document is the switch. Asked for again
    when it has been done, it gives the same. Raises BadDecision when ``out`` is empty, everything,
    or not of this cluster.
    """
    if cluster.redirect:
        raise BadDecision(f"cluster {cluster.id} was merged into {cluster.redirect}: split that")
    wanted = set(out)
    strange = sorted(wanted - set(cluster.stories))
    if strange:
        raise BadDecision(f"not in cluster {cluster.id}: {', '.join(strange)}")
    if not wanted or wanted == set(cluster.stories):
        raise BadDecision("name some of the cluster's stories, not none and not all of them")
    rest = [one for one in cluster.stories if one not in wanted]
    leaving = [one for one in cluster.stories if one in wanted]
    if cluster.id in wanted:
        leaving, rest = rest, leaving
    new_id = leaving[0]
    parts = [(cluster.id, rest, (new_id,)), (new_id, leaving, (cluster.id,))]
    made = []
    changed: list[Story] = []
    for key, members, apart in parts:
        old = cluster if key == cluster.id else replace(cluster, id=key, apart=())
        built, placed = _built(old, members, stories, agencies, standing or {})
        made.append(replace(built, apart=tuple(dict.fromkeys((*old.apart, *apart)))))
        changed += placed
    return Decision(switch=made[1], clusters=(made[0],), stories=tuple(changed))


def merge(
    into: Cluster,
    other: Cluster,
    stories: Mapping[str, Story],
    agencies: Agencies,
    standing: Mapping[str, int] | None = None,
) -> Decision:
    """Put a cluster's stories into another; its id redirects there.

    ``stories`` holds the stories of both. The redirect is the switch. Raises BadDecision for a
    cluster that is merged already, or with itself.
    """
    if into.id == other.id:
        raise BadDecision("a cluster cannot be merged with itself")
    for cluster in (into, other):
        if cluster.redirect and not (cluster is other and other.redirect == into.id):
            raise BadDecision(f"cluster {cluster.id} was merged into {cluster.redirect} already")
    members = sorted({*into.stories, *other.stories}, key=lambda one: (stories[one].time, one))
    together = replace(into, apart=tuple(one for one in into.apart if one != other.id))
    built, changed = _built(together, members, stories, agencies, standing or {})
    # Its list of stories stays on the redirect, so that the rest can be written after a kill.
    switch = replace(other, redirect=into.id, pinned=(), apart=())
    return Decision(switch=switch, clusters=(built,), stories=tuple(changed))


def _built(
    cluster: Cluster,
    members: Sequence[str],
    stories: Mapping[str, Story],
    agencies: Agencies,
    standing: Mapping[str, int],
) -> tuple[Cluster, list[Story]]:
    missing = sorted(set(members) - stories.keys())
    if missing:
        raise BadDecision(f"stories of the cluster are not in the store: {', '.join(missing)}")
    own = [stories[one] for one in members]
    lead, reason = elect(own, agencies, standing)
    first, last = span(story.time for story in own)
    built = replace(
        cluster,
        lead=lead,
        lead_reason=reason,
        stories=tuple(members),
        outlets=len({story.article.outlet or story.article.host for story in own}),
        agency=of_cluster([story.agency for story in own]),
        first=first,
        last=last,
        pinned=tuple(members),
        redirect="",
        evidence=None,
    )
    return built, list(_placed(own, cluster.id, lead))


def _placed(stories: Iterable[Story], key: str, lead: str) -> Iterable[Story]:
    for story in stories:
        if story.cluster_id != key or story.lead != (story.id == lead):
            yield replace(story, cluster_id=key, lead=story.id == lead)
