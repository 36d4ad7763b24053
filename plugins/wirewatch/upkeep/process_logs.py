"""The logs of what runs on this machine: Airflow's, the web app's, Elasticsearch's console."""

from __future__ import annotations

from pathlib import Path

from wirewatch.local import logs, paths, processes
from wirewatch.upkeep.disk import MB
from wirewatch.upkeep.work import Freed, Work


def process_logs(work: Work) -> Freed:
    """Cuts the logs that have grown past ``local.log_mb``; the oldest of them goes."""
    most, kept = work.settings["local.log_mb"] * MB, work.settings["local.log_files"]
    folder = paths.log_folder(work.settings)
    run = paths.run_folder(work.settings)
    told = {Path(one.log) for one in processes.running(run)} | set(folder.glob("*.log"))
    large = [log for log in sorted(told) if log.is_file() and log.stat().st_size > most]
    size = 0
    for log in large:
        oldest = log.with_name(f"{log.name}.{kept}")
        size += oldest.stat().st_size if oldest.exists() else 0
        if not work.dry:
            logs.cut(log, kept)
    what = f"logs past {most / MB:g} MB were put aside: {', '.join(log.name for log in large)}"
    return Freed(items=len(large), unit="files", bytes=size, what=what if large else "")
