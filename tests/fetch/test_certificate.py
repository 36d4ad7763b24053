"""A certificate that has expired, told with its date: a real TLS server on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fetch.servers import settings
from wirewatch.feeds.poll import Polled, poll_one
from wirewatch.fetch import certificate
from wirewatch.fetch.client import Client
from wirewatch.fetch.guard import Guard
from wirewatch.records import Feed, utc_now

ENDED = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOST = "a.localhost"


def made(folder: Path, ends: datetime, host: str = HOST) -> ssl.SSLContext:
    """A certificate for a host, signed by itself; the folder has it in ``both.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@asynccontextmanager
async def secured(context: ssl.SSLContext) -> AsyncIterator[str]:
    runner = web.AppRunner(web.Application(), handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://{HOST}:{runner.addresses[0][1]}/f"
    finally:
        await runner.cleanup()


def polled(context: ssl.SSLContext) -> Polled:
    async def go() -> Polled:
        given = settings()
        async with secured(context) as url, Client(given) as client:
            return await poll_one(client, Feed(id="0", url=url), utc_now(), given)

    return asyncio.run(go())


def test_an_expired_certificate_is_told_with_its_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = made(tmp_path, ENDED)
    # trusted, so that its end is all that is wrong with it
    trusting = ssl.create_default_context(cafile=tmp_path / "both.pem")
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    after = polled(context).after
    assert after is not None
    assert after.error == "certificate expired on 2026-01-31"
    assert after.failures == 1


def test_one_that_nobody_vouches_for_keeps_its_own_words(tmp_path: Path) -> None:
    after = polled(made(tmp_path, utc_now() + timedelta(days=9))).after
    assert after is not None
    assert after.error.endswith("certificate of a.localhost: self-signed certificate")


def test_the_date_is_asked_for_only_where_the_guard_lets(tmp_path: Path) -> None:
    async def go(guard: Guard) -> datetime | None:
        async with secured(made(tmp_path, ENDED)) as url:
            return await certificate.expiry(guard, url)

    assert asyncio.run(go(Guard())) is None
    assert asyncio.run(go(Guard(["*.localhost:*"]))) == ENDED
    assert (
        asyncio.run(certificate.expiry(Guard(["a.localhost:1"]), "https://a.localhost:1/")) is None
    )
