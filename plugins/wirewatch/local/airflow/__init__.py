"""Airflow on this machine: standalone, on loopback, with secrets and pools of its own."""

from wirewatch.local.airflow.client import Client, RunState, TaskState
from wirewatch.local.airflow.server import NAME, Running, client, ensure, environment, status, stop

__all__ = [
    "NAME",
    "Client",
    "RunState",
    "Running",
    "TaskState",
    "client",
    "ensure",
    "environment",
    "status",
    "stop",
]
