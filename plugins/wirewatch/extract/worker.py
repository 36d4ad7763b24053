"""The process that extracts: ``python -m wirewatch.extract.worker``, started by ``pool`` alone.

Reads frames from standard input (4 bytes of length, big-endian, then MessagePack): first the
options, then one job each. Answers each with one frame: an article or a rejection. Ends when its
input ends, when its parent dies, and when it passes its memory limit (exit status OUT_OF_MEMORY).
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import signal
import struct
import sys
from typing import Any, BinaryIO

import msgspec

from wirewatch.extract.job import Job, Rejection
from wirewatch.records import Article, Reason, ready

OUT_OF_MEMORY = 77  # exit status; no signal and no Python failure ends with it
FRAME = struct.Struct(">I")
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PAGES_BETWEEN_COLLECTIONS = 50  # lxml trees are freed by count; only cycles wait for the collector


class Answer(msgspec.Struct, frozen=True):
    """One of both, or neither when the process has only said that it is ready."""

    article: Article | None = None
    rejection: Rejection | None = None


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame's content; None at the end of the stream, also in the middle of a frame."""
    head = stream.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    (size,) = FRAME.unpack(head)
    content = stream.read(size)
    return content if len(content) == size else None


def write_frame(stream: BinaryIO, content: bytes) -> None:
    """Writes one frame and flushes."""
    stream.write(FRAME.pack(len(content)))
    stream.write(content)
    stream.flush()


def die_with(parent: int) -> None:
    """Has the kernel kill this process when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os._exit(0)


def limit_memory(megabytes: int) -> None:
    """From here on, allocating more than this beyond what is mapped now fails."""
    page = resource.getpagesize()
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # procfs, read before all else
        mapped = int(file.read().split()[0]) * page
    limit = mapped + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def answer(job: Job, options: dict[str, Any]) -> Answer:
    """The job's article or rejection. A failure of the code is a rejection that names it."""
    from wirewatch.extract.article import extract  # after die_with: importing takes half a second

    try:
        result = extract(job, options)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # one bad page must not stop the others; reported
        return Answer(
            rejection=Rejection(
                page_id=job.page.id,
                reason=Reason.EXTRACTION_FAILED,
                detail=f"{type(error).__name__}: {error}"[:500],
            )
        )
    if isinstance(result, Article):
        return Answer(article=result)
    return Answer(rejection=result)


def main() -> int:
    """Serves jobs until the input ends."""
    die_with(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the frames
    source = sys.stdin.buffer
    logging.disable(logging.CRITICAL)  # engines log every discarded page; the answer says it
    first = read_frame(source)
    if first is None:
        return 0
    options: dict[str, Any] = msgspec.msgpack.decode(first)
    from wirewatch.extract import article  # noqa: F401  # loaded before the limit, and once
    from wirewatch.extract.language import identify

    identify("The first call loads the model, before the limit.")
    limit_memory(options["extract.memory"])
    gc.freeze()
    decoder = msgspec.msgpack.Decoder(ready(Job))
    encoder = msgspec.msgpack.Encoder()
    write_frame(channel, encoder.encode(Answer()))
    count = 0
    while (frame := read_frame(source)) is not None:
        try:
            write_frame(channel, encoder.encode(answer(decoder.decode(frame), options)))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        count += 1
        if count % PAGES_BETWEEN_COLLECTIONS == 0:
            gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
