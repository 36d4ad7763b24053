"""Bodies read within limits: size on the wire, size decompressed, speed."""

from __future__ import annotations

import codecs
import time
import zlib

import aiohttp

from wirewatch.records import Reason

ENCODINGS = "gzip, deflate"  # what is asked for, and all that is understood
# What servers write where a coding belongs, though it is none: a transfer's framing, a charset.
NO_CODINGS = frozenset(
    {"", "identity", "none", "aws-chunked", "chunked", "utf-8", "utf8", "iso-8859-1", "us-ascii",
     "8bit", "binary", "text", "plain"}
)  # fmt: skip
OTHERS = frozenset({"br", "zstd", "compress", "dcb", "dcz", "exi", "pack200-gzip"})  # registered
SAMPLE = 512  # bytes in which a packed body shows signs that no text has
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
    """Undoes a content coding piece by piece and never holds more than the limit allows.

    Labels that are no coding are passed over, as browsers do; a body under an unknown one is taken
    as it is where it is plain text.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._read = 0
        self._out = bytearray()
        labels = [label.strip().lower().removeprefix("x-") for label in encoding.split(",")]
        codings = [label for label in labels if label not in NO_CODINGS]
        self._coding = ", ".join(codings)
        self._stream: zlib._Decompress | None = None
        self._begun = False
        if len(codings) > 1 or self._coding in OTHERS:
            self._refuse()

    def _refuse(self) -> None:
        shown = ascii(self._coding[:40])
        raise BodyError(Reason.PROTOCOL, f"content coding {shown} was not asked for")

    def _begin(self, start: bytes) -> None:
        """Chooses how to read the body by its label and its first bytes."""
        self._begun = True
        if self._coding == "deflate":
            # zlib's wrapper as RFC 9110 says, or bare as some servers send it
            wrapped = start[0] & 0x0F == 8 and (
                len(start) < 2 or int.from_bytes(start[:2]) % 31 == 0
            )
            self._stream = zlib.decompressobj(wbits=15 if wrapped else -15)
        elif self._coding == "gzip":
            self._stream = zlib.decompressobj(wbits=31)
        elif self._coding and not _is_plain(start):
            self._refuse()

    def feed(self, chunk: bytes) -> None:
        """Takes what came over the wire. Raises BodyError past the limit or on a broken stream."""
        self._read += len(chunk)
        if not self._begun and chunk:
            self._begin(chunk)
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

    def end(self) -> None:
        """Takes note that nothing more comes. Raises BodyError where the stream is not whole."""
        if self._stream is not None and not self._stream.eof:
            raise BodyError(
                Reason.PROTOCOL, f"the {self._coding} body was cut off after {size(self._read)}"
            )

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


def _is_plain(start: bytes) -> bool:
    """Whether a body begins as text does, in a charset of one or of several bytes a letter."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return not any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in start[:SAMPLE])


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
        inflater.end()
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
