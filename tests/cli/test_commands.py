"""The command as a person calls it: exit codes, stdout and stderr of a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import makers
from tests.makers import NOW
from wirewatch.records import (
    Change,
    Edit,
    Link,
    PageStatus,
    Reason,
    Revision,
    RevisionKind,
)
from wirewatch.settings import Settings
from wirewatch.store import connect

Call = Callable[..., subprocess.CompletedProcess[str]]


def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WIREWATCH_")}
    return subprocess.run(
        [sys.executable, "-m", "wirewatch.cli", *words],
        env={**clean, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200", **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def wirewatch(es_url: str, empty_prefix: str, tmp_path: Path) -> Call:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return call(
            *words,
            ELASTICSEARCH_URL=es_url,
            WIREWATCH_ELASTICSEARCH_PREFIX=empty_prefix,
            WIREWATCH_STATE=str(tmp_path / "state"),
            WIREWATCH_LOCAL_FOLDER=str(tmp_path / "local"),
        )

    return run


def fill(options: Settings) -> None:
    lead = makers.story(
        "lead", "Dockers walked out.", url="http://a.com/1", title="Dockers strike", outlet="Daily"
    )
    link = Link(
        story_id="lead", relation="truncated", score=1, containment=0.9, containment_of=0.5,
        resemblance=0.5, shared=("Dockers walked out",),
    )  # fmt: skip
    copy = makers.changed(lead, id="copy", lead=False, outlet="Post\x1b[31m", link=link)
    page = makers.page(
        "p", url="http://a.com/gone", status=PageStatus.DEAD, reason=Reason.GONE,
        detail="410 Gone: the page was taken away",
    )  # fmt: skip
    with connect(options) as store:
        store.stories.create([lead, copy])
        store.clusters.write([(makers.cluster(lead, copy, stories=("lead", "copy")), None)])
        store.pages.discover([page])
        store.refresh()


@pytest.mark.es
def test_revisions_of_a_story_are_shown_with_what_changed(
    wirewatch: Call, options: Settings
) -> None:
    fill(options)
    assert "has not changed" in wirewatch("revisions", "lead").stderr
    change = Change(words_added=1, words_removed=1, edits=(Edit(at=4, removed="3", added="4"),))
    revision = Revision(
        id="r", story_id="lead", cluster_id="lead", number=1, kind=RevisionKind.CORRECTION,
        seen=NOW, title="Dockers strike", text="…", note="Correction: it is 4.", change=change,
    )  # fmt: skip
    with connect(options) as store:
        store.revisions.create([revision])
    told = wirewatch("revisions", "http://a.com/1")
    assert told.returncode == 1  # that address is no story's id: its page is not known
    told = wirewatch("revisions", "lead")
    assert "correction: 1 words added, 1 removed" in told.stdout
    assert "word 5: [-3-] {+4+}" in told.stdout
    assert json.loads(wirewatch("revisions", "lead", "--json").stdout)[0]["number"] == 1
    assert wirewatch("revisions", "nowhere").returncode == 1


@pytest.mark.es
def test_reprocess_tells_first_and_refuses_what_it_cannot(
    wirewatch: Call, options: Settings
) -> None:
    fill(options)
    told = wirewatch("reprocess", "dockers", "--stage", "tag", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "of 2 stories change" in told.stdout
    told = wirewatch("reprocess", "*", "--stage", "deduplicate")
    assert (told.returncode, "stages are extract, tag, cluster" in told.stderr) == (2, True)
    assert wirewatch("reprocess", "(").returncode == 2
    told = wirewatch("revisit", "--json")
    assert json.loads(told.stdout)["kind"] == "revisit"


def test_wrong_options_are_all_listed_with_exit_2() -> None:
    told = call("status", WIREWATCH_RUN_PAGES="none", WIREWATCH_NO_SUCH="1")
    assert told.returncode == 2
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 2
    assert "whole number from 1 to 100000" in told.stderr


def test_no_elasticsearch_is_one_line_with_exit_3(tmp_path: Path) -> None:
    told = call(
        "status",
        ELASTICSEARCH_URL="http://127.0.0.1:9",
        WIREWATCH_LOCAL_FOLDER=str(tmp_path),
    )
    assert told.returncode == 3
    assert told.stdout == ""
    [line] = told.stderr.splitlines()
    assert "http://127.0.0.1:9" in line
    assert "wirewatch es start" in line


def test_an_unknown_command_is_wrong_use() -> None:
    assert call("flyy").returncode == 2


@pytest.mark.es
def test_feeds_are_added_listed_exported_and_removed(wirewatch: Call, tmp_path: Path) -> None:
    added = wirewatch(
        "feeds", "add", "https://Example.com/rss?utm_source=x", "--outlet", "Example",
        "--language", "en", "--collection", "world", "--create",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    again = wirewatch("feeds", "add", "https://example.com/rss")
    assert again.returncode == 1
    assert "already" in again.stderr
    [feed] = json.loads(wirewatch("feeds", "list", "--json").stdout)
    assert (feed["outlet"], feed["collections"]) == ("Example", ["world"])
    file = tmp_path / "feeds.opml"
    assert wirewatch("feeds", "export", str(file)).returncode == 0
    assert wirewatch("feeds", "remove", feed["id"]).returncode == 0
    assert wirewatch("feeds", "remove", feed["id"]).returncode == 1
    back = wirewatch("feeds", "import", str(file))
    assert "1 feeds added" in back.stdout
    [same] = json.loads(wirewatch("feeds", "list", "--json").stdout)
    assert {**same, "added": ""} == {**feed, "added": ""}


@pytest.mark.es
def test_a_wrong_address_or_file_is_named_with_exit_2(wirewatch: Call, tmp_path: Path) -> None:
    told = wirewatch("feeds", "add", "javascript:alert(1)")
    assert told.returncode == 2
    assert "javascript:alert(1)" in told.stderr
    file = tmp_path / "bad.opml"
    file.write_text("<opml><body><outline type='rss' xmlUrl='nonsense'/></body></opml>")
    told = wirewatch("feeds", "import", str(file))
    assert told.returncode == 2
    assert "nonsense" in told.stderr


@pytest.mark.es
def test_search_show_status_and_pages(wirewatch: Call, options: Settings) -> None:
    fill(options)
    results = json.loads(wirewatch("search", "strike", "--json").stdout)
    assert (results["stories"], results["clusters"]) == (2, 1)
    [hit] = results["hits"]
    assert (hit["story"]["outlet"], hit["story"]["agency"]) == ("Daily", "")
    assert not {"text", "link", "article"} & hit["story"].keys()
    nothing = json.loads(wirewatch("search", "volcano", "--json").stdout)
    assert (nothing["hits"], nothing["facets"], nothing["stories"]) == ([], {}, 0)
    table = wirewatch("search", "strike")
    assert "Dockers strike" in table.stdout
    assert "+1" in table.stdout
    assert "2 stories in 1 clusters" in table.stderr
    copies = wirewatch("search", "strike", "--copies")
    assert "\x1b[31m" not in copies.stdout  # an outlet's name cannot colour the terminal
    noted = wirewatch("search", "outlet:Daily strike dockers")
    assert "column 1: outlet: takes one word, Daily; strike dockers is looked for" in noted.stderr
    wrong = wirewatch("search", "(strike")
    assert wrong.returncode == 2
    assert "column" in wrong.stderr
    shown = wirewatch("show", "copy")
    assert "truncated of lead" in shown.stdout
    assert "Dockers walked out." in shown.stdout
    assert wirewatch("show", "nothing").returncode == 1
    status = json.loads(wirewatch("status", "--json").stdout)
    assert (status["stories"], status["pages"]) == (2, {"dead": {"gone": 1}})
    pages = wirewatch("pages", "list", "--status", "dead")
    assert "410 Gone" in pages.stdout
    assert "1 pages are due again" in wirewatch("pages", "retry", "p").stdout
    assert json.loads(wirewatch("pages", "list", "--status", "dead", "--json").stdout) == []
    assert wirewatch("pages", "retry").returncode == 2


@pytest.mark.es
def test_ingest_without_feeds_is_a_run_that_is_done(wirewatch: Call) -> None:
    told = wirewatch("ingest", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["state"] == "done"


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    told = call(
        "doctor",
        "--json",
        PATH="/nowhere",
        WIREWATCH_LOCAL_FOLDER=str(tmp_path),
        WIREWATCH_LOCAL_CACHE=str(tmp_path / "cache"),
    )
    checks = {check["name"]: check for check in json.loads(told.stdout)}
    assert told.returncode == 1
    assert not checks["git"]["ok"]
    assert "apt install git" in checks["git"]["advice"]
