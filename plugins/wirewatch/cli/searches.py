"""``wirewatch searches``: saved searches, listed, made and changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

import typer

from wirewatch.alerts import saved
from wirewatch.alerts.searches import GIVEN, BadSearches, read_search
from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.records import SavedSearch, to_dict, utc_now
from wirewatch.store import connect

app = typer.Typer(help="Saved searches: what raises alerts.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a saved search.")]
Values = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...", help="As in a file: channels=['desk'] kind=spike threshold=5."
    ),
]


@app.command("list")
def list_searches(as_json: AsJson = False) -> None:
    """Lists the saved searches: those of files and those that people keep."""
    with connect(options(), prepare=False) as store:
        found = list(store.searches.all())
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "kind", "name", "query", "channels", "every", "kept in", "state"),
        (
            (
                one.id, one.kind, one.name, one.query, " ".join(one.channels), one.every,
                one.origin, _state(one),
            )
            for one in found
        ),
    )  # fmt: skip


@app.command("show")
def show_search(search_id: Id, as_json: AsJson = False) -> None:
    """Shows all that a saved search has."""
    with connect(options(), prepare=False) as store:
        found = store.searches.read(search_id)
    if found is None or found[0].deleted:
        raise _missing(search_id)
    if as_json:
        print_json(found[0])
        return
    for key, value in to_dict(found[0]).items():
        if value not in (None, "", []):
            out.print(f"{key:<12} {shown(value)}")


@app.command("add")
def add_search(
    search_id: Annotated[str, typer.Argument(metavar="ID", help="Never used before.")],
    query: Annotated[str, typer.Argument(help="What it looks for.")],
    values: Values = None,
) -> None:
    """Keeps a new search. See what it would send: wirewatch alerts preview ID."""
    made = {"id": search_id, "name": search_id, "query": query, **_read(values or ())}
    with connect(options()) as store, _told(search_id):
        saved.keep(store, _search(made), new=True)
    out.print(f"kept {search_id}")


@app.command("change")
def change_search(search_id: Id, values: Values = None) -> None:
    """Changes a search that a person keeps; query=… changes what it looks for."""
    _change(search_id, _read(values or ()))


@app.command("on")
def switch_on(search_id: Id) -> None:
    """Switches a search on, also one that was switched off for its fault."""
    _change(search_id, {"enabled": True})


@app.command("off")
def switch_off(search_id: Id) -> None:
    """Switches a search off: what comes meanwhile is not told."""
    _change(search_id, {"enabled": False})


@app.command("mute")
def mute_search(
    search_id: Id,
    days: Annotated[int, typer.Option(min=0, max=3_650, help="From now on; 0 ends it.")] = 7,
) -> None:
    """Tells nothing of a search for some days; what it finds is told afterwards."""
    until = utc_now() + timedelta(days=days) if days else None
    with connect(options()) as store, _told(search_id):
        saved.mute(store, search_id, until)
    out.print(f"muted until {shown(until)}" if until else "not muted")


@app.command("remove")
def remove_search(search_id: Id) -> None:
    """Deletes a search that a person keeps; its alerts stay."""
    with connect(options()) as store, _told(search_id):
        saved.discard(store, search_id)
    out.print(f"removed {search_id}")


def _change(search_id: str, values: dict[str, Any]) -> None:
    with connect(options()) as store, _told(search_id):
        before = to_dict(saved.own(store, search_id)[0])
        kept = {key: value for key, value in before.items() if key in GIVEN}
        saved.keep(store, _search({**kept, **values, "id": search_id}), new=False)
    out.print(f"changed {search_id}")


def _read(values: Iterable[str]) -> dict[str, Any]:
    """The values by key; each is TOML, or a text where it is none. Raises BadSearches."""
    found: dict[str, Any] = {}
    for one in values:
        key, equals, value = one.partition("=")
        if key == "id":
            raise BadSearches(["id: a search keeps the id that it was made with"])
        if not equals:
            raise BadSearches([f"{one!r} is no value: write KEY=VALUE, as channels=['desk']"])
        try:
            found[key] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[key] = value
    return found


def _search(table: dict[str, Any]) -> SavedSearch:
    search, problems = read_search(table)
    if search is None or problems:
        raise BadSearches(problems)
    return search


def _state(search: SavedSearch) -> str:
    now = utc_now()
    if search.off:
        return f"off: {search.off}"
    if not search.enabled:
        return "off"
    if search.expires and search.expires <= now:
        return "expired"
    if search.muted_until and search.muted_until > now:
        return f"muted until {shown(search.muted_until)}"
    return "on"


@contextmanager
def _told(search_id: str) -> Iterator[None]:
    """A refusal becomes a line and an exit code."""
    try:
        yield
    except KeyError as error:
        raise _missing(search_id) from error
    except saved.Refused as error:
        err.print(f"wirewatch: {shown(str(error))}")
        raise typer.Exit(1) from error


def _missing(search_id: str) -> typer.Exit:
    err.print(f"wirewatch: there is no saved search {search_id}; see wirewatch searches list")
    return typer.Exit(1)
