"""The DAG ``alerts``: saved searches matched with what is new. Wiring only."""

from __future__ import annotations

from wirewatch.airflow.dags import ASSETS, build  # a DAG of Airflow
from wirewatch.pipeline.flow import ALERTS, STORIES

DOC = """
### Saved searches matched with new stories
Runs when `ingest` announced new stories. Asset events coalesce, so it never reads one event: it
takes every run whose stories no saved search was matched with yet, writes one alert a search and
cluster, and delivers what is not delivered.

{stages}

Nothing is lost, since runs stay pending until their alerts are written. Nothing is told twice, since
an alert is created once. A webhook that does not answer fails no task: the alert keeps the reason
and is tried again by the next run.
"""

dag = build(ALERTS, schedule=[ASSETS[STORIES]], doc=DOC)
