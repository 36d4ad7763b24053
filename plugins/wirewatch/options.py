"""What an option can be: a row of the table, and validators for the kinds of values.

A validator turns text into a value. It raises ValueError or KeyError for what is not allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wirewatch.mailboxes import sender

Validator = Callable[[str], Any]


@dataclass(frozen=True)
class Option:
    """One row of the table: dotted name, default, validator, the values allowed, what it is for."""

    name: str
    default: Any
    parse: Validator
    allowed: str
    about: str

    @property
    def env(self) -> str:
        """The environment variable that sets it."""
        return "WIREWATCH_" + self.name.upper().replace(".", "_")


def as_text(value: str) -> str:
    """Any text."""
    return value


def as_whole(low: int, high: int) -> Validator:
    """Whole numbers of a span."""

    def parse(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def as_number(low: float, high: float) -> Validator:
    """Numbers of a span; never nan."""

    def parse(value: str) -> float:
        number = float(value)
        if not low <= number <= high:  # also refuses nan
            raise ValueError
        return number

    return parse


def as_words(value: str) -> tuple[str, ...]:
    """Words separated by commas."""
    return tuple(word.strip() for word in value.split(",") if word.strip())


def as_ages(value: str) -> tuple[str, ...]:
    """Hours, each more than the one before, in words as they came."""
    words = as_words(value)
    hours = [float(word) for word in words]
    if any(not 0 < hour <= 8_760 for hour in hours) or hours != sorted(set(hours)):
        raise ValueError
    return words


def as_secret(value: str) -> str:
    """Nothing, or what cannot be guessed."""
    if 0 < len(value) < 32:  # fewer could be guessed
        raise ValueError
    return value


def as_flag(value: str) -> bool:
    """Yes or no."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known[value.lower()]


def as_months(value: str) -> int:
    """Months that are kept; 0 for all."""
    number = as_whole(0, 1_200)(value)
    if number == 1:  # copies of a month ago are still looked for: dedup.window_weak
        raise ValueError
    return int(number)


def as_http(value: str) -> str:
    """The address of a server."""
    if not value.startswith(("http://", "https://")):
        raise ValueError
    return value.rstrip("/")


def as_public(value: str) -> str:
    """The address of a server, or nothing."""
    return as_http(value) if value else ""


def as_one_of(*words: str) -> Validator:
    """One of these words."""
    known = {word: word for word in words}
    return lambda value: known[value.lower()]


def as_sender(value: str) -> str:
    """Whom mail comes from, or nothing."""
    if value:
        sender(value)
    return value


def whole_option(name: str, default: int, low: int, high: int, about: str) -> Option:
    """An option that is a whole number."""
    return Option(name, default, as_whole(low, high), f"a whole number from {low} to {high}", about)


def days_option(name: str, default: int, about: str) -> Option:
    """An option in days."""
    return whole_option(name, default, 0, 36_500, f"days: {about}")


def number_option(name: str, default: float, low: float, high: float, about: str) -> Option:
    """An option that is a number."""
    return Option(name, default, as_number(low, high), f"a number from {low:g} to {high:g}", about)


def list_option(name: str, default: tuple[str, ...], about: str) -> Option:
    """An option that is a list of words."""
    return Option(name, default, as_words, "words separated by commas", about)


def text_option(name: str, default: str, about: str) -> Option:
    """An option that is a text."""
    return Option(name, default, as_text, "text", about)


def flag_option(name: str, default: bool, about: str) -> Option:
    """An option that is yes or no."""
    return Option(name, default, as_flag, "true or false", about)
