"""What the archive takes and gives, and the names of its own header fields."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from wirewatch.records import Location, Record

# Headers that no longer fit the archived body, since its coding is undone; kept under another name
# as other archiving tools do.
CODING_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
ORIGINAL = "X-Archive-Orig-"
PAGES = ("response", "revisit")  # the record types that stand for a page
REQUESTED = "X-Requested-URI"  # the URL before redirects, where it differs from the record's
ORIGINAL_AT = "X-Refers-To-Location"  # of a revisit: file, offset and length of the original
FILE = ".warc.gz"  # ends the name of a file of records
INDEX = ".index.jsonl"  # ends the name of the index beside each file
PIECE = 1 << 20  # bytes read or copied at a time


class ArchiveError(ValueError):
    """A location holds no readable record; the message names it."""


class Archived(Record, frozen=True, kw_only=True):
    """A page out of the archive."""

    url: str  # where it was fetched from, after redirects
    requested_url: str  # before them
    status: int
    phrase: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    when: datetime

    def header(self, name: str) -> str:
        """The first value of a header; "" when absent."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), "")


class Indexed(Record, frozen=True, kw_only=True):
    """One archived page, as the index beside its file lists it."""

    url: str
    requested_url: str
    when: datetime
    status: int
    digest: str  # of the payload
    location: Location


def digest(body: bytes) -> str:
    """The payload digest as WARC writes it: ``sha256:`` and base 32."""
    return "sha256:" + base64.b32encode(hashlib.sha256(body).digest()).decode("ascii")
