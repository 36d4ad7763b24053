"""Figures and what stands for them: other figures of the same look."""

from __future__ import annotations

import random
import re

LAST_DAY = 31  # of a month
FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")


def other_figure(figure: str, rng: random.Random) -> str:
    """Another figure of the same look: as many digits, the same separators, the same script.

    A year of the last or this century stays near, and what may be a day of the month remains one.
    """
    if re.fullmatch(r"(?:19|20)\d\d", figure):
        return str(int(figure) + rng.choice((-7, -5, -4, -3, -2, -1, 1, 2, 3)))
    if figure.isascii() and figure.isdigit() and 10 <= int(figure) <= LAST_DAY:
        return str(rng.choice([day for day in range(10, LAST_DAY + 1) if day != int(figure)]))
    while True:
        made = re.sub(r"\d+", lambda run: _other_run(run[0], rng), figure)
        if made != figure:
            return made


def _other_run(run: str, rng: random.Random) -> str:
    zero = ord(run[0]) - int(run[0])  # the zero of this script's digits
    first = 0 if int(run[0]) == 0 and len(run) > 1 else rng.randint(1, 9)
    digits = [first, *(rng.randint(0, 9) for _ in run[1:])]
    return "".join(chr(zero + digit) for digit in digits)
