"""The upkeep as a whole: what goes, what must stay, what it says, killed and twice at once."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests import makers
from tests.upkeep import worn
from wirewatch import settings as all_options
from wirewatch.cli import app
from wirewatch.local.airflow.server import settings_environ
from wirewatch.pipeline import turns
from wirewatch.pipeline.flow import MAINTAIN
from wirewatch.pipeline.runner import run_flow
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.upkeep import maintain as upkeep
from wirewatch.upkeep.maintain import KIND, PARTS, Upkeep, UpkeepFailed, in_lines, maintain
from wirewatch.upkeep.work import Freed, Part, Work

pytestmark = pytest.mark.es

# Airflow's own parts have a test of their own; here they would start its command.
OURS = tuple(part for part in PARTS if part.name not in ("Airflow", "task logs"))
STAY = {
    "pages": {"unfinished", "held", "of-a-small-feed", "new-0", "new-1", "new-2"},
    "runs": {"at-work", "young"},
    "alerts": {"new-alert", "starred", "untold"},
    "deliveries": {"untold"},
    "hosts": {"new-host", "asked"},
}


@pytest.fixture
def given(options: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    return options.with_options(keep__listed=3)


@pytest.fixture
def worn_store(store: Store, given: Settings) -> Iterator[Store]:
    worn.fill(store, given)
    yield store


def picture(store: Store, settings: Settings) -> dict[str, set[str]]:
    found = {noun: worn.ids(store, noun) for noun in (*STAY, "revisions")}
    files = (Path(settings.state) / "batches").rglob("*.gz")
    return {**found, "batches": {file.parent.name for file in files}}


def by_name(made: Upkeep) -> dict[str, Freed]:
    return {one.part: one for one in made.parts}


def test_what_is_past_its_time_goes_and_the_rest_stays(worn_store: Store, given: Settings) -> None:
    made = maintain(given, "m", parts=OURS)
    assert made.problems == ()
    got = picture(worn_store, given)
    for noun, expected in STAY.items():
        assert got[noun] == expected, noun
    assert len(got["revisions"]) == 1  # kept as long as its story
    assert got["batches"] == {"at-work", "young"}
    freed = by_name(made)
    assert (freed["pages"].items, freed["runs"].items, freed["alerts"].items) == (2, 2, 1)
    assert (freed["batch files"].items, freed["batch files"].unit) == (4, "files")
    assert freed["batch files"].bytes > 0
    assert "kept for ever (keep.stories = 0)" in freed["stories"].what
    assert worn_store.locks.get(KIND).run == ""


def test_a_dry_run_says_the_same_and_changes_nothing(worn_store: Store, given: Settings) -> None:
    before = picture(worn_store, given)
    turns.take(worn_store, given, KIND, "other", turns.holder_of("other"))  # it waits for nobody
    said = by_name(maintain(given, "dry", dry=True, parts=OURS))
    assert picture(worn_store, given) == before
    assert not (Path(given.state) / "upkeep").exists()
    worn_store.locks.release(KIND, "other")
    did = by_name(maintain(given, "m", parts=OURS))
    for name in ("pages", "batch files", "runs", "alerts", "deliveries", "hosts"):
        assert (said[name].items, said[name].what) == (did[name].items, did[name].what), name
        assert did[name].items > 0, name


def test_called_again_it_finds_nothing(worn_store: Store, given: Settings) -> None:
    maintain(given, "m", parts=OURS)
    again = maintain(given, "n", parts=OURS)
    assert {one.part: one.items for one in again.parts if one.items} == {}


def test_full_texts_go_once_they_were_read(worn_store: Store, given: Settings) -> None:
    short = given.with_options(keep__pages=0, keep__failed=0)
    assert by_name(maintain(short, "m", parts=OURS))["texts"].items == 3
    pages = worn_store.pages.get(["old", "unfinished", "held", "new-0"])
    assert {one: bool(page.entry and page.entry.content) for one, page in pages.items()} == {
        "old": False, "unfinished": True, "held": True, "new-0": True,
    }  # fmt: skip
    assert pages["old"].entry and pages["old"].entry.title == "A title"
    # A page that was tried for long, and is done after a call that was past it.
    worn.put(worn_store, "pages", worn.page("late", worn.NOW - timedelta(days=31)))
    assert by_name(maintain(short, "n", parts=OURS))["texts"].items == 1


def test_revisions_go_but_not_while_their_story_is_looked_at(
    worn_store: Store, given: Settings
) -> None:
    often = given.with_options(keep__revisions=1, revisit__ages="1,8760")
    worn.put(worn_store, "revisions", worn.revision(makers.story("s"), 2, worn.NEW))
    assert by_name(maintain(often, "m", parts=OURS))["revisions"].items == 1
    assert len(worn.ids(worn_store, "revisions")) == 1


def test_a_part_that_fails_holds_up_no_other(worn_store: Store, given: Settings) -> None:
    def broken(_: Work) -> Freed:
        raise OSError("the disk is gone")

    made = maintain(given, "m", parts=(Part("broken", (), broken, ""), *OURS))
    assert made.problems == ("broken: the disk is gone",)
    assert by_name(made)["runs"].items == 2
    assert in_lines(made)[-1] == "FAILED: broken: the disk is gone"


def test_two_at_once_one_refuses(worn_store: Store, given: Settings) -> None:
    turns.take(worn_store, given, KIND, "other", turns.holder_of("other"))
    with pytest.raises(turns.Busy, match="maintain is under way"):
        maintain(given, "m", parts=OURS)
    assert "old" in worn.ids(worn_store, "pages")


def _killed_in(name: str, environ: dict[str, str]) -> None:
    """Maintains in a process that dies when a part has done its work."""

    def dying(part: Part) -> Part:
        def free(work: Work) -> Freed:
            part.free(work)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

        return Part(part.name, part.options, free, part.about)

    parts = [dying(part) if part.name == name else part for part in OURS]
    maintain(all_options.load(environ), "killed", parts=parts)


@pytest.mark.parametrize("name", ["batch files", "texts", "pages", "runs"])
def test_killed_and_called_again_it_ends_the_same(
    name: str, worn_store: Store, given: Settings
) -> None:
    process = multiprocessing.get_context("forkserver").Process(
        target=_killed_in, args=(name, settings_environ(given))
    )
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert worn_store.locks.get(KIND).run == "killed"
    assert maintain(given, "again", parts=OURS).problems == ()  # the dead one's turn is over
    got = picture(worn_store, given)
    assert {noun: got[noun] for noun in STAY} == STAY
    assert got["batches"] == {"at-work", "young"}


def test_the_flow_counts_what_was_freed_and_fails_with_its_problems(
    worn_store: Store, given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep.maintain, "__kwdefaults__",
                        {**upkeep.maintain.__kwdefaults__, "parts": OURS})  # fmt: skip
    counts = run_flow(MAINTAIN, given).stages["maintain"]
    assert counts["pages"] == 2 and counts["batch files"] == 4
    broken = Part("hosts", (), lambda _: Freed(problem="no"), "")
    monkeypatch.setattr(upkeep.maintain, "__kwdefaults__",
                        {**upkeep.maintain.__kwdefaults__, "parts": (broken,)})  # fmt: skip
    with pytest.raises(UpkeepFailed, match="hosts: no"):
        run_flow(MAINTAIN, given)


def test_the_command_prints_lines_or_json(
    worn_store: Store, given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_environ(given).items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["maintain", "--dry-run"])
    assert told.exit_code == 0, told.stderr
    assert "runs: would free 2 documents" in told.stdout
    assert "disk of state (" in told.stdout
    got = json.loads(CliRunner().invoke(app, ["maintain", "--dry-run", "--json"]).stdout)
    assert got["dry"] is True
    assert {one["part"] for one in got["parts"]} == {part.name for part in PARTS}


def test_every_part_has_its_options_and_a_line_in_the_runbook() -> None:
    page = (all_options.project_root() / "docs" / "operating.md").read_text("utf-8")
    for part in PARTS:
        for option in part.options:
            assert option in all_options.BY_NAME
            assert f"`{option}`" in page, option
