"""The index held against the newsroom's truth."""

from __future__ import annotations

from collections import defaultdict

from newsroom.truth import Truth
from wirewatch.fetch.urls import page_id
from wirewatch.records import Page, PageStatus, Story
from wirewatch.store import Store


class Found:
    """What is in the index, by page of the truth."""

    def __init__(self, store: Store, truth: Truth) -> None:
        store.refresh()
        self.expected = [page for page in truth.pages if not page.hidden]
        ids = {page.url: page_id(page.url) for page in self.expected}
        pages = store.pages.get(list(ids.values()))
        self.pages: dict[str, Page] = {
            url: pages[identity] for url, identity in ids.items() if identity in pages
        }
        self.stories: dict[str, Story] = {story.id: story for story in store.stories.all()}
        self.all_pages = list(store.pages.all())

    def story(self, url: str) -> Story | None:
        page = self.pages.get(url)
        return self.stories.get(page.story_id) if page else None

    def missing(self) -> list[str]:
        return [page.url for page in self.expected if page.url not in self.pages]

    def wrong_status(self) -> list[str]:
        wrong = []
        for expected in self.expected:
            page = self.pages.get(expected.url)
            if page and (page.status, page.reason) != (expected.status, expected.reason):
                wrong.append(
                    f"{expected.url} ({expected.relation}): is {page.status} {page.reason} "
                    f"({page.detail}), should be {expected.status} {expected.reason}"
                )
        return wrong

    def indexed(self) -> list[tuple]:
        """(truth, story) of every page that is and should be indexed."""
        return [
            (expected, story)
            for expected in self.expected
            if expected.status == PageStatus.INDEXED and (story := self.story(expected.url))
        ]

    def wrong_clusters(self) -> list[str]:
        """Clusters that are not exactly the truth's, described both ways."""
        by_truth: dict[str, set[str]] = defaultdict(set)
        by_index: dict[str, set[str]] = defaultdict(set)
        named = {}
        for expected, story in self.indexed():
            by_truth[expected.cluster].add(story.id)
            by_index[story.cluster_id].add(story.id)
            named[story.id] = f"{expected.relation} of {expected.cluster} at {expected.label}"
        exact = {frozenset(ids) for ids in by_index.values()}
        wrong = []
        for cluster, ids in by_truth.items():
            if frozenset(ids) not in exact:
                split = defaultdict(list)
                for one in ids:
                    split[self.stories[one].cluster_id].append(named[one])
                wrong.append(f"{cluster}: lies in {len(split)} clusters: {dict(split)}")
        for cluster_id, ids in by_index.items():
            if len({named[one].split(" at ")[0].split(" of ")[1] for one in ids}) > 1:
                wrong.append(f"{cluster_id} mixes {sorted(named[one] for one in ids)}")
        return wrong
