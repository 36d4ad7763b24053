"""Bodies read within limits: size on the wire, size decompressed, speed."""

from __future__ import annotations

import time
import zlib

import aiohttp

from wirewatch.records import Reason

ENCODINGS = "gzip, deflate"  # what is asked for, and all that is understood
PIECE = 65_536  # bytes decompressed at a time


class BodyError(Exception):
    """The body cannot be had; ``reason`` and the message say why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


def size(count: int) -> str:
    """A number of bytes in words: "10 MB", "812 bytes"."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.3g} MB"
    if count >= 10_000:
        return f"{count / 1_000:.3g} kB"
    return f"{count:,} bytes"


class Inflater:
    """Undoes a content coding piece by piece and never holds more than the limit allows."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._read = 0
        self._out = bytearray()
        self._coding = encoding.strip().lower()
        self._stream: zlib._Decompress | None = None
        if self._coding in ("gzip", "x-gzip"):
            self._stream = zlib.decompressobj(wbits=31)
        elif self._coding not in ("", "identity", "deflate"):
            shown = ascii(self._coding[:40])
            raise BodyError(Reason.PROTOCOL, f"content coding {shown} was not asked for")

    def feed(self, chunk: bytes) -> None:
        """Takes what came over the wire. Raises BodyError past the limit or on a broken stream."""
        self._read += len(chunk)
        if self._stream is None and self._coding == "deflate" and chunk:
            # zlib's wrapper as RFC 9110 says, or bare as some servers send it
            wrapped = chunk[0] & 0x0F == 8 and (
                len(chunk) < 2 or int.from_bytes(chunk[:2]) % 31 == 0
            )
            self._stream = zlib.decompressobj(wbits=15 if wrapped else -15)
        if self._stream is None:
            self._take(chunk)
            return
        try:
            while chunk:
                if self._stream.eof:  # another gzip member (RFC 1952, section 2.2), or padding
                    if self._coding == "deflate" or not chunk.startswith(b"\x1f"):
                        return
                    self._stream = zlib.decompressobj(wbits=31)
                self._take(self._stream.decompress(chunk, PIECE))
                chunk = self._stream.unconsumed_tail or self._stream.unused_data
        except zlib.error as error:
            raise BodyError(Reason.PROTOCOL, f"the {self._coding} body is damaged") from error

    def _take(self, data: bytes) -> None:
        self._out += data
        if len(self._out) > self._limit:
            blown = f" out of {size(self._read)} compressed" if self._stream else ""
            raise BodyError(
                Reason.TOO_LARGE,
                f"more than {size(len(self._out) - 1)}{blown}; {size(self._limit)} are allowed",
            )

    @property
    def body(self) -> bytes:
        """What has been decoded so far."""
        return bytes(self._out)


async def read(
    response: aiohttp.ClientResponse, limit: int, floor: float, grace: float, truncate: bool
) -> bytes:
    """The decoded body, at most ``limit`` bytes; with ``truncate`` the rest is left unread.

    ``floor`` is the least speed in bytes a second once ``grace`` seconds have gone.
    Raises BodyError, and what aiohttp raises when the connection breaks.
    """
    declared = response.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limit and not truncate:
        detail = f"Content-Length says {size(int(declared))}; {size(limit)} are allowed"
        raise BodyError(Reason.TOO_LARGE, detail)
    # A coding on top of another stands in one header or in two (RFC 9110, section 8.4)
    inflater = Inflater(", ".join(response.headers.getall("Content-Encoding", ())), limit)
    stream = response.content
    try:
        if stream.is_eof():  # all of it came with the headers, as most feeds and errors do
            inflater.feed(stream.read_nowait())
        else:
            await _receive(stream, inflater, floor, grace)
    except BodyError as error:
        if truncate and error.reason == Reason.TOO_LARGE:
            return inflater.body[:limit]
        raise
    return inflater.body


async def _receive(
    stream: aiohttp.StreamReader, inflater: Inflater, floor: float, grace: float
) -> None:
    start = time.monotonic()
    received = 0
    while chunk := await stream.readany():
        received += len(chunk)
        inflater.feed(chunk)
        elapsed = time.monotonic() - start
        if elapsed > grace and received < floor * elapsed:
            detail = f"{received:,} bytes in {elapsed:.0f} s; {floor:g} a second are needed"
            raise BodyError(Reason.TOO_SLOW, detail)
