"""Mail by SMTP, encrypted: a connection a message, the server's word for what became of it."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress

import aiosmtplib
from aiosmtplib import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from wirewatch.alerts.channels.letter import letter
from wirewatch.alerts.channels.tools import Answer, Tools
from wirewatch.alerts.messages import Message, one_line
from wirewatch.mailboxes import sender
from wirewatch.records import Channel
from wirewatch.settings import Settings

GOODBYE = 5.0  # seconds a server may take to end the connection; the mail is its by then
WORDS = 200  # characters kept of what a server says
# RFC 3463: 5.7 is about who sends, as when a relay refuses us; the address may be a good one.
_POLICY = re.compile(r"\s*5\.7\.\d")


async def send(channel: Channel, message: Message, tools: Tools) -> Answer:
    """Mails the message to the channel's address, within ``mail.timeout`` seconds."""
    settings = tools.settings
    if not settings["mail.host"]:
        return Answer(error="there is no mail server: set mail.host and mail.from")
    text = letter(channel, message, settings["mail.from"]).as_bytes()
    client = _client(settings)
    try:
        async with asyncio.timeout(settings["mail.timeout"]):
            await client.connect()
            await client.sendmail(sender(settings["mail.from"])[1], [channel.address], text)
    except SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        permanent = 500 <= refused.code < 600 and not _POLICY.match(refused.message)
        words = f"the address was refused: {_said(refused)}"
        return Answer(error=words, bounced=permanent)
    except SMTPResponseException as error:
        return Answer(error=f"the mail server answered {_said(error)}")
    except TimeoutError:
        return Answer(error="the mail server gave no answer in time")
    except (SMTPException, OSError, ValueError) as error:
        return Answer(error=one_line(f"the mail server: {type(error).__name__}: {error}", WORDS))
    else:
        with suppress(SMTPException, OSError, TimeoutError):
            await client.quit(timeout=GOODBYE)
        return Answer()
    finally:
        client.close()


def _client(settings: Settings) -> aiosmtplib.SMTP:
    security = settings["mail.security"]
    return aiosmtplib.SMTP(
        hostname=settings["mail.host"],
        port=settings["mail.port"],
        local_hostname=sender(settings["mail.from"])[1].rpartition("@")[2],
        timeout=settings["mail.timeout"],
        use_tls=security == "tls",
        start_tls=security == "starttls",  # a server without it is refused, not sent to in clear
        tls_context=(
            None
            if security == "none"
            else ssl.create_default_context(cafile=settings["mail.ca_file"] or None)
        ),
        username=settings["mail.user"] or None,
        password=settings["mail.password"] or None,
    )


def _said(error: SMTPResponseException) -> str:
    return one_line(f"{error.code} {error.message}", WORDS)
