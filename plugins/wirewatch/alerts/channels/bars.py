"""A row of bars as a PNG, for mail: no script, no font, nothing asked from elsewhere."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

# Pixels. Twice what is shown, so that it stays sharp on fine screens.
HEIGHT, BASE = 96, 4
BAR, GAP = 24, 8
SCALE = 2
# Nothing, the bars, the line below: each has 3:1 at least against white and against near black.
COLOURS = ((0, 0, 0), (0x1F, 0x8A, 0x97), (0x80, 0x86, 0x8C))
SEEN = (0, 255, 255)
EMPTY, FULL, LINE = range(3)


def picture(values: Sequence[int]) -> bytes:
    """The PNG of these values, the greatest as high as the picture; one that is not 0 is seen."""
    most = max(values, default=0)
    heights = [max(BASE, round(value / most * (HEIGHT - BASE))) if value else 0 for value in values]
    rows = [_row(heights, HEIGHT - BASE - y) for y in range(HEIGHT - BASE)]
    rows += [bytes([LINE]) * width(values)] * BASE
    head = struct.pack(">IIBBBBB", width(values), HEIGHT, 8, 3, 0, 0, 0)  # 8 bits of a palette
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", head),
            _chunk(b"PLTE", bytes(part for colour in COLOURS for part in colour)),
            _chunk(b"tRNS", bytes(SEEN)),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)),
            _chunk(b"IEND", b""),
        )
    )


def width(values: Sequence[int]) -> int:
    """Pixels of the picture's width."""
    return max(len(values), 1) * (BAR + GAP)


def _row(heights: Sequence[int], y: int) -> bytes:
    """The pixels ``y`` above the line; 1 is the lowest row."""
    gap = bytes([EMPTY]) * GAP
    return b"".join(bytes([FULL if height >= y else EMPTY]) * BAR + gap for height in heights) or (
        bytes([EMPTY]) * (BAR + GAP)
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
