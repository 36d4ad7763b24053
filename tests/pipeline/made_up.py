"""A flow of three stages that the tests made up, run in this process: ``… made_up STATE RUN``.

Each call is noted in the file ``calls``. A call dies by SIGKILL, once, where a file asks for it:
``die-double-1`` in the middle of that call, ``die-total-0`` before it has done anything.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from wirewatch import settings as options
from wirewatch.batches import Batches, file_name
from wirewatch.pipeline.flow import Flow, Shape, Stage
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Batch, Record
from wirewatch.settings import Settings


class Number(Record, frozen=True, kw_only=True):
    value: int


def _stage(name: str, shape: Shape, **more: object) -> Stage:
    return Stage(
        name=name,
        call=f"tests.pipeline.made_up:{name}",
        shape=shape,
        minutes=1,
        does=f"does {name}",
        fails="clear it",
        **more,  # type: ignore[arg-type]
    )


MADE_UP = Flow(
    kind="made_up",
    prefix="made_up__",
    stages=(
        _stage("count", Shape.START, once=True, params={"upto": "upto"}),
        _stage("double", Shape.EACH, ticks=True, together=True),
        _stage("total", Shape.ALL),
    ),
)


def _begin(settings: Settings, name: str, partition: int) -> None:
    with (Path(settings.state) / "calls").open("a") as calls:
        calls.write(f"{name}-{partition}\n")


def _perhaps_die(settings: Settings, name: str, partition: int) -> None:
    asked = Path(settings.state) / f"die-{name}-{partition}"
    if asked.exists():
        asked.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _write(settings: Settings, run: str, stage: str, partition: int, values: list[int]) -> Batch:
    file = file_name(run, stage, partition)
    count = Batches(settings.state).write(file, [Number(value=value) for value in values])
    return Batch(run=run, stage=stage, partition=partition, file=file, taken=count, passed=count)


def _read(settings: Settings, batch: Batch) -> list[int]:
    return [one.value for one in Batches(settings.state).read(batch.file, Number)]


def count(settings: Settings, run: str, upto: int) -> list[Batch]:
    _begin(settings, "count", 0)
    return [_write(settings, run, "count", part, list(range(part, upto, 3))) for part in range(3)]


def double(settings: Settings, batch: Batch, tick: object) -> Batch:
    _begin(settings, "double", batch.partition)
    values = [2 * value for value in _read(settings, batch)]
    _perhaps_die(settings, "double", batch.partition)
    tick(len(values))  # type: ignore[operator]
    return _write(settings, batch.run, "double", batch.partition, values)


def total(settings: Settings, run: str, doubled: Sequence[Batch]) -> list[Batch]:
    _perhaps_die(settings, "total", 0)
    _begin(settings, "total", 0)
    values = [value for batch in doubled for value in _read(settings, batch)]
    made = _write(settings, run, "total", 0, [sum(values)])
    one = {"summed": len(values) - 1}
    return [Batch(run=run, stage="total", partition=0, file=made.file, taken=len(values), passed=1,
                  outcomes=one)]  # fmt: skip


if __name__ == "__main__":
    run_flow(MADE_UP, options.load(), sys.argv[1], {"upto": 10})
