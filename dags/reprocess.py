"""The DAG ``reprocess``: a query's stories read anew with the installed version. Wiring only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, TriggerRule, dag, task

from wirewatch import settings
from wirewatch.airflow.shared import (
    DEFAULTS,
    EXTRACT_POOL,
    batch,
    batches,
    began,
    plain,
    plain_list,
)

DOC = """
### Stories read anew
Started by hand. Extracts a query's stories again from the archive with the installed version, tags
them again, or groups all stories of a span of days into clusters anew, and tells what would change
before anything is written. `dry_run` is on unless you turn it off: read the log of `tell` first.

| task | does | when it fails |
|---|---|---|
| `begin` | makes sure of Elasticsearch and of the parameters | its message says what to do |
| `choose` | finds the stories that the query names, in batches | `BadQuery` names the place in the query |
| `examine` | does the stage anew for a batch and notes what differs | clear that mapped task |
| `tell` | adds up what would change, by field, with samples | clear it |
| `apply` | writes the stories that changed; skipped by `dry_run` | clear that mapped task: it goes on where it stopped |
| `finish` | adds up: counts in = counts out + counts rejected | its message names the stage |

A story or cluster that somebody changed after it was examined is left alone and counted. With stage
`cluster` the query is `*`; clusters that a person had a hand in, and those that reach beyond the
span, stay as they are. Run it while `ingest` is paused.
"""

PARAMS = {
    "query": Param("*", type="string", description="In the search language; * is every story."),
    "from": Param("", type="string", description="First day of publication, as 2026-11-01."),
    "to": Param("", type="string", description="Last day, month or year; empty: no end."),
    "stage": Param("extract", type="string", enum=["extract", "tag", "cluster"],
                   description="extract: article and topics, from the archive; tag: topics alone; "
                               "cluster: which stories are copies of one report."),
    "dry_run": Param(True, type="boolean", description="Tell what would change, write nothing."),
}  # fmt: skip


@dag(
    dag_id="reprocess",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    doc_md=DOC,
    tags=["wirewatch"],
)
def reprocess() -> None:
    # The pipeline is imported in the tasks: reading this file must stay cheap.

    @task(retries=0, execution_timeout=timedelta(minutes=5))
    def begin(run_id: str | None = None, params: dict[str, Any] | None = None) -> str:
        from wirewatch import pipeline

        pipeline.stage_of(str((params or {})["stage"]))
        return pipeline.begin(settings.load(), f"reprocess__{run_id}", "reprocess")

    @task(execution_timeout=timedelta(minutes=30))
    def choose(run: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        from wirewatch import pipeline

        given = params or {}
        return plain_list(
            pipeline.select_stories(
                settings.load(),
                run,
                given["query"],
                given["from"],
                given["to"],
                pipeline.stage_of(given["stage"]),
            )
        )

    @task(pool=EXTRACT_POOL, execution_timeout=timedelta(minutes=45))
    def examine(chosen: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
        from wirewatch import pipeline

        stage = pipeline.stage_of(str((params or {})["stage"]))
        return plain(pipeline.examine(settings.load(), batch(chosen), stage))

    @task(execution_timeout=timedelta(minutes=15))
    def tell(
        examined: list[dict[str, Any]], params: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        from wirewatch import pipeline

        stage = pipeline.stage_of(str((params or {})["stage"]))
        found = pipeline.report(settings.load(), batches(examined), stage)
        for line in pipeline.report_lines(found):
            print(line)  # noqa: T201 - a task's output is its log
        return [] if (params or {})["dry_run"] else plain_list(batches(examined))

    @task(execution_timeout=timedelta(minutes=30))
    def apply(written: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
        from wirewatch import pipeline

        stage = pipeline.stage_of(str((params or {})["stage"]))
        return plain(pipeline.apply(settings.load(), batch(written), stage))

    @task(execution_timeout=timedelta(minutes=5), trigger_rule=TriggerRule.ALL_DONE)
    def finish(
        run: str,
        chosen: list[dict[str, Any]],
        examined: list[dict[str, Any]],
        applied: list[dict[str, Any]],
        params: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        from wirewatch import pipeline

        chain = pipeline.REPROCESS_CHAIN[:-1] if (params or {})["dry_run"] else (
            pipeline.REPROCESS_CHAIN
        )  # fmt: skip
        handed = [one for part in (chosen, examined, applied) for one in batches(part)]
        account = pipeline.finish(settings.load(), began(run), handed, chain)
        pipeline.tell(account)
        return plain(account)

    run = begin()
    chosen = choose(run)
    examined = examine.expand(chosen=chosen)
    applied = apply.expand(written=tell(examined))
    finish(run, chosen, examined, applied)


reprocess()
