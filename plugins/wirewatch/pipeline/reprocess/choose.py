"""Which stories a run reads anew."""

from __future__ import annotations

from wirewatch.batches import Batches
from wirewatch.pipeline.reprocess.batch_records import Selected
from wirewatch.pipeline.reprocess.stages import CannotReprocess, ReprocessStage, stage_of
from wirewatch.records import Batch, utc_now
from wirewatch.search import dates
from wirewatch.search.request import prepare
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.scan import scan

SIZE = 500  # stories a batch: half a minute of extraction, so a kill costs no more than that


# Stories placed anew in one piece: with their texts some 300 MB, and half a minute of work.
TOGETHER = 20_000


def select_stories(
    settings: Settings,
    run: str,
    query: str,
    since: str = "",
    until: str = "",
    stage: str = ReprocessStage.EXTRACT,
) -> list[Batch]:
    """The stories that match, in batches of ids; ``since`` and ``until`` are days or instants.

    For clusters they are one batch, of all stories of a span. Raises BadQuery, CannotReprocess.
    """
    together = stage_of(stage) == ReprocessStage.CLUSTER
    if together and query not in ("", "*"):
        raise CannotReprocess(
            "clusters are placed anew for all stories of a span, since a query leaves copies out: "
            "ask for '*' with --from and --to"
        )
    batches = Batches(settings.state)
    with connect(settings) as store:
        store.refresh()
        ids = _matching(store, query, since, until)
    if together and len(ids) > TOGETHER:
        raise CannotReprocess(
            f"{len(ids):,} stories are more than are placed anew at once ({TOGETHER:,}): take "
            "fewer days"
        )
    size = TOGETHER if together else SIZE
    return [
        batches.hand_on(
            run,
            "select",
            partition,
            [Selected(story_id=identity) for identity in ids[start : start + size]],
        )
        for partition, start in enumerate(range(0, len(ids), size))
    ]


def _matching(store: Store, query: str, since: str, until: str) -> list[str]:
    try:
        begins, ends = dates.span(since, until)
    except dates.BadDate as error:
        raise CannotReprocess(f"{error}: expected {dates.EXPECTED}") from error
    bounds = {
        **({"gte": begins.isoformat()} if begins else {}),
        **({"lt": ends.isoformat()} if ends else {}),
    }
    asked = prepare(store, query or "*", now=utc_now()).dsl
    filters = [asked, *([{"range": {"time": bounds}}] if bounds else [])]
    hits = scan(
        store.es,
        store.stories.alias,
        {"bool": {"filter": filters}},
        sort=[{"time": "asc"}, {"id": "asc"}],
        source=False,
    )
    return [hit["_id"] for hit in hits]
