"""The DAG ``alerts``: saved searches matched with what is new. Wiring only."""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable

from wirewatch.airflow.dags import ASSETS, build  # a DAG of Airflow
from wirewatch.pipeline.flow import ALERTS, STORIES

DOC = """
### Saved searches matched with new stories
Runs when `ingest` announced new stories, and every ten minutes for what comes without any: spikes,
silence, stories that were revised or whose run died. Asset events coalesce, so it never reads one event: it
takes every story that no saved search was matched with yet, writes one alert a search and cluster,
and queues its messages, which `deliver` sends.

{stages}

Nothing is lost, since a story keeps its mark until its alerts are written, whatever became of its run.
Nothing is told twice, since an alert is created once. A search that Elasticsearch refuses is switched
off, its owner is told, and all others go on.
"""

SCHEDULE = AssetOrTimeSchedule(
    timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[ASSETS[STORIES]]
)

dag = build(ALERTS, schedule=SCHEDULE, doc=DOC)
