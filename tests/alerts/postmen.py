"""A real SMTP server on loopback that answers as it is told, with a certificate of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

OK = "250 OK"


@dataclass
class Postman:
    """What a mail server says to each command, and what it took."""

    rcpt: Callable[[str], str] = lambda _: OK
    data: Callable[[bytes], str] = lambda _: OK
    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    asked: int = 0  # for how many addresses
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        self.asked += 1
        said = self.rcpt(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        content = bytes(envelope.content or b"")
        said = self.data(content)
        if said.startswith("250"):
            self.got.append(message_from_bytes(content, policy=policy.default))
            self.envelopes.append(envelope)
        return said

    def login(self, _s: Any, _session: Any, _e: Any, _how: str, given: Any) -> AuthResult:
        """Takes one password."""
        right = isinstance(given, LoginPassword) and given.password == b"open sesame"
        self.logins.append(given.login.decode())
        return AuthResult(success=right, handled=right)


class _Server(Controller):
    """On a free port, which aiosmtpd's own does not know of."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection((self.hostname, self.port), 5) as plain:
            if self.ssl_context:
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                with context.wrap_socket(plain) as safe:
                    safe.recv(100)
            else:
                plain.recv(100)


@contextmanager
def serve(postman: Postman, **how: Any) -> Iterator[Postman]:
    """The server until the end of the block; ``how`` is aiosmtpd's."""
    server = _Server(postman, hostname="127.0.0.1", port=0, **how)
    server.start()
    postman.port = server.port
    try:
        yield postman
    finally:
        server.stop()
