"""Stories placed anew: joins and splits told, then made, and nobody's decision undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import makers
from tests.dedup.conftest import prose
from tests.flows import reprocess
from wirewatch.pipeline.frame import begin
from wirewatch.pipeline.reprocess import choose
from wirewatch.pipeline.reprocess.apply import apply
from wirewatch.pipeline.reprocess.choose import select_stories
from wirewatch.pipeline.reprocess.examine import examine
from wirewatch.pipeline.reprocess.report import Report, format_report
from wirewatch.pipeline.reprocess.stages import CannotReprocess, ReprocessStage
from wirewatch.records import Cluster, Story, replace, stable_id
from wirewatch.settings import Settings
from wirewatch.store import connect
from wirewatch.store.clusters import Clusters
from wirewatch.store.stories import Stories

pytestmark = pytest.mark.es

DAY = datetime(2026, 11, 20, 8, tzinfo=UTC)
TEXTS = {name: prose(seed) for seed, name in enumerate("abcdefgh")}
# Which text each story has, and which cluster it was put into.
STORIES = {
    "join1": ("a", "join1"), "join2": ("a", "join2"),  # copies that were not seen as such
    "part1": ("b", "part1"), "part2": ("c", "part1"),  # one cluster, and not a word in common
    "hand1": ("d", "hand1"), "hand2": ("d", "hand2"),  # copies, taken apart by a person
    "edge1": ("e", "edge0"), "edge0": ("f", "edge0"),  # one cluster; one of them long before
    "same1": ("g", "same1"), "same2": ("g", "same1"),  # copies, and known as such
}  # fmt: skip
ID = {name: stable_id("story", name) for name in STORIES}


def story(name: str, at: int) -> Story:
    text, cluster = STORIES[name]
    moment = DAY - timedelta(days=9) if name == "edge0" else DAY + timedelta(minutes=at)
    return makers.story(
        ID[name], TEXTS[text], url=f"http://{name}.com/1", title=f"On {text}", published=moment,
        first_seen=moment, outlet=name, cluster_id=ID[cluster], lead=cluster == name,
    )  # fmt: skip


@pytest.fixture
def options(options: Settings) -> Settings:
    stories = [story(name, at) for at, name in enumerate(STORIES)]
    with connect(options) as store:
        store.stories.create(stories)
        for key in {one.cluster_id for one in stories}:
            own = [one for one in stories if one.cluster_id == key]
            apart = (ID["hand2"],) if key == ID["hand1"] else ()
            made = makers.cluster(*own, id=key, lead=key, run="r0", apart=apart)
            store.clusters.write([(made, None)])
        told = next(one for one in stories if one.id == ID["part1"])
        store.alerts.create([makers.alert(told, "s", created=DAY)])
        store.refresh()
    return options


def clusters(options: Settings) -> dict[str, Cluster]:
    with connect(options) as store:
        store.refresh()
        found = store.clusters.get(list(ID.values()))
        for one in store.stories.all():
            home = store.clusters.resolve(one.cluster_id)
            assert home is not None
            assert one.id in home.stories
            assert one.lead == (home.lead == one.id)
        names = {identity: name for name, identity in ID.items()}
        return {names[identity]: cluster for identity, cluster in found.items()}


def again(options: Settings, run: str, **asked: object) -> tuple[Report, dict[str, dict[str, int]]]:
    told: list[Report] = []
    account = reprocess(
        options, "*", since="2026-11-15", stage="cluster", run=run, told=told.append,
        **asked,  # type: ignore[arg-type]
    )  # fmt: skip
    assert account.problems == ()
    return told[0], account.stages


def test_joins_and_splits_are_told_and_then_made(options: Settings) -> None:
    before = clusters(options)
    report, _ = again(options, "dry")
    assert clusters(options) == before
    assert (report.stories, report.altered) == (9, 4)
    assert report.fields == {"clusters_joined": 1, "clusters_parted": 1}
    assert report.others == {"unchanged": 2, "by_hand": 2, "reaches_outside": 1}
    told = "\n".join(format_report(report))
    assert f"{ID['join1']}: On a + On a" in told
    assert f"{ID['part2']}: On c" in told
    assert "a person had a hand" in told

    _, stages = again(options, "real", dry_run=False)
    assert stages["apply"]["passed"] == 4
    after = clusters(options)
    assert after["join1"].stories == (ID["join1"], ID["join2"])
    assert (after["join2"].redirect, after["join2"].stories) == (ID["join1"], ())
    assert (after["part1"].stories, after["part2"].stories) == ((ID["part1"],), (ID["part2"],))
    for key in ("hand1", "hand2", "edge0", "same1"):
        assert after[key] == before[key], key
    with connect(options) as store:
        found = store.stories.stories([ID["join2"], ID["part2"]])
        link = found[ID["join2"]].link
        assert link is not None
        assert link.story_id == ID["join1"]
        assert found[ID["part2"]].link is None
        assert found[ID["part2"]].article.text == TEXTS["c"]  # nothing but its place was written
    report, _ = again(options, "after")
    assert report.altered == 0


def test_killed_between_clusters_and_stories_it_goes_on(options: Settings) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Stories, "place", dies)
        again(options, "cut", dry_run=False)
    _, stages = again(options, "cut", dry_run=False)
    assert stages["apply"]["passed"] == 4
    assert clusters(options)["join1"].stories == (ID["join1"], ID["join2"])


def test_a_cluster_changed_after_it_was_examined_is_left_alone(options: Settings) -> None:
    begin(options, "late", "reprocess")
    [chosen] = select_stories(options, "late", "*", "2026-11-15", "", ReprocessStage.CLUSTER)
    examined = examine(options, chosen, ReprocessStage.CLUSTER)
    with connect(options) as store:
        [(cluster, version)] = store.clusters.read([ID["join2"]]).values()
        changed = replace(cluster, pinned=(ID["join2"],), run="by-hand")
        store.clusters.write([(changed, version)])
    applied = apply(options, examined, ReprocessStage.CLUSTER)
    assert (applied.taken, applied.passed, applied.outcomes) == (4, 2, {"changed_meanwhile": 2})
    after = clusters(options)
    assert after["join2"] == changed
    assert after["join1"].stories == (ID["join1"],)
    assert apply(options, examined, ReprocessStage.CLUSTER) == applied


def test_a_change_between_two_writes_takes_the_first_one_back(options: Settings) -> None:
    before = clusters(options)
    begin(options, "race", "reprocess")
    [chosen] = select_stories(options, "race", "*", "2026-11-15", "", ReprocessStage.CLUSTER)
    examined = examine(options, chosen, ReprocessStage.CLUSTER)
    write = Clusters.write
    wrote: list[str] = []
    names = {identity: name for name, identity in ID.items()}

    def write_then_changed(self: Clusters, pairs: object) -> object:
        listed = list(pairs)  # type: ignore[call-overload]
        outcome = write(self, listed)
        name = names[listed[0][0].id]
        if name in ("join1", "part1") and name not in wrote:
            wrote.append(name)
            other = {"join1": "join2", "part1": "part2"}[name]
            absent = (replace(before["same1"], id=ID[other]), None)
            cluster, version = self.read([ID[other]]).get(ID[other], absent)
            write(self, [(replace(cluster, run="somebody"), version)])
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clusters, "write", write_then_changed)
        applied = apply(options, examined, ReprocessStage.CLUSTER)
    assert sorted(wrote) == ["join1", "part1"]
    assert applied.outcomes == {"changed_meanwhile": 4}
    with connect(options) as store:
        written = store.clusters.get(list(ID.values()))
    after = {names[identity]: cluster for identity, cluster in written.items()}
    for key in ("join1", "part1", "join2"):
        assert replace(after[key], run="") == replace(before[key], run=""), key
    assert after["part2"].run == "somebody"


def test_what_cannot_be_asked(options: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotReprocess, match="all stories of a span"):
        reprocess(options, "harbour", stage="cluster")
    monkeypatch.setattr(choose, "TOGETHER", 3)
    with pytest.raises(CannotReprocess, match="take fewer days"):
        reprocess(options, "*", stage="cluster")
