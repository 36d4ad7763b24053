"""Exports as files: Parquet's rows, and that a file is whole or not there."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from tests import makers
from tests.search.stories import STORIES, story
from wirewatch.cli import app
from wirewatch.cli.export import Form
from wirewatch.records import Story
from wirewatch.search.export import parquet, tables
from wirewatch.search.export.columns import FORMATS, export
from wirewatch.search.export.file import ExportFailed, export_file, format_of
from wirewatch.search.request import BadRequest
from wirewatch.store import Store

NOW = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)


@pytest.mark.es
def test_parquet_has_the_rows_of_csv_and_jsonl(library: Store, tmp_path: Path) -> None:
    manifest = export_file(library, "*", tmp_path / "all.parquet", now=NOW)
    rows = pyarrow.parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert manifest.count == len(rows) == len(STORIES)
    assert json.loads((tmp_path / "all.parquet.manifest.json").read_text()) == {
        "query": "*",
        "format": "parquet",
        "order": "newest first",
        "count": len(STORIES),
        "made": "2026-11-08T12:00:00Z",
        "version": manifest.version,
    }
    out = io.BytesIO()
    export(library, "*", "csv", out, now=NOW)
    lines = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert list(rows[0]) == list(lines[0])
    for row, line in zip(rows, lines, strict=True):
        for name, value in row.items():
            if isinstance(value, datetime):
                assert value == datetime.fromisoformat(line[name])
            elif isinstance(value, list):
                assert "; ".join(value) == line[name]
            else:
                written = str(value).lower() if isinstance(value, bool) else value
                assert str("" if written is None else written) == line[name]
    out = io.BytesIO()
    export(library, "*", "jsonl", out, now=NOW)
    assert [row["id"] for row in rows] == [
        json.loads(line)["id"] for line in out.getvalue().splitlines()
    ]


def test_parquet_is_written_a_row_group_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP", 10)
    read = 0

    def stories() -> object:
        nonlocal read
        for number in range(25):
            read += 1
            odd = story(str(number), "half a pair \ud800", "=1+1\x00")
            yield makers.changed(odd, published=None)

    pieces = []
    for piece in parquet.pieces(stories()):  # type: ignore[arg-type]
        pieces.append(piece)
        assert read <= 10 * len(pieces)
    file = tmp_path / "made.parquet"
    file.write_bytes(b"".join(pieces))
    told = pyarrow.parquet.ParquetFile(file)
    assert [told.metadata.row_group(n).num_rows for n in range(3)] == [10, 10, 5]
    row = told.read().to_pylist()[0]
    assert (row["title"], row["text"], row["published"]) == ("half a pair ?", "=1+1\x00", None)


def test_nothing_found_is_an_empty_table(tmp_path: Path) -> None:
    none: tuple[Story, ...] = ()
    (tmp_path / "none.parquet").write_bytes(b"".join(parquet.pieces(none)))
    table = pyarrow.parquet.read_table(tmp_path / "none.parquet")
    assert (table.num_rows, tuple(table.column_names)) == (0, tables.COLUMNS)


@pytest.mark.es
def test_without_pyarrow_it_says_what_to_install(
    library: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet")
    with pytest.raises(BadRequest, match=r"pip install 'wirewatch\[parquet\]'"):
        export_file(library, "*", tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.es
def test_a_file_that_is_there_is_replaced_only_by_a_whole_one(
    library: Store, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    export_file(library, "mayor", file)
    before = file.read_bytes()
    with pytest.raises(BadRequest, match="must be one of"):
        export_file(library, "*", file, "xml")
    assert file.read_bytes() == before
    with pytest.raises(ExportFailed, match=r"nowhere/a\.csv: No such file"):
        export_file(library, "*", tmp_path / "nowhere" / "a.csv")
    export_file(library, "*", file)
    assert len(file.read_bytes()) > len(before)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "a.csv.manifest.json"]


@pytest.mark.parametrize("name", ["a.txt", "csv", ".csv", "a"])
def test_an_ending_that_is_no_format_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match=r"\.csv, \.jsonl, \.parquet, \.ris, \.bib"):
        format_of(Path(name))


@pytest.mark.es
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "ris"])
def test_a_disk_that_cannot_hold_it(library: Store, tmp_path: Path, ending: str) -> None:
    """The limit of a file's size stands for the disk: writing past it fails in the same way."""
    file = tmp_path / f"all.{ending}"
    file.write_bytes(b"what was there")
    code = f"""
import resource, sys
from pathlib import Path
from wirewatch.search.export.file import ExportFailed, export_file
from wirewatch.settings import load
from wirewatch.store import connect
options = load({{}}).with_options(
    elasticsearch__url={library.settings["elasticsearch.url"]!r},
    elasticsearch__prefix={library.prefix!r},
)
with connect(options, prepare=False) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500, 1_500))
    try:
        export_file(store, "*", Path({str(file)!r}))
    except ExportFailed as error:
        print(error)
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the disk cannot hold it" in said.stdout
    assert "no part of it is kept" in said.stdout
    assert [one.name for one in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == b"what was there"


def test_the_command_has_every_format() -> None:
    assert {form.value for form in Form} == set(FORMATS)


@pytest.mark.es
def test_the_command_writes_a_file_and_says_how_many(
    library: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", library.settings["elasticsearch.url"])
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_PREFIX", library.prefix)
    file = tmp_path / "mayor.bib"
    ran = CliRunner().invoke(app, ["export", "mayor", str(file)])
    assert ran.exit_code == 0
    assert ran.stdout.startswith("2 stories in")
    assert file.read_text().count("@misc{") == 2
    ran = CliRunner().invoke(app, ["export", "mayor", str(file), "--format", "jsonl", "--json"])
    assert json.loads(ran.stdout)["count"] == 2
    assert len(file.read_text().splitlines()) == 2
