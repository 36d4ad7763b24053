"""Stories as rows: CSV (RFC 4180) and JSON lines."""

from __future__ import annotations

import csv
import io

from wirewatch.records import Story, to_json

COLUMNS = (
    "id",
    "cluster_id",
    "lead",
    "time",
    "published",
    "first_seen",
    "title",
    "outlet",
    "agency",
    "authors",
    "topics",
    "language",
    "country",
    "url",
    "canonical_url",
    "word_count",
    "text",
)
BETWEEN = "; "  # values of one cell
# A cell that begins so is a formula to a spreadsheet, and a stranger wrote it (OWASP, "CSV
# Injection"): an apostrophe before it makes it text again.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_row(story: Story) -> bytes:
    """The story as a row of :data:`COLUMNS`, instants in ISO 8601, ended by CR LF."""
    return _row(
        (
            story.id,
            story.cluster_id,
            "true" if story.lead else "false",
            story.time.isoformat(),
            story.published.isoformat() if story.published else "",
            story.first_seen.isoformat(),
            _harmless(story.title),
            _harmless(story.outlet),
            _harmless(story.agency),
            _harmless(BETWEEN.join(story.authors)),
            _harmless(BETWEEN.join(topic.name for topic in story.topics)),
            story.language,
            story.country,
            _harmless(story.url),
            _harmless(story.canonical_url),
            str(story.word_count),
            _harmless(story.text),
        )
    )


def json_line(story: Story) -> bytes:
    """The whole story as one line of JSON."""
    return to_json(story) + b"\n"


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell


def _row(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    # What is no text (half a surrogate pair) becomes a question mark, and the row stays readable.
    return line.getvalue().encode("utf-8", "replace")


CSV_HEADER = _row(COLUMNS)
