"""When an expired certificate expired: the date that TLS itself does not tell."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime

from ada_url import URL
from cryptography import x509

from wirewatch.fetch.answers import Failure
from wirewatch.fetch.client import Client
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver
from wirewatch.records import Reason, replace

PATIENCE = 5.0  # seconds for a date that is nice to know
EXPIRED = "certificate has expired"  # OpenSSL's words for X509_V_ERR_CERT_HAS_EXPIRED


async def dated(client: Client, failure: Failure) -> Failure:
    """The failure, with the date in its words where a certificate had expired."""
    if failure.reason != Reason.TLS or EXPIRED not in failure.detail:
        return failure
    at = await expiry(client.guard, failure.final_url or failure.url)
    return replace(failure, detail=f"certificate expired on {at:%Y-%m-%d}") if at else failure


async def expiry(guard: Guard, url: str) -> datetime | None:
    """The end of the certificate that the host of an https URL shows; None where it shows none.

    The certificate is looked at, not trusted, and nothing is sent. The guard holds as for a fetch.
    """
    parsed = URL(url)
    host, port = parsed.hostname, int(parsed.port or 443)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    resolver = GuardedResolver(guard, PATIENCE)
    try:
        guard.check_url(url)
        found = await resolver.resolve(host, port)
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(
                found[0]["host"], port, ssl=context, server_hostname=host
            )
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
    except (OSError, TimeoutError, ValueError, Guarded):
        return None  # it was expired all the same
    finally:
        await resolver.close()
