"""A search's own words as the stories' fields analyse them, asked of Elasticsearch many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wirewatch.alerts.portions import ask_all, portions
from wirewatch.store import Store

# Letters a request: Elasticsearch makes 10,000 tokens at the most of one
# (``index.analyze.max_token_count``), and each letter may be a token.
LETTERS = 9_000

Form = tuple[tuple[int, str], ...]  # position, from 0, and term, of each token
Asked = tuple[str, str]  # the key of a language, and a text


def forms(
    store: Store, index: str, asked: Iterable[Asked]
) -> tuple[dict[Asked, Form], dict[Asked, str]]:
    """What analysis makes of each text, and why not, in words, of those the server refuses.

    ``index`` is one of stories: it has the analyzers.
    """
    texts: dict[str, list[str]] = {}
    for key, text in asked:
        texts.setdefault(key, []).append(text)
    made: dict[Asked, Form] = {}
    refused: dict[Asked, str] = {}
    for key, wanted in texts.items():

        def ask(part: Sequence[str], key: str = key) -> None:
            found = _analysed(store, index, key, part)
            made.update({(key, text): form for text, form in found.items()})

        for part in portions(wanted, len, LETTERS):
            refused |= {(key, text): reason for text, reason in ask_all(part, ask).items()}
    return made, refused


def _analysed(store: Store, index: str, key: str, texts: Sequence[str]) -> dict[str, Form]:
    answer = store.es.indices.analyze(index=index, field=f"title.{key}", text=list(texts))
    tokens = iter([*answer["tokens"], None])
    token = next(tokens)
    made: dict[str, Form] = {}
    end = 0
    for text in texts:
        # The texts of a request stand behind one another, one place between, in UTF-16.
        end += len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1
        own: list[tuple[int, str]] = []
        while token is not None and token["start_offset"] < end:
            own.append((token["position"], token["token"]))
            token = next(tokens)
        made[text] = tuple((position - own[0][0], term) for position, term in own)
    return made
