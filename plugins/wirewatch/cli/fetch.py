"""``wirewatch fetch``: what happens when a page is fetched."""

from __future__ import annotations

from typing import Annotated

import typer
from ada_url import check_url

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, shown
from wirewatch.pipeline.fetch_preview import Preview, preview
from wirewatch.records import Reason

FAILED, WRONG_USE, GUARDED = 1, 2, 4  # exit codes
BEGINNING = 300  # characters of an article's text shown; --json has all of it


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("fetch")(fetch)


def fetch(
    url: Annotated[str, typer.Argument(help="Address of a page.")],
    extract: Annotated[
        bool, typer.Option("--extract", help="Also show what extraction makes of it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetches one page and shows what happens, hop by hop. Obeys all guards, keeps nothing.

    Exit codes: 0 there is a page, 4 a guard refused it, 2 it is no address, 1 it failed otherwise.
    """
    found = preview(options(), url, extract=extract)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if found.reason is None:
        return
    err.print(f"wirewatch: {found.reason.value.replace('_', ' ')}: {shown(found.detail)}")
    if found.reason == Reason.BAD_URL:  # ftp:// and user:password@ are refused, "x y" is no address
        raise typer.Exit(GUARDED if check_url(url) else WRONG_USE)
    raise typer.Exit(GUARDED if found.reason == Reason.GUARDED else FAILED)


def _print(found: Preview) -> None:
    for number, step in enumerate(found.steps, 1):
        out.print(f"{number}  GET {shown(step.url)}", style="bold")
        _facts(
            ("robots.txt", step.robots),
            ("connected to", ", ".join(step.addresses)),
            ("status", step.status),
            ("redirects to", step.location),
            ("took", f"{step.seconds:.3f} s"),
        )
    if found.reason is not None:
        wait = found.next_after
        _facts(("wait", f"{wait:.0f} s before it is asked again" if wait is not None else ""))
        return
    out.print("page", style="bold")
    _facts(
        ("type", found.content_type or "none stated"),
        ("size", f"{found.bytes:,} bytes"),
        ("charset", f"{found.charset} (by {found.charset_source})"),
        ("archived", "no: the page asks for no copy" if found.noarchive else ""),
        ("opts out", ", ".join(found.opt_outs)),
    )
    if found.rejection:
        out.print("no article", style="bold")
        _facts(("why", f"{found.rejection.reason.value}: {found.rejection.detail}"))
    elif found.article:
        article = found.article
        out.print("article", style="bold")
        _facts(
            ("title", article.title),
            ("by", ", ".join(article.authors)),
            (
                "published",
                f"{article.published or ''} ({article.published_source or 'not stated'})",
            ),
            ("language", article.language),
            ("address", article.canonical_url),
            ("words", len(article.text.split())),
            ("begins", " ".join(article.text[:BEGINNING].split())),
        )


def _facts(*facts: tuple[str, object]) -> None:
    for name, value in facts:
        if value:
            out.print(f"{name:>15}  {shown(value)}")
