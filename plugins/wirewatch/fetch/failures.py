"""What went wrong with a request: one word and plain ones, for each thing that can go wrong."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from wirewatch.fetch.rate import Busy
from wirewatch.records import Reason, utc_now

LONGEST_RETRY_AFTER = 7 * 86_400.0  # seconds; what asks for more is a mistake


class Failed(Exception):
    """A request failed; carries what the Failure record says."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        status: int = 0,
        retry_after: float | None = None,
        attempted: bool = True,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.attempted = attempted
        super().__init__(detail)


def by_error(error: Exception, host: str, timeout: float, connect_timeout: float) -> Failed | None:
    """The failure that an exception of aiohttp or the system stands for; None for any other.

    ``timeout`` and ``connect_timeout`` are the seconds that were allowed.
    """
    match error:
        case Busy():
            return Failed(
                Reason.RATE_LIMITED, str(error), retry_after=error.seconds, attempted=False
            )
        case aiohttp.ClientConnectorDNSError():
            name = host.rpartition(":")[0] or host
            return Failed(Reason.DNS, f"{name}: {_os_words(error.os_error)}")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return Failed(Reason.TLS, _tls_words(error))
        case aiohttp.ClientConnectorError():
            return Failed(Reason.CONNECT, f"{host}: {_os_words(error.os_error)}")
        case aiohttp.ConnectionTimeoutError():
            return Failed(Reason.TIMEOUT, f"{host}: no connection in {connect_timeout:g} s")
        case TimeoutError():
            return Failed(Reason.TIMEOUT, f"{host}: no complete answer in {timeout:g} s")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return Failed(Reason.CONNECT, f"{host}: {_broken(error)}")
        case aiohttp.ClientPayloadError():
            words = f"the body ended early or is damaged: {_short(error)}"
            return Failed(Reason.PROTOCOL, words)
        case aiohttp.ClientError() | ValueError():  # ValueError: headers aiohttp cannot read
            return Failed(Reason.PROTOCOL, f"the answer is not valid HTTP: {_short(error)}")
        case OSError():
            return Failed(Reason.CONNECT, f"{host}: {_os_words(error)}")
    return None


def by_status(status: int, response: aiohttp.ClientResponse) -> Failed:
    """The failure that a status other than 2xx, 304 or a redirect stands for."""
    words = f"status {status} {clean(response.reason or '')[:60]}".rstrip()
    wait = retry_after(response.headers.get("Retry-After", ""), utc_now())
    if status == 404:
        reason = Reason.NOT_FOUND
    elif status == 410:
        reason = Reason.GONE
    elif status in (401, 402, 403, 451):
        reason = Reason.FORBIDDEN
    elif status == 429 or (status == 503 and wait is not None):
        reason = Reason.RATE_LIMITED
        words += f"; Retry-After {wait:.0f} s" if wait is not None else "; no Retry-After"
    elif status >= 500:
        reason = Reason.SERVER_ERROR
    elif status >= 400:
        reason = Reason.CLIENT_ERROR
    else:
        reason = Reason.PROTOCOL
    return Failed(reason, words, status, wait)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, section 10.2.3); None without one."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_RETRY_AFTER)


def clean(text: str) -> str:
    """Header text with undecodable bytes replaced, so that it can be written anywhere."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _short(error: BaseException) -> str:
    words = clean(str(error)) or type(error).__name__
    return " ".join(words.split())[:200]


def _os_words(error: OSError) -> str:
    return (error.strerror or _short(error)).rstrip(".")


def _broken(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection without an answer"
    return f"the connection broke: {_os_words(error) if isinstance(error, OSError) else error}"


def _tls_words(
    error: aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError,
) -> str:
    cause = getattr(error, "certificate_error", None) or error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"certificate of {error.host}: {cause.verify_message}"
    return f"TLS with {error.host} failed: {_short(cause or error)}"
