"""``wirewatch archive``: what was fetched, as it was fetched."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from wirewatch.archive import Archive, ArchiveError, FileCheck, Indexed, check
from wirewatch.archive.files import newest
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.fetch.urls import BadURL
from wirewatch.pipeline.paths import archive_of
from wirewatch.search import dates

app = typer.Typer(help="The archive of fetched pages, in WARC files.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="Address of a page, before or after redirects.")]


@app.command("cat")
def cat(
    url: Address,
    at: Annotated[
        str, typer.Option(help="The newest copy up to 2026-11-23, 2026-11-23T14:05, …")
    ] = "",
    headers: Annotated[bool, typer.Option("--headers", help="Status and headers, too.")] = False,
) -> None:
    """Writes an archived page to stdout. The bytes are those that came, decompressed."""
    before = _before(at)
    archive = archive_of(options())
    copies = _copies(archive, url)
    found = newest(iter(copies), before)
    if found is None:
        err.print(f"wirewatch: {_none(url, copies)}")
        raise typer.Exit(1)
    try:
        page = archive.read(found.location)
    except ArchiveError as error:
        err.print(f"wirewatch: {shown(error)}")
        raise typer.Exit(1) from error
    stream = sys.stdout.buffer
    if headers:
        lines = [f"HTTP/1.1 {page.status} {page.phrase}".rstrip()]
        lines += [f"{name}: {value}" for name, value in page.headers]
        stream.write(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape"))
    stream.write(page.body)
    stream.flush()


@app.command("list")
def list_copies(url: Address, as_json: AsJson = False) -> None:
    """Lists a page's archived copies. The newest is first, each with its file and position."""
    copies = sorted(_copies(archive_of(options()), url), key=lambda row: row.when, reverse=True)
    if as_json:
        print_json(copies)
    else:
        print_table(
            ("fetched (UTC)", "status", "digest", "file", "at"),
            (
                (row.when, row.status, row.digest[7:23], row.location.file, row.location.offset)
                for row in copies
            ),
        )
    if not copies:
        err.print(f"wirewatch: {_none(url, copies)}")
        raise typer.Exit(1)
    err.print(f"{len(copies)} copies")


@app.command("index")
def index(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Required: write every index anew.")
    ] = False,
) -> None:
    """Makes the indexes anew from the WARC files."""
    if not rebuild:
        err.print("wirewatch: add --rebuild; 'wirewatch archive check' says if it is needed")
        raise typer.Exit(2)
    found: list[str] = []
    pages = archive_of(options()).rebuild_index(found.append)
    _report(found)
    out.print(f"{pages} pages listed")
    if found:
        raise typer.Exit(1)


@app.command("check")
def check_files(as_json: AsJson = False) -> None:
    """Reads every file whole. Reports torn files, wrong digests and indexes that differ."""
    found: list[FileCheck] = []
    for one in check(archive_of(options())):
        found.append(one)
        if not as_json:
            _report([*one.problems, *([f"{one.file}: and {one.more} more"] if one.more else [])])
    if as_json:
        print_json(found)
    bad = sum(bool(one.problems) for one in found)
    pages = sum(one.pages for one in found)
    err.print(f"{pages} pages in {len(found)} files, {bad} of them with problems")
    if bad:
        raise typer.Exit(1)


def _copies(archive: Archive, url: str) -> list[Indexed]:
    found: list[str] = []
    try:
        copies = list(archive.copies(url, found.append))
    except BadURL as error:
        err.print(f"wirewatch: {url!r}: {error}")
        raise typer.Exit(2) from error
    _report(found)
    return copies


def _before(at: str) -> datetime | None:
    try:
        return dates.span("", at)[1]
    except dates.BadDate as error:
        err.print(f"wirewatch: --at: {error}")
        raise typer.Exit(2) from error


def _none(url: str, copies: list[Indexed]) -> str:
    if copies:
        first = min(row.when for row in copies)
        return f"{shown(url)} was first archived later, at {first:%Y-%m-%dT%H:%M:%S} UTC"
    return f"{shown(url)} is not in the archive; 'wirewatch pages show' says what became of it"


def _report(lines: list[str]) -> None:
    for line in lines:
        err.print(f"wirewatch: {shown(line)}")
