"""``wirewatch demo``, ``up``, ``down``, ``doctor``, ``newsroom`` and ``es``: what runs here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from wirewatch import settings
from wirewatch.cli.output import AsJson, err, out, print_json, shown
from wirewatch.local import elasticsearch, paths, sample, up
from wirewatch.local.doctor import doctor

es_app = typer.Typer(help="The local Elasticsearch.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("demo")(demo)
    app.command("up")(start_up)
    app.command("down")(shut_down)
    app.command("doctor")(examine)
    app.command("newsroom")(newsroom)


def demo() -> None:
    """Runs the pipeline on the sample newsroom and shows the result."""
    raise typer.Exit(up.demo(settings.load(), out))


def start_up(
    stay: Annotated[
        bool, typer.Option("--stay", help="Stay until anything of it is gone; exit code 1 then.")
    ] = False,
) -> None:
    """Runs everything on the feeds of config/feeds.opml, on schedule."""
    given = settings.load()
    code = up.up(given, out)
    raise typer.Exit(up.stay(given, out) if stay and code == up.DONE else code)


def shut_down() -> None:
    """Stops all that was started on this machine."""
    stopped = up.down(settings.load())
    out.print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


def examine(as_json: AsJson = False) -> None:
    """Shows what is missing on this machine, and what to do about it."""
    checks = doctor(settings.load())
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            out.print(f"{'ok' if check.ok else 'MISSING':<8}{check.name:<26}{shown(check.found)}")
            if not check.ok:
                out.print(f"{'':<8}→ {shown(check.advice)}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def newsroom(
    port: Annotated[int, typer.Option(help="Port; 0: any free one.")] = sample.PORT,
    epoch: Annotated[datetime | None, typer.Option(help="UTC; all pages are older.")] = None,
    as_opml: Annotated[bool, typer.Option("--opml", help="Print its feeds and stop.")] = False,
    as_truth: Annotated[
        bool, typer.Option("--truth", help="Print what every page must become, and stop.")
    ] = False,
) -> None:
    """Serves the sample newsroom on loopback until it is interrupted."""
    moment = epoch.replace(tzinfo=UTC) if epoch else None
    if as_opml or as_truth:
        out.print(sample.printed(port, moment, as_opml=as_opml), soft_wrap=True)
    else:
        sample.run(port, moment)


@es_app.command("start")
def es_start() -> None:
    """Starts Elasticsearch; downloads it first where it is missing."""
    try:
        running = elasticsearch.ensure(settings.load(), lambda line: err.print(line))
    except elasticsearch.NoElasticsearch as trouble:
        err.print(f"wirewatch: {trouble}")
        raise typer.Exit(3) from trouble
    out.print(running.url)


@es_app.command("stop")
def es_stop() -> None:
    """Stops the Elasticsearch that was started here."""
    try:
        stopped = elasticsearch.stop(settings.load())
    except paths.Trouble as trouble:
        err.print(f"wirewatch: {trouble}")
        raise typer.Exit(1) from trouble
    out.print("stopped" if stopped else "it was not running")


@es_app.command("status")
def es_status(as_json: AsJson = False) -> None:
    """Says whether Elasticsearch answers, and where."""
    running = elasticsearch.status(settings.load())
    if as_json:
        print_json(asdict(running) if running else None)
    elif running:
        owner = f"pid {running.pid}" if running.pid else "not started here"
        out.print(f"Elasticsearch {running.version} at {running.url} ({owner})")
    if running is None:
        err.print("wirewatch: no Elasticsearch answers; start one with 'wirewatch es start'")
        raise typer.Exit(3)
