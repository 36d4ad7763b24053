"""The DAG ``deliver``: what alerts say, sent. Wiring only."""

from __future__ import annotations

from wirewatch.airflow.dags import build  # a DAG of Airflow
from wirewatch.pipeline.flow import DELIVER

DOC = """
### Messages sent to channels
Runs every minute, apart from `alerts`, so that a slow receiver holds up no matching. Each channel has
a queue, a pace and a back-off of its own.

{stages}

Nothing is lost: a message stays in the queue until it is sent, or for `alerts.give_up` hours; then it
is dead, and `wirewatch alerts retry` queues it again. Nothing is told twice: a message is leased by
compare-and-set and saved as soon as it is sent. One that was under way at a kill is sent again, with
the same idempotency key.
"""

# Two runs: one that waits for a receiver that hangs holds up no other channel.
dag = build(DELIVER, schedule="* * * * *", doc=DOC, runs=2)
