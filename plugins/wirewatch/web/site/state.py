"""What a search page shows, as it stands in its address; every state is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as changed

from wirewatch.search import dates
from wirewatch.search.language import BadQuery, Limits, parse
from wirewatch.search.search import COLLAPSE, SORTS
from wirewatch.search.tree import Dates, Everything, Node, Not, Phrase, Word, both, to_text
from wirewatch.web.site.render import address

# The facets as the query language names them; those of words are asked as phrases.
FIELDS = {
    "topic": "topic",
    "outlet": "outlet",
    "agency": "agency",
    "author": "author",
    "language": "lang",
    "country": "country",
}
WORDS = ("outlet", "agency", "author")
NOT = "not-"  # before a facet's name: stories without that value
MOST_FILTERS = 40  # values of facets in an address; a person chooses five

Value = tuple[str, str]  # a facet and its value


@dataclass(frozen=True, slots=True)
class State:
    """The query, the chosen values of facets, the time, the order."""

    q: str = ""
    having: tuple[Value, ...] = ()
    without: tuple[Value, ...] = ()
    time: str = ""  # as after published:
    sort: str = "newest"
    collapse: str = "cluster"

    @property
    def plain(self) -> bool:
        """Whether nothing was asked: every story."""
        return not (self.q.strip() or self.having or self.without or self.time)

    def query(self, limits: Limits) -> str:
        """All of it as one query.

        Raises BadQuery: of the query with its column; of a filter with what is wrong with it.
        """
        own: Node = parse(self.q, limits) if self.q.strip() else Everything()
        parts: list[Node] = [] if isinstance(own, Everything) and not self.plain else [own]
        for name, value in self.having:
            parts.append(_checked(_node(name, value), limits, value))
        for name, value in self.without:
            parts.append(Not(_checked(_node(name, value), limits, value)))
        if self.time:
            parts.append(self._dates())
        return to_text(both(parts)) if parts else "*"

    def _dates(self) -> Node:
        try:
            low, high, back = dates.read(self.time)
        except dates.BadDate as error:
            raise BadQuery(f"the time: {error}", 1, dates.EXPECTED) from error
        return Dates("published", low, high, back)

    def link(self, path: str = "/", **more: object) -> str:
        """The address of this state; ``more`` are parameters beside it."""
        values: dict[str, object] = {"q": self.q}
        for name, value in self.having:
            values[name] = [*_list(values.get(name)), value]
        for name, value in self.without:
            values[NOT + name] = [*_list(values.get(NOT + name)), value]
        values["time"] = self.time
        values["sort"] = "" if self.sort == "newest" else self.sort
        values["collapse"] = "" if self.collapse == "cluster" else self.collapse
        return address(path, **{**values, **more})

    def hidden(self, *, but: Iterable[str] = ()) -> list[Value]:
        """The parameters of this state that a form must carry on."""
        pairs = [("q", self.q), *self.having]
        pairs += [(NOT + name, value) for name, value in self.without]
        pairs += [("time", self.time)]
        pairs += [("sort", self.sort)] if self.sort != "newest" else []
        pairs += [("collapse", self.collapse)] if self.collapse != "cluster" else []
        left_out = set(but)
        return [(name, value) for name, value in pairs if value and name not in left_out]

    def adding(self, name: str, value: str) -> State:
        """With a value of a facet chosen."""
        return (
            self
            if (name, value) in self.having
            else changed(self, having=(*self.having, (name, value)))
        )

    def barring(self, name: str, value: str) -> State:
        """With a value of a facet shut out."""
        return (
            self
            if (name, value) in self.without
            else changed(self, without=(*self.without, (name, value)))
        )

    def dropping(self, name: str, value: str) -> State:
        """Without a choice, for or against a value."""
        return changed(
            self,
            having=tuple(one for one in self.having if one != (name, value)),
            without=tuple(one for one in self.without if one != (name, value)),
        )

    def at(self, time: str) -> State:
        """Of another time; empty: of all time."""
        return changed(self, time=time)


def read(pairs: Iterable[Value]) -> State:
    """The state of an address' parameters; what is no part of it is passed over."""
    having: list[Value] = []
    without: list[Value] = []
    given: dict[str, str] = {}
    for name, value in pairs:
        value = value.replace("\0", "")
        if name in FIELDS and value and len(having) < MOST_FILTERS:
            having.append((name, value))
        elif name.removeprefix(NOT) in FIELDS and value and len(without) < MOST_FILTERS:
            without.append((name.removeprefix(NOT), value))
        else:
            given.setdefault(name, value)
    time = given.get("time", "").strip()
    begin, end = given.get("from", "").strip(), given.get("to", "").strip()
    if begin or end:  # the form with two days
        time = begin if begin == end else f"{begin}..{end}"
    sort, collapse = given.get("sort", ""), given.get("collapse", "")
    return State(
        q=given.get("q", ""),
        having=tuple(dict.fromkeys(having)),
        without=tuple(dict.fromkeys(without)),
        time=time,
        sort=sort if sort in SORTS else "newest",
        collapse=collapse if collapse in COLLAPSE else "cluster",
    )


def _node(name: str, value: str) -> Node:
    field = FIELDS[name]
    return Phrase(value, 0, field) if name in WORDS else Word(value, field)


def _checked(node: Node, limits: Limits, value: str) -> Node:
    """The filter as the language reads it again; raises BadQuery where it cannot."""
    try:
        return parse(to_text(node), limits)
    except BadQuery as error:
        raise BadQuery(f"the filter {value[:80]!r}: {error.message}", 1, error.expected) from error


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
