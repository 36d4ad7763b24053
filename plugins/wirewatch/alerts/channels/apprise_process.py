"""The process that has Apprise send one message, or say whether it knows an address.

It reads JSON from its input, and writes as its last line what is wrong, "" for nothing.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from typing import Any

WORDS = 500  # characters of what Apprise says


def main() -> None:
    """Does what the input asks."""
    asked = json.load(sys.stdin)
    sys.path[:] = [entry for entry in asked["path"] if entry]
    sys.stdout.write("\n" + json.dumps({"error": work(asked)}) + "\n")


def work(asked: dict[str, Any]) -> str:
    """What is wrong; "" for nothing. Without a body nothing is sent."""
    import apprise

    refused = guarded(asked["allow"])
    said = _listened()
    asset = apprise.AppriseAsset(http_redirects=False)
    service = apprise.Apprise.instantiate(asked["address"], asset=asset)
    if service is None:
        return f"Apprise does not know this address: {'; '.join(said)}"[:WORDS].rstrip(": ")
    service.redirects = False  # also where the address asks for them
    for scheme in _schemes(service):  # by another name, or as the address of a service's own page
        if scheme in asked["refused"]:
            return f"{scheme}:// is {asked['refused'][scheme]}"
    if "body" not in asked:
        return ""
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    if sender.notify(body=asked["body"], title=asked["title"], body_format="text"):
        return ""
    if refused:
        return f"refused: {refused[0]}; alerts.allow opens hosts of your own"
    return "; ".join(said)[:WORDS] or "Apprise does not say why"


def guarded(allow: list[str]) -> list[str]:
    """Lets nothing connect where the guard refuses it; the list has what was refused, in words.

    Checked where Python connects, so that every library is bound by it.
    """
    from wirewatch.fetch.guard import Guard, refusal

    guard = Guard(allow)
    opened: set[tuple[str, int]] = set()
    refused: list[str] = []
    look_up = socket.getaddrinfo

    def looked_up(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        found = look_up(host, port, *rest, **named)
        if guard.allows(str(host), int(port or 0)):
            opened.update((str(row[4][0]), int(row[4][1])) for row in found)
        return found

    def watch(event: str, given: tuple[Any, ...]) -> None:
        if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
            refused.append("it would start a program")
        elif event in ("socket.connect", "socket.sendto") and isinstance(given[1], tuple):
            host, port = str(given[1][0]), int(given[1][1])
            words = refusal(host)
            if not words or (host, port) in opened or guard.allows(host, port):
                return
            refused.append(f"{host} is {words}")
        elif event in ("socket.connect", "socket.sendto"):
            refused.append("a socket of this machine is no address")
        else:
            return
        raise PermissionError(refused[-1])

    socket.getaddrinfo = looked_up
    sys.addaudithook(watch)
    return refused


def _schemes(service: Any) -> set[str]:
    names: set[str] = set()
    for one in (service.protocol, service.secure_protocol):
        names |= {one} if isinstance(one, str) else set(one or ())
    return names


def _listened() -> list[str]:
    """What Apprise says from now on; it masks secrets itself."""
    said: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger = logging.getLogger("apprise")
    logger.addHandler(Kept(logging.WARNING))
    logger.propagate = False
    return said


if __name__ == "__main__":
    main()
