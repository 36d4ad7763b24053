"""The DAG ``alerts``: saved searches matched with what is new. Wiring only."""

from __future__ import annotations

from wirewatch.airflow.dags import ASSETS, build  # a DAG of Airflow
from wirewatch.pipeline.flow import ALERTS, STORIES

DOC = """
### Saved searches matched with new stories
Runs when `ingest` announced new stories. Asset events coalesce, so it never reads one event: it
takes every story that no saved search was matched with yet, writes one alert a search and cluster,
and queues its messages, which `deliver` sends.

{stages}

Nothing is lost, since a story keeps its mark until its alerts are written, whatever became of its run.
Nothing is told twice, since an alert is created once. A search that Elasticsearch refuses is switched
off, its owner is told, and all others go on.
"""

dag = build(ALERTS, schedule=[ASSETS[STORIES]], doc=DOC)
