"""Stories as rows: CSV (RFC 4180) and JSON lines."""

from __future__ import annotations

import csv
import io

import msgspec

from wirewatch.records import Story, flat_story

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
    article = story.article
    return _row(
        (
            story.id,
            story.cluster_id,
            "true" if story.lead else "false",
            story.time.isoformat(),
            article.published.isoformat() if article.published else "",
            article.first_seen.isoformat(),
            _harmless(article.title),
            _harmless(article.outlet),
            _harmless(story.agency),
            _harmless(BETWEEN.join(article.authors)),
            _harmless(BETWEEN.join(topic.name for topic in story.topics)),
            article.language,
            article.country,
            _harmless(article.url),
            _harmless(article.canonical_url),
            str(story.word_count),
            _harmless(article.text),
        )
    )


def json_line(story: Story) -> bytes:
    """The whole story as one line of JSON."""
    return msgspec.json.encode(flat_story(story)) + b"\n"


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell


def _row(cells: tuple[str, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    # What is no text (half a surrogate pair) becomes a question mark, and the row stays readable.
    return line.getvalue().encode("utf-8", "replace")


CSV_HEADER = _row(COLUMNS)
