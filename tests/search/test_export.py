"""Exports: what is written reads back as what was found."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest

from tests import makers
from tests.search.stories import ECONOMY, STORIES, story
from wirewatch.records import read_story
from wirewatch.search.export import citations, tables
from wirewatch.search.export.columns import export
from wirewatch.search.language import BadQuery
from wirewatch.search.request import BadRequest
from wirewatch.store import Store

NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
ODD = makers.changed(
    story(
        "odd",
        'He said: "50% & more", then left {$5}\nfor #1_x',
        '=HYPERLINK("https://evil.example")\nsecond line',
        outlet="Łódź & Co",
        author="María José O'Neil",
        topics=(ECONOMY,),
    ),
    description="a\r\nTY  - JOUR",
)


@pytest.mark.es
@pytest.mark.parametrize("form", ["csv", "jsonl", "ris", "bibtex"])
def test_every_story_is_written_and_counted(library: Store, form: str) -> None:
    out = io.BytesIO()
    manifest = export(library, "*", form, out, now=NOW)
    text = out.getvalue().decode()
    assert (manifest.count, manifest.query, manifest.made) == (len(STORIES), "*", NOW)
    assert manifest.version
    for each in STORIES:
        assert text.count(each.id) >= 1
    starts = {"csv": "\r\n", "jsonl": '"id":"', "ris": "TY  - ", "bibtex": "@misc{"}
    if form != "csv":
        assert text.count(starts[form]) == len(STORIES)


@pytest.mark.es
def test_rows_read_back_newest_first(library: Store) -> None:
    out = io.BytesIO()
    export(library, "lang:en", "csv", out, now=NOW)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    wanted = sorted(
        (s for s in STORIES if s.article.language == "en"), key=lambda s: s.time, reverse=True
    )
    assert [(r["id"], r["title"], r["text"]) for r in rows] == [
        (s.id, s.article.title, s.article.text) for s in wanted
    ]


@pytest.mark.es
def test_json_lines_are_whole_stories(library: Store) -> None:
    out = io.BytesIO()
    export(library, "mayor", "jsonl", out, now=NOW)
    read = [read_story(json.loads(line)) for line in out.getvalue().splitlines()]
    assert read == [STORIES[1], STORIES[0]]


@pytest.mark.es
def test_what_cannot_be_exported(library: Store) -> None:
    with pytest.raises(BadRequest, match="csv, jsonl, parquet, ris, bibtex"):
        export(library, "x", "xls", io.BytesIO())
    with pytest.raises(BadQuery):
        export(library, "(x", "csv", io.BytesIO())


@pytest.mark.es
def test_a_disk_that_is_full_says_so(library: Store) -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="space"):
        export(library, "*", "jsonl", full)


def test_a_cell_is_never_a_formula() -> None:
    (row,) = csv.reader(io.StringIO(tables.csv_row(ODD).decode(), newline=""))
    cells = dict(zip(tables.COLUMNS, row, strict=True))
    assert cells["text"] == "'" + ODD.article.text
    assert cells["title"] == ODD.article.title
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_json_keeps_what_csv_must_change() -> None:
    assert json.loads(tables.json_line(ODD))["text"] == ODD.article.text


def test_ris_lines_cannot_be_forged() -> None:
    lines = citations.ris(ODD).decode().split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert lines[-3:] == ["ER  - ", "", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-2])
    assert sum(line.startswith("TY  - ") for line in lines) == 1
    assert "AB  - a TY - JOUR" in lines
    assert "DA  - 2026/11/05/" in lines


def test_bibtex_is_escaped_and_balanced() -> None:
    entry = citations.bibtex(ODD).decode()
    assert entry.startswith("@misc{odzco2026" + ODD.id)
    assert r'title = {{He said: "50\% \& more", then left \{\$5\} for \#1\_x}},' in entry
    assert "author = {{María José O'Neil}}," in entry
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert "keywords = {economy business and finance}" in entry
