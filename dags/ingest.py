"""The DAG ``ingest``: from the feeds that are due to searchable stories. Wiring only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from wirewatch import settings
from wirewatch.airflow.shared import (
    DEDUP_POOL,
    DEFAULTS,
    EXTRACT_POOL,
    FETCH_POOL,
    STORIES,
    batch,
    batches,
    began,
    plain,
    plain_list,
)

DOC = """
### From feeds to searchable stories
Polls the feeds that are due, fetches their new pages, extracts the articles, groups the copies,
tags topics and indexes the stories. One task a step; a mapped task is one batch of hosts.

| task | does | when it fails |
|---|---|---|
| `begin` | makes sure of Elasticsearch and its mappings | its message says what to do; nothing was polled |
| `poll` | polls due feeds, notes new pages | Elasticsearch went away: clear it (a feed's own failure never fails the task: `wirewatch feeds list`) |
| `claim` | leases due pages to this run, in batches by host | clear it: it hands out the same batches |
| `fetch` | fetches a batch politely, archives it | clear that mapped task |
| `extract` | reads the articles, in processes that may die | clear that mapped task |
| `deduplicate` | places every story in a cluster | clear it: its own earlier work is replaced |
| `tag` | gives topics | the message names the rule file and line |
| `index` | writes stories, clusters and page states | `ClustersChanged`: clear `deduplicate` and what follows |
| `publish` | announces new stories to `alerts` | clear it; skipped when nothing is new |
| `finish` | adds up: counts in = counts out + counts rejected | its message names the stage; a lost batch's pages come again when their lease ends |

Any task may be killed and cleared: nothing is lost, nothing is done twice. The log and the return
value of `finish` are the account of the run; `wirewatch status` shows the same.
"""


@dag(
    dag_id="ingest",
    schedule=settings.load()["run.schedule"],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=DOC,
    tags=["wirewatch"],
)
def ingest() -> None:
    # The pipeline is imported in the tasks: reading this file must stay cheap.

    @task(retries=0, execution_timeout=timedelta(minutes=5))
    def begin(run_id: str | None = None) -> str:
        from wirewatch import pipeline

        return pipeline.begin(settings.load(), str(run_id))

    @task(pool=FETCH_POOL, execution_timeout=timedelta(minutes=30))
    def poll(run: str) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.poll(settings.load(), run))

    @task(execution_timeout=timedelta(minutes=10))
    def claim(run: str) -> list[dict[str, Any]]:
        from wirewatch import pipeline

        return plain_list(pipeline.claim(settings.load(), run))

    @task(pool=FETCH_POOL, execution_timeout=timedelta(minutes=45))
    def fetch(claimed: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.fetch(settings.load(), batch(claimed)))

    @task(pool=EXTRACT_POOL, execution_timeout=timedelta(minutes=45))
    def extract(fetched: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.extract(settings.load(), batch(fetched)))

    # A batch that was lost does not hold up the others; `finish` tells of it.
    @task(
        pool=DEDUP_POOL,
        execution_timeout=timedelta(minutes=30),
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    )
    def deduplicate(extracted: list[dict[str, Any]]) -> list[dict[str, Any]]:
        from wirewatch import pipeline

        return plain_list(pipeline.deduplicate(settings.load(), batches(extracted)))

    @task(execution_timeout=timedelta(minutes=15))
    def tag(placed: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.tag(settings.load(), batch(placed)))

    @task(execution_timeout=timedelta(minutes=15))
    def index(tagged: dict[str, Any]) -> dict[str, Any]:
        from wirewatch import pipeline

        return plain(pipeline.index(settings.load(), batch(tagged)))

    @task(
        outlets=[STORIES],
        execution_timeout=timedelta(minutes=5),
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    )
    def publish(run: str, indexed: list[dict[str, Any]]) -> int:
        from wirewatch import pipeline

        stories = pipeline.publish(settings.load(), run, batches(indexed))
        if not stories:
            raise AirflowSkipException("no new story: there is nothing to announce")
        return stories

    @task(execution_timeout=timedelta(minutes=5), trigger_rule=TriggerRule.ALL_DONE)
    def finish(
        run: str,
        polled: dict[str, Any],
        claimed: list[dict[str, Any]],
        fetched: list[dict[str, Any]],
        extracted: list[dict[str, Any]],
        placed: list[dict[str, Any]],
        tagged: list[dict[str, Any]],
        indexed: list[dict[str, Any]],
    ) -> dict[str, Any]:
        from wirewatch import pipeline

        handed = [
            *batches([polled]),
            *(one for part in (claimed, fetched, extracted, placed, tagged, indexed)
              for one in batches(part)),
        ]  # fmt: skip
        account = pipeline.finish(settings.load(), began(run), handed)
        pipeline.tell(account)
        return plain(account)

    run = begin()
    polled = poll(run)
    claimed = claim(run)
    polled >> claimed
    fetched = fetch.expand(claimed=claimed)
    extracted = extract.expand(fetched=fetched)
    placed = deduplicate(extracted)
    tagged = tag.expand(placed=placed)
    indexed = index.expand(tagged=tagged)
    published = publish(run, indexed)
    published >> finish(run, polled, claimed, fetched, extracted, placed, tagged, indexed)


ingest()
