"""``wirewatch troubles``: what stands in the way now, and having it told."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from wirewatch.alerts.deliver import deliver
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, shown
from wirewatch.local.paths import run_folder
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import MappingDiffers, Unavailable, connect
from wirewatch.troubles.looking import look
from wirewatch.troubles.telling import in_words
from wirewatch.troubles.watching import watch

MARK = "watched"  # a file in the folder of pid files
PAUSE = 60.0  # seconds between two looks: the queue of messages is worked off as often


def register(app: typer.Typer) -> None:
    """Adds the command to the application."""
    app.command("troubles")(troubles)


def troubles(
    tell: Annotated[
        bool, typer.Option("--tell", help="Tell those that are new or over, as the DAG does.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--watch", help="Look and tell every minute until it is stopped.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lists what stands in the way, and what to do. Exit code 1 where there is anything."""
    given = options()
    if go_on:
        _watch(given)
    if tell:
        watch(given)
    with connect(given) as store:
        if tell:
            deliver(store, given)
        found = look(store, given, utc_now())
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        out.print(shown(f"{one.since:%Y-%m-%d %H:%M}  {in_words(one, given)}"), soft_wrap=True)
    if found:
        raise typer.Exit(1)
    if not as_json:
        out.print("no trouble")


def _watch(given: Settings) -> None:
    """Looks, tells and sends for ever; what hinders one round is said, and the next goes on."""
    mark = run_folder(given) / MARK
    while True:
        try:
            counts = watch(given)
            with connect(given, prepare=False) as store:
                deliver(store, given)
            if counts["told"] or counts["over"]:
                err.print(f"{counts['told']} troubles told, {counts['over']} over")
        except (Unavailable, MappingDiffers) as error:
            err.print(f"wirewatch: {shown(str(error))}")
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()  # by which others see that it is at work
        time.sleep(PAUSE)
