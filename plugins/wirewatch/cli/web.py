"""``wirewatch serve``: the API and the pages; ``wirewatch keys``: who may ask them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.local import paths
from wirewatch.local.paths import Trouble
from wirewatch.records import Key, to_dict, utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.web.security import keys
from wirewatch.web.security.secret import link

LOOK = 2.0  # seconds between two looks for the first key: a person has just made it

keys_app = typer.Typer(help="Keys: who may read, write and operate.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("serve")(serve)
    app.add_typer(keys_app, name="keys")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; option web.host.")] = "",
    port: Annotated[int | None, typer.Option(help="0: any free one; option web.port.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Where others reach it, wait until there is a key.")
    ] = False,
) -> None:
    """Serves the API and the pages until it is interrupted."""
    # Only this command needs FastAPI, which takes a second to import.
    from wirewatch.web import serving
    from wirewatch.web.security.hosts import is_loopback

    given = options()
    if host:
        given = given.with_options(web__host=host)
    if port is not None:
        given = given.with_options(web__port=port)
    if not given["web.port"]:
        given = given.with_options(web__port=paths.any_port())
    if is_loopback(given["web.host"]):
        err.print(f"The pages, for reading: {_link(given)}", soft_wrap=True)
    else:
        _somebody_may_enter(given, wait=wait)
    serving.serve(given)


def _link(given: Settings) -> str:
    host = given["web.host"]
    return link(given, f"http://{f'[{host}]' if ':' in host else host}:{given['web.port']}")


def _somebody_may_enter(given: Settings, *, wait: bool) -> None:
    """Raises Trouble when the server would listen to strangers while there is no key.

    With ``wait`` it says so, and returns when there is one.
    """
    why = f"others can reach {given['web.host']}, and there is no key yet: make one with "
    with connect(given) as store:
        told = False
        while not any(key.live(utc_now()) for key in store.keys.all()):
            if not wait:
                raise Trouble(f"{why}'wirewatch keys add NAME', or listen on 127.0.0.1")
            if not told:
                err.print(f"{why}'wirewatch keys add NAME'. It is waited for.", soft_wrap=True)
                told = True
            time.sleep(LOOK)


@keys_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write or operate; may be repeated.")
    ] = None,
    rate: Annotated[int, typer.Option(min=0, help="Requests a minute; 0: option web.rate.")] = 0,
    days: Annotated[int, typer.Option(min=0, help="Days until it expires; 0: never.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Makes a key and prints it. It cannot be shown again: only its hash is kept."""
    now = utc_now()
    expires = now + timedelta(days=days) if days else None
    try:
        written, key = keys.make(name, scope or ["read"], now, rate=rate, expires=expires)
    except (keys.BadKey, OverflowError) as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(2) from error
    with connect(options()) as store:
        store.keys.create(key)
    if as_json:
        print_json({"key": written, **_shown(key)})
    else:
        err.print(f"key {key.id} of {key.name}, for {', '.join(key.scopes)}; it is not shown again")
        out.print(written, soft_wrap=True)


@keys_app.command("link")
def show_link() -> None:
    """Prints the link that opens the pages for reading: in the browser it becomes a session."""
    out.print(_link(options()), soft_wrap=True)


@keys_app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Lists the keys, without their secrets."""
    with connect(options()) as store:
        found = list(store.keys.all())
    if as_json:
        print_json([_shown(key) for key in found])
        return
    print_table(
        ("id", "name", "scopes", "rate", "created", "expires", "revoked"),
        (
            (key.id, key.name, " ".join(key.scopes), key.rate or "", key.created, key.expires,
             key.revoked)
            for key in found
        ),
    )  # fmt: skip
    err.print(f"{len(found)} keys")


@keys_app.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(help="The id of a key, or the key itself.")],
) -> None:
    """Ends a key and its sessions, from the next request on."""
    parts = keys.parts(key)
    identity = parts[0] if parts else key
    with connect(options()) as store:
        found = store.keys.revoke(identity, utc_now())
    if found is None:
        err.print(f"wirewatch: there is no key {identity}: see 'wirewatch keys list'")
        raise typer.Exit(1)
    out.print(f"{found.id} of {found.name} is revoked")


def _shown(key: Key) -> dict[str, object]:
    return {name: value for name, value in to_dict(key).items() if name not in ("hash", "ended")}
