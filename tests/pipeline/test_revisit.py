"""Young stories looked at again: the sample newsroom's later versions, kills, and what is none."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from newsroom.server import Newsroom
from newsroom.truth import PageTruth
from tests import flows, makers, sites
from tests.faults.killed import killed
from tests.faults.killed_revisit import POINTS, RUN, main
from tests.indices import make_due
from wirewatch.batches import Batches
from wirewatch.fetch.urls import page_id
from wirewatch.pipeline.batch_records import Extracted, Fetched
from wirewatch.pipeline.claim import claim_revisits
from wirewatch.pipeline.fetch import fetch
from wirewatch.pipeline.frame import begin
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.revise import revise
from wirewatch.records import (
    Article,
    Batch,
    Page,
    PageStatus,
    RevisionKind,
    Story,
    flat_story,
    replace,
    to_dict,
    utc_now,
)
from wirewatch.settings import Settings
from wirewatch.store import Store, connect
from wirewatch.store.stories import Stories, Version

pytestmark = pytest.mark.es


@pytest.fixture(scope="module")
def ingested(ingested: Settings) -> Settings:
    # One batch a stage, so that a kill in the middle of it has work on both sides.
    return ingested.with_options(run__partitions=1)


def revisable(room: Newsroom) -> list[PageTruth]:
    return [page for page in room.truth().pages if page.revisable and not page.hidden]


def story_of(store: Store, truth: PageTruth) -> Story:
    identity = page_id(truth.url)
    page = store.pages.get([identity])[identity]
    return store.stories.stories([page.story_id])[page.story_id]


def test_nothing_is_due_before_its_age(ingested: Settings) -> None:
    account = flows.revisit(ingested, "early")
    assert (account.state, account.stages) == ("done", {})


def test_pages_that_did_not_change_make_no_revision(ingested: Settings, room: Newsroom) -> None:
    make_due(ingested)
    before = len(room.requests)
    account = flows.revisit(ingested, "unchanged")
    assert account.problems == ()
    asked = room.requests[before:]
    assert account.stages["fetch"]["unchanged"] > 10
    assert any("if-none-match" in request.headers for request in asked)  # and answered 304
    assert account.stages.get("revise", {}).get("passed", 0) == 0
    with connect(ingested) as store:
        store.refresh()
        assert store.es.count(index=f"{store.prefix}-revisions")["count"] == 0
        left = [page for page in store.pages.all() if page.lease]
        assert left == []
        indexed = list(store.pages.all([PageStatus.INDEXED]))
        due = [page.revisit_at for page in indexed if page.revisit_at]
        assert len(due) > 10
        assert min(due) > utc_now()


def test_later_versions_become_revisions_though_every_stage_is_killed(
    ingested: Settings, room: Newsroom
) -> None:
    with connect(ingested) as store:
        store.refresh()
        before = {truth.url: story_of(store, truth) for truth in revisable(room)}
    assert before
    room.revise()
    make_due(ingested)
    for point in POINTS:
        assert killed(main, point, ingested) == -signal.SIGKILL, point
    account = flows.revisit(ingested, RUN)
    assert account.problems == ()
    assert account.stages["revise"]["passed"] == len(before)
    with connect(ingested) as store:
        corrections = 0
        for truth in revisable(room):
            old, new = before[truth.url], story_of(store, truth)
            kept = store.revisions.of(new.id)
            assert [one.number for one in kept] == [0, 1]
            assert (kept[0].kind, kept[0].text) == (RevisionKind.FIRST, old.article.text)
            assert kept[1].text == new.article.text != old.article.text
            assert (new.revisions, new.revised) == (1, kept[1].seen)
            same = ("id", "cluster_id", "lead", "link", "first_seen", "published", "run")
            for field in same:
                assert flat_story(new)[field] == flat_story(old)[field], field
            change = kept[1].change
            assert change is not None
            assert change.words_added > 0 < change.words_removed
            assert new.corrected == (kept[1].kind == RevisionKind.CORRECTION)
            if kept[1].kind == RevisionKind.CORRECTION:
                corrections += 1
                assert kept[1].note.startswith("Correction: An earlier version")
                assert any("2,300" in edit.added for edit in change.edits)
        assert 0 < corrections < len(before)
        # Whatever the run says changed is what changed: no other story has a revision.
        revised = [story for story in store.stories.all() if story.revisions]
        assert {story.id for story in revised} == {story.id for story in before.values()}
    again = flows.revisit(ingested, RUN)  # the same run, begun again
    assert to_dict(again)["stages"] == to_dict(account)["stages"]
    make_due(ingested)
    assert flows.revisit(ingested, "after").stages.get("revise", {}).get("passed", 0) == 0


# What follows goes without a newsroom: pages, stories and articles made by hand.

NOW = utc_now()


def article(text: str, title: str = "Title") -> Article:
    return makers.article("p", text, url="http://a/1", title=title)


def stocked(options: Settings, run: str, *, lease: bool = True) -> Page:
    """A page that a run holds, and its story; both in the store."""
    page = makers.page(
        "p", url="http://a/1", status=PageStatus.INDEXED, discovered=NOW, story_id="s",
        revisit_at=NOW,
    )  # fmt: skip
    story = makers.story(
        "s", "One two three.", url="http://a/1", first_seen=NOW, cluster_id="c", lead=False
    )
    with connect(options) as store:
        store.pages.discover([page])
        store.stories.create([story])
        store.refresh()
        [held] = store.pages.claim_revisits(run, NOW, lease=60, limit=9)
        begin(options, run, "revisit")
    return held


def batch(options: Settings, run: str, rows: list[Extracted]) -> Batch:
    file = f"batches/{run}/extract-0000.jsonl.gz"
    count = Batches(options.state).write(file, rows)
    return Batch(run=run, stage="extract", partition=0, file=file, taken=count, passed=count)


def state(options: Settings) -> tuple[Story, Page, list[RevisionKind]]:
    with connect(options) as store:
        store.refresh()
        kinds = [one.kind for one in store.revisions.of("s")]
        return store.stories.stories(["s"])["s"], store.pages.get(["p"])["p"], kinds


def test_a_page_that_vanished_is_flagged_and_its_story_kept_until_it_returns(
    options: Settings,
) -> None:
    page = stocked(options, "gone")
    told = revise(options, batch(options, "gone", [Extracted(page=page, seen=NOW)]))
    assert (told.taken, told.passed, told.notes) == (1, 1, {"vanished": 1})
    story, page, kinds = state(options)
    assert (story.vanished, story.article.text, story.revisions) == (True, "One two three.", 1)
    assert kinds == [RevisionKind.FIRST, RevisionKind.VANISHED]
    assert page.lease is None
    assert page.revisit_at == page.discovered + timedelta(hours=1)

    def look(run: str, found: Article | None) -> dict[str, int]:
        with connect(options) as store:
            [held] = store.pages.claim_revisits(run, NOW + timedelta(days=9), lease=60, limit=9)
        row = Extracted(page=held, seen=NOW, article=found)
        told = revise(options, batch(options, run, [row]))
        assert told.taken == told.passed + sum(told.outcomes.values()) == 1
        return {**told.notes, **told.outcomes}

    assert look("still", None) == {"still_gone": 1}
    assert look("back", article("One two three.")) == {"returned": 1}
    story, _, kinds = state(options)
    assert (story.vanished, story.revisions, kinds[-1]) == (False, 2, RevisionKind.RETURNED)
    assert look("typeset", article("“One”  two three!")) == {"cosmetic": 1}
    killed = look("kill", article("KILL: This story has been withdrawn."))
    assert killed == {"withdrawal": 1}
    story, _, kinds = state(options)
    assert (story.withdrawn, story.revisions) == (True, 3)
    assert len(kinds) == 4


def test_killed_between_revision_and_story_the_next_look_makes_up_for_it(options: Settings) -> None:
    page = stocked(options, "killed")
    row = Extracted(page=page, seen=NOW, article=article("One two four."))
    one = batch(options, "killed", [row])

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Stories, "change", dies)
        revise(options, one)
    assert state(options)[0].article.text == "One two three."
    # By another run, and with yet another text: both versions are kept, in order.
    with connect(options) as store:
        [held] = store.pages.claim_revisits("next", NOW + timedelta(hours=9), lease=60, limit=9)
    later = Extracted(page=held, seen=NOW, article=article("One two five."))
    told = revise(options, batch(options, "next", [later]))
    assert told.passed == 1
    story, _, kinds = state(options)
    assert (story.article.text, story.revisions, len(kinds)) == ("One two five.", 2, 3)
    # The first run, begun again, no longer holds the page, and finds its old text outdated.
    with connect(options) as store:
        assert [r.text for r in store.revisions.of("s")][1:] == ["One two four.", "One two five."]


def test_killed_and_begun_again_the_same_run_counts_the_same(options: Settings) -> None:
    page = stocked(options, "again")
    one = batch(
        options, "again", [Extracted(page=page, seen=NOW, article=article("One two four."))]
    )
    first = revise(options, one)
    assert revise(options, one) == first
    assert state(options)[2] == [RevisionKind.FIRST, RevisionKind.CHANGED]


def test_clustering_that_changes_the_story_meanwhile_is_not_undone(options: Settings) -> None:
    page = stocked(options, "race")
    read = Stories.read
    moved = []

    def read_then_moved(stories: Stories, ids: Sequence[str]) -> dict[str, tuple[Story, Version]]:
        found = read(stories, ids)
        if not moved:
            moved.append(True)
            [(story, _)] = found.values()
            stories.place([makers.changed(story, cluster_id="other")])
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stories, "read", read_then_moved)
        row = Extracted(page=page, seen=NOW, article=article("One two four."))
        assert revise(options, batch(options, "race", [row])).passed == 1
    story, _, kinds = state(options)
    assert (story.cluster_id, story.article.text, len(kinds)) == ("other", "One two four.", 2)


def test_a_story_that_was_deleted_is_counted(options: Settings) -> None:
    page = replace(stocked(options, "lost"), story_id="nowhere")
    told = revise(
        options, batch(options, "lost", [Extracted(page=page, seen=NOW, article=article("x"))])
    )
    assert (told.passed, told.outcomes) == (0, {"story_missing": 1})


def answer(asked: sites.Request) -> sites.Answer:
    """A page that says its own path, except where the path says otherwise."""
    begins = {"/robots.txt": 404, "/gone": 410, "/missing": 404, "/down": 503}
    status = next((s for path, s in begins.items() if asked.path.startswith(path)), 200)
    if asked.path == "/same" and asked.headers.get("If-None-Match") == '"1"':
        return sites.Answer(status=304)
    return sites.Answer(f"<p>What {asked.path} says.</p>", status, "text/html")


@pytest.fixture
def site() -> Iterator[sites.Site]:
    with sites.serve(answer) as running:
        yield running


def test_one_404_is_no_end_and_two_are(options: Settings, site: sites.Site) -> None:
    options = options.with_options(fetch__allow=site.allow, fetch__delay=0, extract__processes=1)
    page = replace(
        stocked(options, "other"),
        url=f"{site.base()}/missing",
        host=f"a.localhost:{site.port}",
        discovered=NOW - timedelta(hours=30),  # past the last of its ages
        lease=None,
    )

    def look(run: str, **changes: object) -> dict[str, dict[str, int]]:
        with connect(options) as store:
            [now] = store.pages.get(["p"]).values()
            due = replace(now, discovered=page.discovered, lease=None, revisit_at=NOW, url=page.url,
                      host=page.host, **changes)  # fmt: skip
            store.es.index(index=f"{store.prefix}-pages", id="p", document=to_dict(due))
        return flows.revisit(options, run).stages

    first = look("first")
    assert first["fetch"]["missing"] == 1
    assert "revise" not in first or not first["revise"]["passed"]
    assert state(options)[0].vanished is False
    early = look("early")  # too soon after the first
    assert early["fetch"]["missing"] == 1
    assert state(options)[0].vanished is False
    second = look("second", missing_since=NOW - timedelta(hours=1))
    assert second["revise"]["vanished"] == 1
    story, _, kinds = state(options)
    assert (story.vanished, kinds) == (True, [RevisionKind.FIRST, RevisionKind.VANISHED])


def test_every_answer_is_accounted_for(options: Settings, site: sites.Site) -> None:
    now = utc_now()  # not the module's: of a long run of tests that is long ago
    options = options.with_options(fetch__allow=site.allow, fetch__delay=0, fetch__retry_pause=0)
    base = site.base()

    def known(path: str, **fields: object) -> Page:
        given = {
            "url": base + path, "status": PageStatus.INDEXED, "story_id": "s",
            "discovered": now - timedelta(hours=2), "revisit_at": now, "body_hash": "older",
        }  # fmt: skip
        return makers.page(path, **{**given, **fields})

    said = hashlib.sha256(b"<p>What /bytes says.</p>").hexdigest()
    back = hashlib.sha256(b"<p>What /bytes/back says.</p>").hexdigest()
    pages = [
        known("/same", etag='"1"'),
        # The last look asks for all of it, whatever the tag: servers lie about changes.
        known("/last", etag='"1"', discovered=now - timedelta(hours=30), fetched=now,
              first_fetched=now - timedelta(hours=29)),
        known("/bytes", body_hash=said),
        known("/new", fetched=now - timedelta(hours=1)),
        known("/gone"),
        known("/missing"),
        # Not found half an hour ago, or at this moment only; and one that had been missing is back.
        known("/missing/long", missing_since=now - timedelta(hours=1)),
        known("/missing/brief", missing_since=now - timedelta(minutes=1)),
        known("/bytes/back", body_hash=back, missing_since=now - timedelta(hours=1), etag='"1"'),
        known("/down"),
        known("/down/missing", missing_since=now - timedelta(hours=1)),
    ]  # fmt: skip
    with connect(options) as store:
        store.pages.discover(pages)
    begin(options, "answers", "revisit")
    [claimed] = claim_revisits(options, "answers")
    assert (claimed.taken, claimed.passed) == (11, 11)
    got = fetch(options, claimed)
    assert (got.taken, got.passed) == (11, 5)
    assert got.outcomes == {"unchanged": 2, "server_error": 2, "missing": 2}
    rows = {row.before.id: row for row in Batches(options.state).read(got.file, Fetched)}
    assert {path: row.held is None for path, row in rows.items()} == {
        "/gone": True, "/missing/long": True, "/new": False, "/last": False, "/bytes/back": False,
    }  # fmt: skip
    new = rows["/new"].page
    assert new.location is not None
    assert new.fetched is not None and new.fetched >= now
    assert new.first_fetched == now - timedelta(hours=1)  # a version before did not note the first
    assert rows["/last"].page.first_fetched == now - timedelta(hours=29)
    again = rows["/bytes/back"].page
    assert again.first_fetched == again.fetched is not None
    assert archive_of(options).read(new.location).body == b"<p>What /new says.</p>"
    tags = {one.path: one.headers.get("If-None-Match") for one in site.asked}
    asked = tuple(tags[path] for path in ("/same", "/last", "/new", "/bytes/back"))
    assert asked == ('"1"', None, None, None)
    assert rows["/bytes/back"].page.missing_since is None
    assert rows["/gone"].page.missing_since is not None
    with connect(options) as store:
        saved = store.pages.get([page.id for page in pages])
    for path in ("/same", "/bytes", "/down"):
        page = saved[path]
        assert (page.lease, page.status) == (None, PageStatus.INDEXED)
        assert page.revisit_at == page.discovered + timedelta(hours=6)
    assert "503" in saved["/down"].detail
    assert saved["/down"].body_hash == "older"
    pause = timedelta(seconds=options["revisit.confirm"])
    first, brief, down = (saved[p] for p in ("/missing", "/missing/brief", "/down/missing"))
    assert first.missing_since is not None
    assert first.revisit_at == first.missing_since + pause
    assert brief.revisit_at == now - timedelta(minutes=1) + pause
    assert "once more" in first.detail
    assert down.missing_since == now - timedelta(hours=1)
    assert down.revisit_at is not None
    assert utc_now() < down.revisit_at <= utc_now() + pause
    # What was passed on is still the run's.
    assert all(saved[path].lease for path in rows)
