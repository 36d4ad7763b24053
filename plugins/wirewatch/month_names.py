"""The names of months, weekdays and halves of the day in many languages, as CLDR has them.

``python -m wirewatch.month_names`` writes ``month_names.json``, which ``date_words`` reads.
That is done once, since Babel's tables of all these locales would take 57 MB of each process.
"""

from __future__ import annotations

import json
import re
from typing import Any

from babel import Locale

from wirewatch.date_words import FILE, split_words

# Where two have a name for different months, the first has it: "listopada" is November in Polish,
# October in Croatian.
LOCALES = (
    "en", "de", "de_AT", "fr", "es", "es_UY", "pt", "it", "nl", "ca", "gl", "eu", "sv", "da", "nb",
    "nn", "is", "fi", "et", "lv", "lt", "pl", "cs", "sk", "sl", "hr", "bs", "sr", "sr_Latn", "mk",
    "bg", "ro", "hu", "sq", "el", "tr", "ru", "uk", "be", "ar", "ar_LB", "ar_MA", "ar_DZ", "fa",
    "he", "ur", "hi", "bn", "ta", "th", "vi", "id", "ms", "sw", "ka", "hy", "az", "kk",
)  # fmt: skip
NUMBERED = ("zh", "zh_Hant", "ja", "ko")  # their months are numbers


def of_locale(identifier: str) -> tuple[dict[str, int], set[str]]:
    """The names of a locale's months, and the words that its dates have beside them."""
    locale = Locale.parse(identifier)
    patterns = [locale.date_formats[length].pattern for length in ("long", "medium")]
    names: dict[str, int] = {}
    beside: set[str] = set()
    joined = {("", "")}
    for pattern in patterns:
        if "G" in pattern:  # "ค.ศ." before the year
            beside.update(split_words(locale.eras["abbreviated"][1]))
        for quoted, plain in re.findall(r"'(\w+)'|([^\W\da-zA-Z]+)", pattern):
            beside.update(split_words(quoted or plain))
        # "בMMMM" and "MMMM'ren'": what is written together with the name
        joined.update(re.findall(r"([^\W\da-zA-Z]*)MMMM?(?:'(\w+)')?", pattern))
    beside.discard("")
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for number, name in locale.months[context][width].items():
                for before, after in joined:
                    words = split_words(f"{before}{name}{after}")
                    names[" ".join(word for word in words if word and word not in beside)] = number
    return names, beside


def of_days(identifier: str) -> tuple[set[str], dict[str, int]]:
    """A locale's names of weekdays, and of the halves of the day: 0 before noon, 1 after it."""
    locale = Locale.parse(identifier)
    weekdays: set[str] = set()
    halves: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for name in locale.days[context][width].values():
                weekdays.update(split_words(name))
            for half, name in enumerate(("am", "pm")):
                if name in (of_width := locale.day_periods[context].get(width, {})):
                    halves["".join(split_words(of_width[name]))] = half
    weekdays.discard("")
    return weekdays, halves


def tables() -> dict[str, Any]:
    """``names``: a name's month by the first locale that has it; ``different``: by language, the
    names that are another month there; ``beside``: words that are no name; ``weekdays``;
    ``halves``: by language, and under "" those that are no word of another language."""
    found = {identifier: of_locale(identifier) for identifier in LOCALES}
    names: dict[str, int] = {}
    for own, _ in reversed(found.values()):
        names |= own
    different = {
        identifier: {name: month for name, month in own.items() if names[name] != month}
        for identifier, (own, _) in found.items()
    }
    weekdays: set[str] = set()
    halves: dict[str, dict[str, int]] = {"": {"am": 0, "pm": 1}}
    for identifier in (*LOCALES, *NUMBERED):
        days, own = of_days(identifier)
        weekdays |= days
        for name, half in own.items():
            language = identifier.split("_")[0] if name.isascii() else ""
            if name not in halves[""]:
                halves.setdefault(language, {})[name] = half
    return {
        "names": names,
        "different": {identifier: own for identifier, own in different.items() if own},
        "beside": sorted(set().union(*(beside for _, beside in found.values()))),
        "weekdays": sorted(weekdays),
        "halves": halves,
    }


if __name__ == "__main__":
    FILE.write_text(
        json.dumps(tables(), ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8"
    )
