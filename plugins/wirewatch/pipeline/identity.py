"""Which story an article is: by the address it gives for itself, where that can be its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from wirewatch.fetch import urls
from wirewatch.records import Article, Story, replace, stable_id

# Two texts of one article share most of their passages; of two articles hardly one in a hundred.
PASSAGE = 12  # characters, blanks left out: some three words, and right for every script
COMPARED = 5_000  # characters of each text
SAME = 0.1  # share of the shorter text's passages found in the other


def possible_ids(article: Article) -> tuple[str, str, str]:
    """The ids its story may have: by its canonical URL, by its own, and, where that is taken by
    another text, by its page."""
    own = _own(article)
    return (
        stable_id("story", article.canonical_url),
        stable_id("story", own),
        stable_id("story", own, article.page_id),
    )


def identify(articles: Sequence[Article], stored: Mapping[str, Story]) -> list[tuple[str, Article]]:
    """The id of each article's story, and the article under the address it is known by.

    ``stored`` are the stories of earlier runs that have one of the possible ids. Templates name one
    address for every page of a section. Where pages of one canonical URL have other titles and
    hardly a word in common, each is known by its own address, whichever run read them.
    """
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        groups[article.canonical_url].append(article)
    found = []
    for article in articles:
        identity = _identity(article, stored, groups[article.canonical_url])
        if identity != possible_ids(article)[0]:
            article = replace(article, canonical_url=_own(article))
        found.append((identity, article))
    return found


def _identity(article: Article, stored: Mapping[str, Story], group: Sequence[Article]) -> str:
    canonical, own, alone = ids = possible_ids(article)
    for identity in ids:
        if identity in stored and not _other(article, stored[identity].article):
            return identity
    if canonical not in stored and not any(_other(article, one) for one in group):
        return canonical
    return alone if own in stored else own


def _other(one: Article, two: Article) -> bool:
    if one.page_id == two.page_id or one.title == two.title:
        return False
    here, there = _passages(one.text), _passages(two.text)
    return len(here & there) < SAME * min(len(here), len(there))


def _passages(text: str) -> set[str]:
    run = "".join(text[:COMPARED].casefold().split())
    return {run[at : at + PASSAGE] for at in range(max(1, len(run) - PASSAGE + 1))}


def _own(article: Article) -> str:
    try:
        return urls.normalise(article.url)
    except urls.BadURL:
        return article.url
