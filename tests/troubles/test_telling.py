"""Told once whoever looks, made whole after a kill, and told without Elasticsearch."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests import makers
from tests.troubles.conftest import Installation
from wirewatch.alerts.deliver import deliver
from wirewatch.records import Trouble
from wirewatch.settings import BY_NAME as OPTIONS
from wirewatch.settings import Settings, project_root
from wirewatch.store import Unavailable, connect
from wirewatch.troubles import telling
from wirewatch.troubles.kinds import lasted
from wirewatch.troubles.looking import KINDS
from wirewatch.troubles.watching import watch

NOW = makers.NOW


def trouble(name: str = "it", **fields: object) -> Trouble:
    given = {"id": name, "kind": "run-failed", "since": NOW, "what": "it broke", "do": "mend it"}
    return Trouble(**{**given, **fields})  # type: ignore[arg-type]


@pytest.mark.es
def test_many_at_once_tell_it_once(installation: Installation) -> None:
    def look(_: int) -> None:
        with connect(installation.options, prepare=False) as store:
            telling.tell(store, installation.options, [trouble()], NOW)

    def done(_: int) -> None:
        with connect(installation.options, prepare=False) as store:
            telling.tell(store, installation.options, [], NOW + timedelta(minutes=90))

    for work in (look, done):
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(work, range(8)))
    deliver(installation.store, installation.options)
    assert sorted(body["data"]["text"] for _, body in installation.hook.got) == [
        "It broke. What to do: mend it.",
        "Over after 90 minutes: It broke.",
    ]


@pytest.mark.es
def test_it_comes_again_and_is_told_again(installation: Installation) -> None:
    store, options = installation.store, installation.options
    for minutes, found in enumerate(([trouble()], [], [trouble()], [])):
        telling.tell(store, options, found, NOW + timedelta(minutes=minutes))
        deliver(store, options)
    assert len(installation.hook.got) == 4
    kept = store.troubles.read("it")
    assert kept is not None and kept[0].number == 2


@pytest.mark.es
def test_one_that_comes_and_goes_is_one(installation: Installation) -> None:
    store = installation.store
    options = installation.options.with_options(troubles__calm=10)
    for minutes in range(0, 40, 4):
        found = [trouble(what=f"it broke {minutes}")] if minutes % 8 == 0 else []
        telling.tell(store, options, found, NOW + timedelta(minutes=minutes))
    deliver(store, options)
    [(_, told)] = installation.hook.got
    assert told["data"]["text"].startswith("It broke 0.")
    kept = store.troubles.read("it")
    assert kept is not None and kept[0].what == "it broke 32"  # the newest words
    telling.tell(store, options, [], NOW + timedelta(minutes=45))
    deliver(store, options)
    assert len(installation.hook.got) == 2


@pytest.mark.es
def test_a_look_that_was_killed_is_made_whole_by_the_next(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, options = installation.store, installation.options

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    for name in ("create", "replace"):  # before the message is queued, and after
        with monkeypatch.context() as patch:
            patch.setattr(store.deliveries if name == "create" else store.troubles, name, killed)
            with pytest.raises(Killed):
                telling.keep(store, trouble(), NOW)
                telling.announce(store, options, NOW)
    telling.tell(store, options, [trouble()], NOW)
    telling.tell(store, options, [trouble()], NOW)
    deliver(store, options)
    assert len(installation.hook.got) == 1


@pytest.mark.es
def test_elasticsearch_away_is_told_without_it_and_over_with_it(
    installation: Installation, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "config" / "channels").mkdir(parents=True)
    for name in ("elasticsearch", "searches"):
        (tmp_path / "config" / name).symlink_to(project_root() / "config" / name)
    file = tmp_path / "config" / "channels" / "own.toml"
    address = installation.hook.url
    file.write_text(f'[[channel]]\nid = "file"\nkind = "webhook"\naddress = "{address}"\n')
    with_file = Settings(
        installation.options.with_options(
            troubles__channels="log,file,ops", config_dir=str(tmp_path / "config")
        ),
        tmp_path,
    )
    away = with_file.with_options(elasticsearch__url="http://127.0.0.1:9")
    for _ in range(3):
        with pytest.raises(Unavailable):
            watch(away)
    [(_, body)] = installation.hook.got
    assert body["data"]["text"].startswith("Elasticsearch does not do its work: Elasticsearch ")
    assert "so ops cannot be told" in caplog.text
    installation.hook.got.clear()
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            watch(with_file)
            deliver(installation.store, with_file)
    told = [body["data"]["text"] for _, body in installation.hook.got]
    over = [text for text in told if text.startswith("Over after 1 minute: Elasticsearch")]
    assert len(over) == 2  # by the file's channel, and by the one in the index


def test_spans_are_told_in_the_unit_that_fits() -> None:
    spans = {0.2: "1 minute", 12: "12 minutes", 119: "119 minutes", 150: "2 hours", 9_000: "6 days"}
    assert {minutes: lasted(timedelta(minutes=minutes)) for minutes in spans} == spans


def test_the_runbook_has_each_message_in_its_words() -> None:
    page = (project_root() / "docs" / "operating.md").read_text("utf-8")
    told = page.partition("### Troubles")[2].partition("\n### ")[0]
    for kind in KINDS:
        what = re.sub(r"\{[a-z]+\}", "…", kind.what)
        assert f"| `{what}` | {kind.do}" in told, kind.name
        for option in kind.options:
            assert option in OPTIONS
            assert f"`{option}`" in told, option


def test_the_kinds_have_names_and_titles_of_their_own() -> None:
    for values in ([kind.name for kind in KINDS], [kind.title for kind in KINDS]):
        assert len(set(values)) == len(values)
