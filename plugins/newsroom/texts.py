"""The texts of the sample newsroom: one Markdown file each, a TOML header between ``+++`` lines.

Every text was written for this project; its places, people, companies and agencies are invented.
The files are ``texts/<language>/<slug>.md``; below the header stand the paragraphs, separated by
blank lines.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from pathlib import Path

import msgspec

from wirewatch.records import Record

FOLDER = Path(__file__).parent / "texts"

AGENCIES = {
    "Northwire": "en",
    "Meridian Press Agency": "en",
    "Agencia del Sur": "es",
    "Deutscher Pressekreis": "de",
}
AGENCY_SHORT = {
    "Northwire": "Northwire",
    "Meridian Press Agency": "MPA",
    "Agencia del Sur": "ADS",
    "Deutscher Pressekreis": "dpk",
}

# The 17 top-level IPTC Media Topics as the texts' headers name them.
TOPICS = frozenset(f"medtop:{number:02d}000000" for number in range(1, 18))


class TextError(ValueError):
    """A text's file is malformed; the message names the file and what is wrong."""


class TextKind(StrEnum):
    """What a text is in the newsroom."""

    AGENCY = "agency"  # a report that outlets reprint
    OWN = "own"  # an outlet's own report
    TEMPLATE = "template"  # has a twin on the same template with other numbers and names
    TRANSLATION = "translation"  # an agency report in another language


class _Header(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slug: str
    language: str
    kind: TextKind
    agency: str = ""
    dateline: str = ""
    author: str
    headline: str
    other_headlines: tuple[str, ...]
    topics: tuple[str, ...]
    translation_of: str = ""
    revision: tuple[str, ...] = ()


class Text(Record, frozen=True, kw_only=True):
    """One text of the newsroom."""

    slug: str
    language: str  # BCP 47
    kind: TextKind
    agency: str = ""  # full name, a key of AGENCIES; only for kind agency
    dateline: str = ""  # the place, as printed: "PORT ELLERY"
    author: str
    headline: str
    other_headlines: tuple[str, ...]  # as other desks would write them
    topics: tuple[str, ...]  # top-level IPTC Media Topics, those that a person would give
    translation_of: str = ""  # slug of the agency report it translates
    paragraphs: tuple[str, ...]
    revision: tuple[str, ...] = ()  # all paragraphs of the later version, where there is one

    @property
    def words(self) -> int:
        """Words of the first version's body, split at white space."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)


def load(folder: Path = FOLDER) -> tuple[Text, ...]:
    """Every text of the folder, by language and slug.

    Raises TextError for a malformed file, for one slug in two files, and for a translation of a
    text that is not there.
    """
    texts = tuple(read(path) for path in sorted(folder.glob("*/*.md")))
    by_slug: dict[str, Text] = {}
    for text in texts:
        if text.slug in by_slug:
            raise TextError(f"{text.slug}: the slug is used by two files")
        by_slug[text.slug] = text
    for text in texts:
        if text.translation_of:
            original = by_slug.get(text.translation_of)
            if original is None:
                raise TextError(f"{text.slug}: translation_of names no text: {text.translation_of}")
            if original.language == text.language:
                raise TextError(f"{text.slug}: translates {original.slug} into its own language")
    return texts


def read(path: Path) -> Text:
    """The text of one file; raises TextError, naming the file, when it is malformed."""
    raw = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    parts = re.split(r"^\+\+\+[ \t]*$", raw, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise TextError(f"{path}: must start with a TOML header between two +++ lines")
    try:
        header = msgspec.toml.decode(parts[1], type=_Header)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise TextError(f"{path}: header: {error}") from error
    text = Text(
        paragraphs=_paragraphs(parts[2]),
        **{name: getattr(header, name) for name in header.__struct_fields__},
    )
    problems = _problems(text, path)
    if problems:
        raise TextError(f"{path}: " + "; ".join(problems))
    return text


def _paragraphs(body: str) -> tuple[str, ...]:
    blocks = re.split(r"\n\s*\n", body.strip())
    return tuple(" ".join(block.split()) for block in blocks if block.strip())


def _problems(text: Text, path: Path) -> list[str]:
    found: list[str] = []
    if text.slug != path.stem:
        found.append(f"slug {text.slug!r} differs from the file's name")
    if text.language != path.parent.name:
        found.append(f"language {text.language!r} differs from the folder's name")
    if not text.paragraphs:
        found.append("no body")
    if not text.headline.strip() or not text.author.strip():
        found.append("headline and author must not be empty")
    if not text.other_headlines:
        found.append("other_headlines must hold one headline at least")
    wrong = [code for code in text.topics if code not in TOPICS]
    if wrong or not 1 <= len(text.topics) <= 2:
        found.append(f"topics must be one or two top-level Media Topics, not {list(text.topics)}")
    if text.kind is TextKind.AGENCY:
        if AGENCIES.get(text.agency) != text.language:
            found.append(f"agency {text.agency!r} does not write in {text.language!r}")
        if not text.dateline:
            found.append("an agency report needs a dateline")
    elif text.agency:
        found.append(f"agency must be empty for kind {text.kind.value}")
    if (text.kind is TextKind.TRANSLATION) != bool(text.translation_of):
        found.append("translation_of is for kind translation, and required there")
    return found
