"""Airflow's word that a task failed for good, brought to whoever is told of troubles."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger("wirewatch.airflow")


class TaskFailed(BaseNotifier):
    """Keeps the failure as a trouble and has it told; for tasks that no run's account tells of."""

    def notify(self, context: Context) -> None:
        """Notes the failed task of the context. What hinders Elasticsearch is told by ``watch``."""
        from wirewatch import settings
        from wirewatch.store import MappingDiffers, Unavailable
        from wirewatch.troubles import tasks

        task = context["ti"]
        why = str(context.get("exception") or "")
        try:
            tasks.failed(settings.load(), task.dag_id, task.task_id, why)
        except (Unavailable, MappingDiffers) as error:
            log.error("the failure of %s could not be kept: %s", task.dag_id, error)
