"""Which tests one worker runs one after another, and which of those begin first.

A file of tests stays together, and files that share something costly or that cannot run at the
same time are one group. The groups that take longest come first, so that the workers end together.
"""

from __future__ import annotations

GROUPS: dict[str, tuple[str, ...]] = {
    # They ask the one running newsroom, which is on one port.
    "newsroom": (
        "tests/faults/test_kills.py",
        "tests/faults/test_kills_then_new_runs.py",
        "tests/faults/test_airflow_killed.py",
        "tests/faults/test_damaged_archive.py",
        "tests/faults/test_failed_runs.py",
        "tests/faults/test_state_files.py",
        "tests/pipeline/test_revisit.py",
        "tests/e2e/test_newsroom.py",
        "tests/e2e/test_rebuild.py",
        "tests/e2e/test_sample_searches.py",
        "tests/dags/test_again.py",
        "tests/dags/test_runs.py",
    ),
    "site": ("tests/web/site/",),  # one server over a copy of the newsroom's stories
    "demo": ("tests/e2e/test_demo.py",),
    "airflow": ("tests/local/test_airflow.py",),
    "migrate": ("tests/store/test_migrate.py",),
    "hostile": ("tests/extract/test_hostile.py",),
    "web": ("tests/web/",),  # one server over a few hundred stories
    "dags": ("tests/dags/",),  # one import of Airflow
    "search": ("tests/search/",),  # one index of a dozen stories
}


def of(nodeid: str) -> str:
    """The group of a test: one of the above, else its file."""
    for name, files in GROUPS.items():
        if nodeid.startswith(files):
            return name
    return nodeid.partition("::")[0]


def rank(nodeid: str) -> int:
    """Where its group comes in the order."""
    names = list(GROUPS)
    return names.index(name) if (name := of(nodeid)) in GROUPS else len(names)
