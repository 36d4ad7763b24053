"""``python -m wirewatch.local.clean``: delete what the demo left. Stories of real feeds stay."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from wirewatch.local import paths, up
from wirewatch.local.elasticsearch import server
from wirewatch.settings import Settings, load

# What the folder holds when only the demo ran; anything else came of real feeds.
OF_THE_DEMO = frozenset(
    {"demo", "elasticsearch", "logs", "newsroom.json", "run", "secrets.env", "web.secret"}
)


def clean(settings: Settings) -> tuple[Path, ...]:
    """Stop everything, then delete the demo's folders; what was deleted.

    Where real feeds were read too, all is left, since both keep their indices in one server.
    """
    up.down(settings)
    folder = paths.installation(settings)
    if not folder.exists() or {inner.name for inner in folder.iterdir()} - OF_THE_DEMO:
        return ()
    data = paths.writable_by(folder / server.NAME, server.stand_in(settings))
    for place in {folder, data}:
        shutil.rmtree(place, ignore_errors=True)
    return tuple(sorted({folder, data}))


if __name__ == "__main__":
    options = load()
    for gone in clean(options):
        sys.stdout.write(f"deleted {gone}\n")
    if paths.installation(options).exists():
        sys.stdout.write(f"{paths.installation(options)} stays: it holds stories of real feeds\n")
