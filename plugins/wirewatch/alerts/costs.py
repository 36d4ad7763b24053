"""What matching each saved search costs: seconds, those of a leaf that several have split."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wirewatch.records import MatchingCosts, Record, replace
from wirewatch.store import Store

SHOWN = 10  # searches that an operator is told
KEPT = 200  # of which it is known: more than are shown, so that one that rises is not lost
HALF = 10_000  # stories after which what was measured counts half
UNIT = 1_000  # stories for which seconds are told
LEAST = 1e-9  # seconds: less is forgotten, so that one that was deleted goes some day


@dataclass
class Spent:
    """Seconds that a call of the matcher spent."""

    leaves: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))  # by number
    searches: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # by id

    def split(self, seconds: float, among: Sequence[int]) -> None:
        """Adds seconds to these leaves, the same to each."""
        for number in among:
            self.leaves[number] += seconds / len(among)

    def by_search(self, leaves: Mapping[str, Iterable[int]]) -> dict[str, float]:
        """The seconds of each search: its own, and its share of those of its leaves."""
        users = Counter(number for numbers in leaves.values() for number in numbers)
        return {
            search: self.searches[search] + sum(self.leaves[one] / users[one] for one in numbers)
            for search, numbers in leaves.items()
        }


class Costly(Record, frozen=True, kw_only=True):
    """A saved search, and what it costs."""

    id: str
    name: str
    owner: str
    seconds: float  # that matching it with 1,000 stories takes, of late


def note(store: Store, seconds: Mapping[str, float], stories: int) -> None:
    """Adds to what is known what matching so many stories took, in seconds by the search's id.

    Older figures fade with the stories that come. The ``KEPT`` that cost most are remembered.
    """
    if stories:
        store.costs.change(lambda before: _added(before, seconds, stories))


def _added(before: MatchingCosts, seconds: Mapping[str, float], stories: int) -> MatchingCosts:
    fades = 0.5 ** (stories / HALF)
    sums = {one: known * fades for one, known in before.seconds.items()}
    for one, more in seconds.items():
        sums[one] = sums.get(one, 0.0) + more
    most = heapq.nlargest(KEPT, sums.items(), key=lambda item: (item[1], item[0]))
    return replace(
        before,
        stories=before.stories * fades + stories,
        seconds={one: known for one, known in most if known >= LEAST},
    )


def costliest(store: Store, most: int = SHOWN) -> list[Costly]:
    """The saved searches that cost most to match, the costliest first; those switched off are
    left out. Raises what the store raises.
    """
    known = store.costs.get()
    live = {one.id: one for one in store.searches.of(known.seconds) if one.enabled}
    ranked = sorted(live, key=lambda one: (-known.seconds[one], one))
    return [
        Costly(
            id=one,
            name=live[one].name,
            owner=live[one].owner,
            seconds=known.seconds[one] / known.stories * UNIT,
        )
        for one in ranked[:most]
    ]
