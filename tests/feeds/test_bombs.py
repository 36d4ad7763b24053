"""XML bombs read in a process of their own, with its memory bounded by the system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = os.environ.get("EVALUATION_DATA", "")  # where others' files lie, if they do
MORE = 100_000_000  # bytes a document may take beyond what the reader takes itself
# Reads the documents named, one after another; ends with MemoryError where one takes too much.
READ = f"""
import resource, sys
from pathlib import Path
from wirewatch.feeds.parse import NotAFeed, parse
parse(b"<rss><channel><item><link>/x</link></item></channel></rss>", "http://n.example/f")
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {MORE}, used + {MORE}))
for name in sys.argv[1:]:
    body = Path(name).read_bytes()
    rss = b"<rss><channel><item><title>" + body.rpartition(b"]>")[2] + b"</title><link>/x</link>"
    head = body[: len(body) - len(body.rpartition(b"]>")[2])] if b"]>" in body else b""
    for document in (body, head + rss + b"</item></channel></rss>"):
        try:
            parse(document, "http://n.example/f")
        except NotAFeed:
            pass
    print(name)
"""
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
OWN = {
    "laughs": f"<!DOCTYPE r [{LAUGHS}]><r>&a11;</r>",
    "quadratic": f'<!DOCTYPE r [<!ENTITY q "{"q" * 50_000}">]><r>{"&q;" * 50_000}</r>',
    "external": '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>',
    "cyclic": '<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]><r>&a;</r>',
    "deep": "<r>" * 200_000,
    "open": "<!DOCTYPE r [" + "<!-- -" * 100_000,
}


def read(files: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, files)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.split() == [str(file) for file in files]


def test_bombs_of_every_kind(tmp_path: Path) -> None:
    files = []
    for name, text in OWN.items():
        files.append(tmp_path / name)
        files[-1].write_text(text)
    read(files)


def test_the_bound_is_real(tmp_path: Path) -> None:
    """A document that takes more memory than it may ends the process: else nothing is tested."""
    file = tmp_path / "large"
    file.write_bytes(b"<rss><channel>" + b"<a/>" * 10_000_000)
    with pytest.raises(AssertionError, match="MemoryError"):
        read([file])


@pytest.mark.skipif(not DATA, reason="EVALUATION_DATA names no folder of evaluation data")
def test_bombs_that_others_have_gathered() -> None:
    read(sorted((Path(DATA) / "robust-xml-bombs").rglob("*.xml")))
