"""What a backup holds beside the snapshot, and where it is on this machine."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

import fsspec

from wirewatch.batches import FOLDER as BATCHES
from wirewatch.local import paths
from wirewatch.pipeline.body_store import PASSING
from wirewatch.pipeline.paths import archive_root, fingerprints_root
from wirewatch.settings import Settings

# Made once for an installation: with them links, sessions and cursors go on. Airflow's own database
# is not in the set, nor is config/, which is the operator's.
SECRETS = ("web.secret", "secrets.env")
LOCAL = "local"  # their folder in the set
UNFINISHED = ".tmp"  # ends the name of a file that a killed writer left


def places(settings: Settings) -> dict[str, str]:
    """The roots of the state by their folder in the set, as paths or fsspec URLs."""
    return {
        "state/archive": archive_root(settings),
        "state/batches": f"{settings.state}/{BATCHES}",
        "state/fingerprints": fingerprints_root(settings),
        "state/passing": f"{settings.state}/{PASSING}",
        "state/upkeep": f"{settings.state}/upkeep",
    }


def secrets(settings: Settings) -> list[Path]:
    """The installation's secrets that are there."""
    folder = paths.installation(settings)
    return [folder / name for name in SECRETS if (folder / name).is_file()]


def opened(root: str, name: str) -> Any:
    """A new file below a root, to be written."""
    fs, top = fsspec.core.url_to_fs(root)
    path = posixpath.join(top, name)
    fs.makedirs(posixpath.dirname(path), exist_ok=True)
    return fs.open(path, "wb")
