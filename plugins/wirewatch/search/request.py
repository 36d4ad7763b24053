"""One request to Elasticsearch over all stories, for a query as somebody wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, NotFoundError

from wirewatch.records import utc_now
from wirewatch.search import languages
from wirewatch.search.cursor import ExpiredCursor
from wirewatch.search.dsl import Query, languages_asked, translate
from wirewatch.search.language import (
    BadQuery,
    Note,
    Resolver,
    expand,
    limits_from,
    to_text,
    understand,
)
from wirewatch.search.tree import Node, Saved, leaves
from wirewatch.store import Store


class BadRequest(ValueError):
    """A wrong sort, collapse, size or facet; the message says what is allowed."""


class TooSlow(RuntimeError):
    """The server gave up after ``search.timeout`` seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query made ready: its tree with saved searches written out, and its DSL."""

    text: str
    tree: Node
    dsl: Query
    languages: tuple[str, ...]  # keys whose fields are asked
    notes: tuple[Note, ...] = ()  # what may be meant otherwise; of saved searches inside, none


def prepare(
    store: Store,
    query: str,
    *,
    now: datetime | None = None,
    resolve: Resolver | None = None,
    any_word: bool = False,
) -> Asked:
    """The query read within the options' limits, and translated for the languages there are.

    ``resolve`` gives the query of a saved search; without it, the store's are taken. Raises
    BadQuery.
    """
    limits = limits_from(store.settings)
    tree, notes = understand(query, limits)
    text = to_text(tree)
    if any(isinstance(leaf, Saved) for leaf in leaves(tree)):
        resolve = resolve or {s.id: s.query for s in store.searches.all()}.get
        tree = expand(tree, resolve, limits)
    keys = languages_asked(tree, languages.present(store))
    dsl = translate(tree, languages=keys, now=now or utc_now(), any_word=any_word)
    return Asked(text, tree, dsl, keys, notes)


def ask(store: Store, body: Query) -> dict[str, Any]:
    """The answer to one request over all stories, whole and in time.

    Raises TooSlow; BadQuery and BadCursor for what these are to blame for.
    """
    place: Query = {"index": store.stories.alias, "allow_partial_search_results": False}
    if "pit" in body:  # a point in time knows its indices
        place = {}
    seconds = store.settings["search.timeout"]
    with understood():
        answer: dict[str, Any] = store.es.search(
            **place, **body, timeout=f"{int(seconds * 1000)}ms"
        ).body
    if answer["timed_out"]:
        raise TooSlow(
            f"this search took longer than {seconds:g} seconds: write fewer or longer words "
            "with a star, or add published: with fewer days"
        )
    return answer


@contextmanager
def understood() -> Iterator[None]:
    """Turns what a query or a cursor can be blamed for into BadQuery and ExpiredCursor."""
    try:
        yield
    except NotFoundError as error:
        if "search_context_missing" in str(error.body):
            raise ExpiredCursor("this cursor has expired: search again") from error
        raise
    except ApiError as error:
        if "too_many" in str(error.body) or "TooManyClauses" in str(error.body):
            raise BadQuery(
                "this query stands for more words than the server compares at once",
                1,
                "fewer words, longer ones before a star, or lang: with one language",
            ) from error
        raise
