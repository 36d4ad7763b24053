"""``wirewatch alerts preview``: what a saved search would have sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.alerts.files import read_file
from wirewatch.alerts.preview import preview
from wirewatch.alerts.searches import BadSearches
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.records import SavedSearch, utc_now
from wirewatch.store import Store, connect

BAR = 40  # characters of the longest day's bar
SHOWN = 20  # alerts in words; --json has more


def register(app: typer.Typer) -> None:
    """Adds the command to those of alerts."""
    app.command("preview")(preview_searches)


def preview_searches(
    search: Annotated[str, typer.Argument(metavar="FILE|ID", help="Of config/searches/, or kept.")],
    as_json: AsJson = False,
) -> None:
    """Shows what saved searches would have sent in the last seven days. Nothing is written."""
    with connect(options(), prepare=False) as store:
        found = {one.id: preview(store, one, utc_now()) for one in _asked(store, search)}
    if as_json:
        print_json(found)
        return
    for name, told in found.items():
        out.print(f"{name}: {told.alerts} alerts of {told.stories} stories looked at")
        if told.by_number:
            out.print(f"{told.by_number} of them by number: beyond the cap of their hour")
        most = max(1, *(day.alerts for day in told.days))
        for day in told.days:
            out.print(f"{day.day} {day.alerts:>6} {'#' * (BAR * day.alerts // most)}")
        print_table(
            ("at", "outlet", "title", "outlets", ""),
            (
                (one.at, one.outlet, one.title, one.outlets, _particular(one.copy_only, one.detail))
                for one in told.listed[:SHOWN]
            ),
        )


def _particular(copy_only: bool, detail: str) -> str:
    return "; ".join(part for part in (detail, "only a copy matches" if copy_only else "") if part)


def _asked(store: Store, search: str) -> list[SavedSearch]:
    file = Path(search)
    if file.is_file():
        found, problems = read_file(file)
        if problems:
            raise BadSearches(problems)
        return found
    kept = store.searches.read(search)
    if kept is None or kept[0].deleted:
        err.print(f"wirewatch: there is no file and no saved search {search}")
        raise typer.Exit(1)
    return [kept[0]]
