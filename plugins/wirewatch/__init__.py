"""Open media monitoring: feeds in, wire copies grouped, stories searchable, alerts out.

The folders follow a story from top to bottom: ``feeds`` → ``fetch`` → ``archive`` → ``extract``
→ ``dedup`` → ``topics`` → ``store`` → ``search`` and ``alerts``. ``pipeline`` runs the stages,
``airflow`` schedules them, ``local`` sets everything up on one machine.
"""

__version__ = "0.1.0"
