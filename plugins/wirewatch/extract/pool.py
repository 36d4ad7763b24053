"""Extraction in processes that may die: every job comes back once, as article or rejection.

A thread for each process hands it one page at a time and waits, no longer than the limit. A process
that dies, hangs or passes its memory takes that page with it, which is tried once more in a fresh
process and then rejected. The processes are started as commands, not forked: that is safe inside an
Airflow task, which is itself a fork with threads; they end with their parent, even by SIGKILL.
"""

from __future__ import annotations

import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from wirewatch.extract.job import Job, Rejection
from wirewatch.extract.worker import FRAME, OUT_OF_MEMORY, Answer
from wirewatch.records import Article, Reason, ready

START_SECONDS = 120  # to import and load the language model, on a machine that is very busy
STARTS = 3  # tries: a system short of memory kills what starts, too
MAX_ANSWER = 256 * 1024 * 1024  # bytes; far over any bounded article, so a longer one is garbage

Result = tuple[str, Article | Rejection]


class PoolError(RuntimeError):
    """The extraction processes do not start at all; no page is to blame."""


class _Died(Exception):
    """A process ended or was ended while it had a page; the message says how."""


def extract_all(jobs: Iterable[Job], settings: Mapping[str, Any]) -> Iterator[Result]:
    """(page id, article or rejection) for every job, once each, in the order they finish.

    ``jobs`` is read lazily, a few pages ahead of the results. Options: ``extract.processes`` (0:
    one a core), ``extract.timeout`` (seconds a page), ``extract.memory`` (MB a process),
    ``extract.recycle`` (pages after which a process is replaced). Raises PoolError when no process
    can be started, and what iterating ``jobs`` raises.
    """
    options = {name: settings[name] for name in settings if name.startswith("extract.")}
    size = options["extract.processes"] or len(os.sched_getaffinity(0))
    source = _Source(jobs)
    results: queue.Queue[Result | BaseException | None] = queue.Queue(maxsize=size * 4)
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=_serve, args=(source, options, results, stop), name=f"extract-{n}", daemon=True
        )
        for n in range(size)
    ]
    for thread in threads:
        thread.start()
    running = size
    try:
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result
    finally:
        stop.set()
        while any(thread.is_alive() for thread in threads):
            try:  # a thread may wait for room in the queue
                results.get(timeout=0.05)
            except queue.Empty:
                continue


class _Source:
    """The jobs, handed out one by one to several threads."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self._lock = threading.Lock()

    def take(self) -> Job | None:
        """The next job; None when there are no more."""
        with self._lock:
            return next(self._jobs, None)


def _serve(
    source: _Source,
    options: dict[str, Any],
    results: queue.Queue[Result | BaseException | None],
    stop: threading.Event,
) -> None:
    """One thread: a process of its own, a page at a time, until there are no more."""
    worker: _Worker | None = None
    try:
        while not stop.is_set() and (job := source.take()) is not None:
            if worker is None or worker.pages >= options["extract.recycle"]:
                if worker:
                    worker.close()
                worker = _start(options, stop)
            result, worker = _one(job, worker, options, stop)
            results.put((job.page.id, result))
    except BaseException as error:  # noqa: BLE001  # handed to the caller, who raises it
        results.put(error)
    finally:
        if worker:
            worker.close()
        results.put(None)


def _one(
    job: Job, worker: _Worker, options: dict[str, Any], stop: threading.Event
) -> tuple[Article | Rejection, _Worker]:
    """The job's result and the process to go on with."""
    try:
        return worker.extract(job), worker
    except _Died as first:
        worker.close()
        worker = _start(options, stop)
        try:
            return worker.extract(job), worker
        except _Died as second:
            worker.close()
            detail = f"twice: {second}" if str(first) == str(second) else f"{first}, then {second}"
            died = Rejection(
                page_id=job.page.id, reason=Reason.EXTRACTION_DIED, detail=f"{detail} ({job.url})"
            )
            return died, _Worker(options, stop)


def _start(options: dict[str, Any], stop: threading.Event) -> _Worker:
    """A process that is ready; raises PoolError when none gets so far."""
    for left in reversed(range(STARTS)):
        try:
            return _Worker(options, stop)
        except _Died as error:
            if not left or stop.is_set():
                raise PoolError(f"the extraction process does not start: {error}") from error
    raise AssertionError("STARTS is no number of tries")


class _Worker:
    """One extraction process and the pipes to it."""

    def __init__(self, options: dict[str, Any], stop: threading.Event) -> None:
        self.pages = 0
        self._options = options
        self._stop = stop
        package_root = str(Path(__file__).resolve().parents[2])
        paths = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONHASHSEED": "0",  # sets and dicts in the same order in every process
            "OPENBLAS_NUM_THREADS": "1",  # numpy's idle threads would each map 64 MB
            "OMP_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wirewatch.extract.worker", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            bufsize=0,
        )
        assert self._process.stdin and self._process.stdout  # noqa: S101  # as asked for above
        self._to: IO[bytes] = self._process.stdin
        self._from: IO[bytes] = self._process.stdout
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)
        try:
            self._exchange(msgspec.msgpack.encode(options), START_SECONDS)
        except _Died:
            self.close()
            raise

    def extract(self, job: Job) -> Article | Rejection:
        """The job's result. Raises _Died."""
        self.pages += 1
        raw = self._exchange(msgspec.msgpack.encode(job), self._options["extract.timeout"])
        try:
            answer = msgspec.msgpack.decode(raw, type=ready(Answer))
        except msgspec.DecodeError as error:
            raise _Died(f"its answer is none ({error})") from error
        result = answer.article or answer.rejection
        if result is None:
            raise _Died("its answer is empty")
        return result

    def close(self) -> None:
        """Ends the process, at once if it does not end by itself, and waits for it."""
        self._to.close()
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._from.close()

    def _exchange(self, content: bytes, seconds: float) -> bytes:
        """Sends a frame and returns the answering one; kills the process when time is over."""
        deadline = time.monotonic() + seconds
        self._send(FRAME.pack(len(content)) + content, deadline, seconds)
        (size,) = FRAME.unpack(self._receive(FRAME.size, deadline, seconds))
        if size > MAX_ANSWER:
            self._process.kill()
            raise _Died(f"its answer would have {size} bytes")
        return self._receive(size, deadline, seconds)

    def _send(self, data: bytes, deadline: float, seconds: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._to, selectors.EVENT_WRITE, deadline, seconds)
            try:
                view = view[os.write(self._to.fileno(), view) :]
            except BlockingIOError:
                continue
            except (BrokenPipeError, ConnectionError):
                raise _Died(self._how()) from None

    def _receive(self, size: int, deadline: float, seconds: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self._from, selectors.EVENT_READ, deadline, seconds)
            try:
                part = os.read(self._from.fileno(), size - len(data))
            except BlockingIOError:
                continue
            if not part:
                raise _Died(self._how())
            data += part
        return bytes(data)

    def _wait(self, stream: IO[bytes], event: int, deadline: float, seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(stream, event)
            while not selector.select(min(0.5, max(0.0, deadline - time.monotonic()))):
                if self._stop.is_set():
                    raise _Died("stopped by the caller")
                if time.monotonic() >= deadline:
                    self._process.kill()
                    self._process.wait()
                    raise _Died(f"took longer than {seconds:g} s")

    def _how(self) -> str:
        """How the process ended, in words."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "closed its output"
        if status == OUT_OF_MEMORY:
            return f"passed {self._options['extract.memory']} MB of memory"
        if status < 0:
            return f"died of {signal.Signals(-status).name}"
        return f"ended with status {status}"
