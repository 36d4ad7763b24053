"""Told once whoever looks, made whole after a kill, and told without Elasticsearch."""

from __future__ import annotations

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


@pytest.fixture
def with_file(installation: Installation, tmp_path: Path) -> Settings:
    """Settings with a channel that is kept in a file, beside one that is not."""
    (tmp_path / "config" / "channels").mkdir(parents=True)
    for name in ("elasticsearch", "searches"):
        (tmp_path / "config" / name).symlink_to(project_root() / "config" / name)
    file = tmp_path / "config" / "channels" / "own.toml"
    address = installation.hook.url
    file.write_text(f'[[channel]]\nid = "file"\nkind = "webhook"\naddress = "{address}"\n')
    return installation.options.with_options(
        troubles__channels="log,file,ops", config_dir=str(tmp_path / "config"), disk__reserve=0
    )


def told(installation: Installation) -> list[str]:
    """What the webhook heard since it was asked last."""
    heard = [body["data"]["text"] for _, body in installation.hook.got]
    installation.hook.got.clear()
    return heard


def over(installation: Installation, options: Settings) -> list[str]:
    """What two looks tell of the end, when all is well again."""
    for _ in range(2):
        watch(options)
        deliver(installation.store, options)
    return [one for one in told(installation) if "Elasticsearch does not do its work" in one]


@pytest.mark.es
def test_elasticsearch_away_is_told_without_it_and_over_with_it(
    installation: Installation, with_file: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = with_file.with_options(elasticsearch__url="http://127.0.0.1:9")
    for _ in range(3):
        with pytest.raises(Unavailable):
            watch(away)
    [words] = told(installation)
    assert words.startswith("Elasticsearch does not do its work: Elasticsearch does not answer at ")
    assert "so ops cannot be told" in caplog.text
    ends = over(installation, with_file)
    assert len(ends) == 2  # by the file's channel, and by the one in the index
    assert ends[0].startswith("Over after 1 minute: Elasticsearch")


@pytest.mark.es
def test_an_elasticsearch_that_takes_no_write_at_all_is_told_once(
    installation: Installation, with_file: Settings
) -> None:
    """As at the flood stage of its disk."""
    es, indices = installation.store.es, f"{installation.store.prefix}-*"
    block = "index.blocks.read_only_allow_delete"
    es.indices.put_settings(index=indices, settings={block: True})
    try:
        for _ in range(3):
            with pytest.raises(Unavailable):
                watch(with_file)
    finally:
        es.indices.put_settings(index=indices, settings={block: None})
    [words] = told(installation)
    assert "its disk is nearly full: free space" in words
    assert len(over(installation, with_file)) == 2


def test_a_message_leads_to_the_page_where_one_is_known(tmp_path: Path) -> None:
    given = makers.options("http://127.0.0.1:9", "p", tmp_path)
    assert telling.in_words(trouble(), given) == "It broke. What to do: mend it."
    reached = given.with_options(alerts__url="https://news.example")
    assert telling.in_words(trouble(), reached).endswith(" See https://news.example/operations")


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
