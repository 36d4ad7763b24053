"""The secret that sessions, cursors, forms and the link are made with; all processes share one."""

from __future__ import annotations

import os
import secrets
from urllib.parse import urlencode

from wirewatch.local import paths
from wirewatch.settings import Settings
from wirewatch.signing import Purpose, token

NAME = "web.secret"
BYTES = 32
PARAMETER = "token"  # of the link


def secret(settings: Settings) -> bytes:
    """The option ``web.secret``; without it, what ``web.secret`` in ``local.folder`` says.

    The file is made where it is missing, for its owner alone (0600). Of several processes that
    make it at once one wins, and all read what that one wrote. Raises Trouble when it is too short
    to be what was written, and OSError when it cannot be written.
    """
    given: str = settings["web.secret"]
    if given:
        return given.encode()
    file = paths.installation(settings) / NAME
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
        paths.write_private(draft, secrets.token_hex(BYTES))
        try:
            os.link(draft, file)  # whole, and only if it is not there by now
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    written = file.read_text("ascii").strip()
    if len(written) < 2 * BYTES:
        raise paths.Trouble(f"{file} is damaged: delete it, and a new secret is made")
    return bytes.fromhex(written)


def link(settings: Settings, address: str) -> str:
    """The link that opens the app at an address for reading; raises as :func:`secret`."""
    return f"{address}/?{urlencode({PARAMETER: reader_token(secret(settings))})}"


def reader_token(whole: bytes) -> str:
    """The link's token: who can read the secret has it."""
    return token("reader", whole, Purpose.LINK)
