"""Stories read anew: told first, written once, resumed, and nobody's change undone."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest

from tests import makers
from tests.flows import reprocess
from tests.makers import NOW
from wirewatch.batches import Batches
from wirewatch.fetch.answers import Response
from wirewatch.pipeline.frame import begin
from wirewatch.pipeline.paths import archive_of
from wirewatch.pipeline.reprocess.apply import apply
from wirewatch.pipeline.reprocess.batch_records import Altered
from wirewatch.pipeline.reprocess.choose import select_stories
from wirewatch.pipeline.reprocess.examine import examine
from wirewatch.pipeline.reprocess.report import Report, format_report
from wirewatch.pipeline.reprocess.stages import CannotReprocess, ReprocessStage
from wirewatch.records import PageStatus, Story, flat_story, replace
from wirewatch.search.language import BadQuery
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.store.stories import Stories

pytestmark = pytest.mark.es

BODY = (
    "Parliament voted on Tuesday for a law that lets the government borrow to rebuild the harbour. "
    "The finance minister said that the vote ended a dispute of two years.",
    "The opposition called the law a mistake and announced that it would go to the courts. "
    "Dock workers, who had been on strike for a month, welcomed the election of a mediator.",
)
HTML = (
    "<html lang='en'><head><title>Law passed</title></head><body><article><h1>Law passed</h1>"
    f"<p>{BODY[0]}</p><p>{BODY[1]}</p></article></body></html>"
)


@pytest.fixture
def options(options: Settings) -> Settings:
    made = options.with_options(extract__processes=1)
    answers = [
        Response(url=f"http://a/{n}", final_url=f"http://a/{n}", status=200, when=NOW,
                 headers=(("Content-Type", "text/html"),), body=HTML.encode())
        for n in range(4)
    ]  # fmt: skip
    with archive_of(made).writer("2026/11/23/r.warc.gz") as writer:
        places = [writer.write(answer) for answer in answers]
    pages = [
        makers.page(
            f"p{n}", url=f"http://a/{n}", status=PageStatus.INDEXED, fetched=NOW,
            content_type="text/html", location=place, story_id=f"s{n}",
        )
        for n, place in enumerate(places)
    ]  # fmt: skip
    pages[3] = replace(pages[3], location=replace(places[3], file="2026/11/23/gone.warc.gz"))
    stories = [
        makers.story(
            f"s{n}", f"What an older version read, number {n}.", url=f"http://a/{n}",
            title="Law passed", first_seen=NOW - timedelta(days=n), cluster_id="c", lead=False,
            page_id=f"p{n}", extractor="older",
        )
        for n in range(4)
    ]  # fmt: skip
    with connect(made) as store:
        store.pages.discover(pages)
        store.stories.create(stories)
    return made


def stories(options: Settings) -> dict[str, Story]:
    with connect(options) as store:
        store.refresh()
        return {story.id: story for story in store.stories.all()}


def test_a_dry_run_tells_and_writes_nothing(options: Settings) -> None:
    before = stories(options)
    told: list[Report] = []
    account = reprocess(options, "*", told=told.append)
    assert account.problems == ()
    assert stories(options) == before
    [report] = told
    assert (report.stories, report.altered) == (4, 3)
    assert report.others == {"not_archived": 1}
    assert report.fields["text"] == 3
    assert "title" not in report.fields
    [sample, *_] = [one for one in report.samples if one.field == "text"]
    assert sample.before.startswith("What an older")
    assert sample.after.startswith("Parliament voted")
    assert any("text" in line for line in format_report(report))


def test_what_changed_is_written_and_nothing_else(options: Settings) -> None:
    before = stories(options)
    account = reprocess(options, "*", dry_run=False, run="real")
    assert account.problems == ()
    assert account.stages["apply"]["passed"] == 3
    after = stories(options)
    for n in range(3):
        old, new = before[f"s{n}"], after[f"s{n}"]
        assert new.article.text == "\n".join(BODY)
        assert new.article.extractor != "older"
        for field in ("id", "cluster_id", "first_seen", "run", "revisions", "page_id"):
            assert flat_story(new)[field] == flat_story(old)[field], field
    assert after["s3"] == before["s3"]
    assert reprocess(options, "*", dry_run=False).stages["examine"]["passed"] == 0


def test_query_and_dates_choose(options: Settings) -> None:
    def chosen(query: str, since: str = "", until: str = "") -> int:
        account = reprocess(options, query, since=since, until=until, stage="tag")
        return account.stages.get("select", {}).get("taken", 0)

    assert chosen("older") == 4
    assert chosen("nowhere") == 0
    assert chosen("*", "2026-11-22") == 2
    assert chosen("*", "", "2026-11-21") == 2
    assert chosen("*", "2026-11-22", "2026-11-22") == 1
    with pytest.raises(CannotReprocess, match="not a date"):
        reprocess(options, "*", since="yesterday")
    with pytest.raises(BadQuery):
        reprocess(options, "(")


def test_tagging_anew_changes_topics_alone(options: Settings) -> None:
    reprocess(options, "*", dry_run=False)
    reprocess(options, "*", stage="tag", dry_run=False)
    before = stories(options)
    assert before["s2"].topics  # the longest text of the report; the one that is last among equals
    for copy in ("s0", "s1", "s3"):
        assert [tag.code for tag in before[copy].topics] == [t.code for t in before["s2"].topics]
        assert all(tag.why[0].startswith("copy: ") for tag in before[copy].topics)
    with connect(options) as store:
        read = store.stories.read(["s0"])
        [(story, version)] = read.values()
        store.stories.change([(makers.changed(story, topics=()), version)])
    told: list[Report] = []
    reprocess(options, "*", stage="tag", dry_run=False, told=told.append)
    assert told[0].fields == {"topics": 1}
    assert stories(options) == before


def test_killed_half_way_it_goes_on_where_it_stopped(
    options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The package has functions so named.
    room = "wirewatch.pipeline.reprocess"
    choose, examine = (import_module(f"{room}.{name}") for name in ("choose", "examine"))
    monkeypatch.setattr(choose, "SIZE", 1)
    real = Stories.change
    calls: list[int] = []

    def dies(self: Stories, pairs: object) -> object:
        calls.append(1)
        done = real(self, pairs)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise KeyboardInterrupt
        return done

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Stories, "change", dies)
        reprocess(options, "*", dry_run=False, run="cut")
    extracted: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(examine, "extract_all", lambda *_: extracted.append("x"))
        account = reprocess(options, "*", dry_run=False, run="cut")
    assert extracted == []  # what was examined before the kill is not examined again
    assert account.problems == ()
    assert account.stages["apply"]["passed"] == 3
    assert {story.article.text == "\n".join(BODY) for story in stories(options).values()} == {
        True,
        False,
    }


def test_a_story_changed_after_it_was_examined_is_left_alone(options: Settings) -> None:
    begin(options, "late", "reprocess")
    [chosen] = select_stories(options, "late", "*")
    examined = examine(options, chosen, ReprocessStage.EXTRACT)
    assert len(list(Batches(options.state).read(examined.file, Altered))) == 3
    with connect(options) as store:
        store.refresh()
        [(story, version)] = store.stories.read(["s1"]).values()
        store.stories.change([(makers.changed(story, text="By somebody else."), version)])
    applied = apply(options, examined)
    assert (applied.passed, applied.outcomes) == (2, {"changed_meanwhile": 1})
    assert stories(options)["s1"].article.text == "By somebody else."
    assert apply(options, examined) == applied


def test_a_stage_that_there_is_not_is_refused_with_those_there_are(options: Settings) -> None:
    with pytest.raises(
        CannotReprocess, match="no stage 'polish': stages are extract, tag, cluster"
    ):
        reprocess(options, "*", stage="polish")
