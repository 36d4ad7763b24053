"""How the commands print: tables or JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from wirewatch.records import flat

# A line for a pipe or a file is never wrapped: what reads it takes a line for a record.
out = Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=not sys.stderr.isatty())

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

PLAIN_EVERY = 5.0  # seconds between two lines of progress where there is no terminal


def print_json(value: Any, left_out: Collection[str] = ()) -> None:
    """Prints records, or lists and dictionaries of them, as JSON; ``left_out``: of stories."""
    sys.stdout.write(json.dumps(flat(value, left_out), ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Prints a table; returns how many rows it has. Text from outside is shown, not interpreted.

    Where there is no terminal each row is a line whose cells are parted by tabs, whole.
    """
    lines = [[shown(value) for value in row] for row in rows]
    if not lines:
        return 0
    if not out.is_terminal:
        for line in [list(columns), *lines]:
            sys.stdout.write("\t".join(" ".join(cell.split()) for cell in line) + "\n")
        return len(lines)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    out.print(table)
    return len(lines)


def shown(value: Any) -> str:
    """A value as a person reads it, control characters made visible."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}"
                   for char in text)  # fmt: skip


class Stages:
    """Progress over the stages of a run: bars on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._task: Any = None
        self._stage = ""
        self._done = 0
        self._items = 0
        self._said = 0.0
        if err.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description:<14}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=err,
            )

    def __enter__(self) -> Self:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if self._bars:
            self._bars.stop()

    def begin(self, stage: str, items: int) -> None:
        """A stage begins, with so many items (0: not known)."""
        self._close()
        self._stage, self._items, self._done = stage, items, 0
        self._said = time.monotonic()
        if self._bars:
            self._task = self._bars.add_task(stage, total=items or None)
        else:
            err.print(f"{stage} …" if not items else f"{stage}: {items} items")

    def tick(self, items: int) -> None:
        """So many more items are done. May be called from several threads."""
        self._done += items
        if self._bars:
            self._bars.update(self._task, completed=self._done)
        elif time.monotonic() - self._said > PLAIN_EVERY:
            self._said = time.monotonic()
            err.print(f"{self._stage}: {self._done} of {self._items or '?'}")

    def _close(self) -> None:
        if self._bars and self._stage:
            self._bars.update(self._task, total=self._items or self._done, completed=self._done)
