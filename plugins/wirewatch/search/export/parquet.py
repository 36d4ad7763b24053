"""Stories as Parquet, with the optional extra ``parquet`` (pyarrow)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from wirewatch.records import Story
from wirewatch.search.export.tables import COLUMNS
from wirewatch.search.request import BadRequest

GROUP = 1_000  # stories of a row group: 4 MB of texts, all that is kept in memory


class _Drain:
    """A file that is only written to, and emptied again and again."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing to do: the reader takes what there is."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def check() -> None:
    """Raises BadRequest, which says what to install, when pyarrow is not there."""
    try:
        import pyarrow.parquet  # noqa: F401 - an optional extra, imported where it is used
    except ImportError as error:
        raise BadRequest(
            "Parquet needs pyarrow, which is not installed: pip install 'wirewatch[parquet]'; "
            "csv and jsonl have the same rows"
        ) from error


def pieces(stories: Iterable[Story]) -> Iterator[bytes]:
    """The file in pieces, one a row group, and its end: it cannot be read without the last."""
    import pyarrow
    import pyarrow.parquet

    text, instant = pyarrow.string(), pyarrow.timestamp("ms", tz="UTC")
    kinds = {
        "lead": pyarrow.bool_(),
        "time": instant,
        "published": instant,
        "first_seen": instant,
        "authors": pyarrow.list_(text),
        "topics": pyarrow.list_(text),
        "word_count": pyarrow.int32(),
    }
    schema = pyarrow.schema([(name, kinds.get(name, text)) for name in COLUMNS])
    drain = _Drain()
    left = iter(stories)
    with pyarrow.parquet.ParquetWriter(
        pyarrow.PythonFile(drain, mode="w"), schema, compression="zstd"
    ) as writer:
        while group := list(islice(left, GROUP)):
            rows = [_row(story) for story in group]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema), row_group_size=GROUP)
            yield drain.take()
    yield drain.take()


def _row(story: Story) -> dict[str, Any]:
    row = {name: getattr(story, name, getattr(story.article, name, None)) for name in COLUMNS}
    # What is no text (half a surrogate pair) becomes a question mark, as in the other tables.
    row = {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}
    row["authors"] = [_text(author) for author in story.article.authors]
    row["topics"] = [_text(topic.name) for topic in story.topics]
    return row


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")
