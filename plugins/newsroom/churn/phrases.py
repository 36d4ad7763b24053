"""The churner's stock of words: one TOML file a language, ``words/<language>.toml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from wirewatch.records import Record

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("ar", "de", "en", "es")


class Phrases(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What desks, scrapers and templates add to or swap in a report of one language."""

    bylines: tuple[str, ...]
    datelines: tuple[str, ...]
    boilerplate: tuple[tuple[str, ...], ...]  # legal and service blocks, some paragraphs each
    related: str  # the heading above a list of other headlines
    related_headlines: tuple[str, ...]
    headline_frames: tuple[str, ...]  # "{head}: what we know"
    links: tuple[str, ...]  # an editor's own sentences between two reports
    updates: tuple[str, ...]  # paragraphs of a later version
    update_titles: tuple[str, ...]  # "UPDATE 1-{title}"
    correction: str  # with {old} and {new}
    correction_of_name: str  # where the text has no figure to correct
    correction_titles: tuple[str, ...]
    round_up_titles: tuple[str, ...]
    round_up: tuple[str, ...]  # items of a round-up, unrelated to any text
    captions: tuple[str, ...]  # what scrapers leave of pictures; {title} and {place}
    number_words: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    not_names: tuple[str, ...] = ()  # capitalised words that are no names
    synonyms: dict[str, str]


@cache
def phrases(language: str) -> Phrases:
    """The stock of this language, by its primary subtag; English where there is none."""
    primary = language.split("-")[0].lower()
    path = FOLDER / f"{primary if primary in LANGUAGES else 'en'}.toml"
    return msgspec.toml.decode(path.read_bytes(), type=Phrases)
