"""The DAG ``revisit``: young stories' pages looked at again. Wiring only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, task

from wirewatch import settings
from wirewatch.airflow.shared import (
    DEFAULTS,
    EXTRACT_POOL,
    FETCH_POOL,
    FETCH_SLOTS,
    batch,
    batches,
    began,
    plain,
    plain_list,
)

DOC = """
### Young stories looked at again
Fetches the pages of stories again at the ages of the option `revisit.ages`, asking only for what
changed where the server allows that. A changed headline or body becomes a revision and the story
shows the newest; correction and withdrawal notes are recognised; a page that is gone (410, or 404 at
two looks with `revisit.confirm` between them) is flagged and its story kept.

| task | does | when it fails |
|---|---|---|
| `begin` | makes sure of Elasticsearch and its mappings | its message says what to do |
| `claim` | leases the pages whose time has come, in batches by host | clear it: it hands out the same batches |
| `fetch` | fetches a batch again, archives what is new | clear that mapped task |
| `extract` | reads the articles | clear that mapped task |
| `revise` | compares, writes revisions, then stories | clear that mapped task: what was written stays, once |
| `finish` | adds up: counts in = counts out + counts rejected | its message names the stage; a lost batch's pages come again when their lease ends |

`fetch` takes every slot of the fetch pool, so that no host is asked by `ingest` at the same moment;
where that pool has fewer than 4 slots it waits for ever. Any task may be killed and cleared.
"""


@dag(
    dag_id="revisit",
    schedule=settings.load()["revisit.schedule"],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=DOC,
    tags=["wirewatch"],
)
def revisit() -> None:
    # The pipeline is imported in the tasks: reading this file must stay cheap.

    @task(retries=0, execution_timeout=timedelta(minutes=5))
    def begin(run_id: str | None = None) -> str:
        from wirewatch import pipeline

        # Runs of two DAGs may have the same id in Airflow, and must not share files.
        return pipeline.begin(settings.load(), f"revisit__{run_id}", "revisit")

    @task(execution_timeout=timedelta(minutes=10))
    def claim(run: str) -> list[dict[str, Any]]:
        from wirewatch import pipeline

        return plain_list(pipeline.claim_revisits(settings.load(), run))

    @task(pool=FETCH_POOL, pool_slots=FETCH_SLOTS, execution_timeout=timedelta(minutes=45))
    def fetch(claimed: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.fetch_revisits(settings.load(), batch(claimed)))

    @task(pool=EXTRACT_POOL, execution_timeout=timedelta(minutes=45))
    def extract(fetched: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.extract_revisits(settings.load(), batch(fetched)))

    @task(execution_timeout=timedelta(minutes=30))
    def revise(extracted: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.revise(settings.load(), batch(extracted)))

    @task(execution_timeout=timedelta(minutes=5), trigger_rule=TriggerRule.ALL_DONE)
    def finish(
        run: str,
        claimed: list[dict[str, Any]],
        fetched: list[dict[str, Any]],
        extracted: list[dict[str, Any]],
        revised: list[dict[str, Any]],
    ) -> dict[str, Any]:
        from wirewatch import pipeline

        parts = (claimed, fetched, extracted, revised)
        handed = [one for part in parts for one in batches(part)]
        account = pipeline.finish(settings.load(), began(run), handed, pipeline.REVISIT_CHAIN)
        pipeline.tell(account)
        return plain(account)

    run = begin()
    claimed = claim(run)
    fetched = fetch.expand(claimed=claimed)
    extracted = extract.expand(fetched=fetched)
    revised = revise.expand(extracted=extracted)
    finish(run, claimed, fetched, extracted, revised)


revisit()
