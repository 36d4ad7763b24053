"""The DAG ``alerts``: saved searches matched with what is new. Wiring only."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from wirewatch import settings
from wirewatch.airflow.shared import DEFAULTS, STORIES

DOC = """
### Saved searches matched with new stories
Runs when `ingest` announced new stories. Asset events coalesce, so it never reads one event: it
takes every run whose stories no saved search was matched with yet, writes one alert a search and
cluster, and delivers what is not delivered.

When it fails: `BadSearches` names the file in `config/searches/` and what is wrong in it; otherwise
Elasticsearch went away, and the task is tried again. Nothing is lost, since runs stay pending until
their alerts are written, and nothing is told twice, since an alert is created once. A webhook that
does not answer fails no task: the alert keeps the reason and is tried again by the next run.
"""


@dag(
    dag_id="alerts",
    schedule=[STORIES],
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    doc_md=DOC,
    tags=["wirewatch"],
)
def alerts() -> None:
    @task(execution_timeout=timedelta(minutes=30))
    def alert() -> dict[str, int]:
        from wirewatch import pipeline

        return pipeline.alert(settings.load())

    alert()


alerts()
