"""An export and its manifest as one ZIP file, written while it is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator
from typing import Any

from wirewatch.records import replace, to_json
from wirewatch.search.export.columns import Stream


def zipped(made: Stream, name: str) -> Generator[bytes, None, None]:
    """The ZIP file's bytes: the export, and ``manifest.json`` with the stories truly written."""
    target = _Drain()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        # Past 4 GB a member needs another form, which has to be chosen before.
        with packed.open(f"{name}.{made.form.suffix}", "w", force_zip64=True) as member:
            for piece in made.pieces:
                member.write(piece)
                if taken := target.take():
                    yield taken
        packed.writestr("manifest.json", to_json(replace(made.manifest, count=made.written)))
    yield target.take()


class _Drain(io.RawIOBase):
    """Where the ZIP file is written to: gives out what has come, and cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, piece: Any) -> int:
        """Takes the bytes, in whatever buffer they come."""
        raw = bytes(piece)
        self._held += raw
        return len(raw)

    def take(self) -> bytes:
        """What came since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken
