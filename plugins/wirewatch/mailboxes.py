"""Mail addresses: whether they have the form of one. Whether somebody reads there, nobody knows."""

from __future__ import annotations

import re

LONGEST = 254  # characters of an address (RFC 5321, 4.5.3.1.3, without the brackets)
LONGEST_LOCAL = 64  # characters before the @ (RFC 5321, 4.5.3.1.1)
LONGEST_NAME = 100  # characters of a sender's name

# The dot-string of RFC 5321; quoted local parts are legal, and no living mailbox has one.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def mailbox(text: str) -> str:
    """The address as servers take it, its domain in ASCII.

    Raises ValueError, whose message says what is wrong.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a mail address has at most {LONGEST} characters")
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain:
        raise ValueError("a mail address has a name, an @ and a domain, as ann@example.org")
    if len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        raise ValueError(
            f"before the @ stand up to {LONGEST_LOCAL} letters of ASCII, digits and signs, "
            "with dots between them"
        )
    try:
        plain = domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(f"there can be no domain {domain[:100]!r}") from error
    if not all(_LABEL.fullmatch(label) for label in plain.split(".")):
        raise ValueError(f"there can be no domain {domain[:100]!r}")
    return f"{local}@{plain}"


def sender(text: str) -> tuple[str, str]:
    """The name and the address of ``Name <address>``, or of an address alone.

    Raises ValueError as :func:`mailbox` does.
    """
    text = text.strip()
    if not text.endswith(">"):
        return "", mailbox(text)
    name, _, address = text[:-1].rpartition("<")
    name = name.strip().strip('"').strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a sender's name has up to {LONGEST_NAME} characters in one line")
    return name, mailbox(address)
