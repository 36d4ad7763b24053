"""Channels of files, and what people may change of channels."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.alerts.receivers import Clock, channel, only, raised, search, states
from tests.makers import NOW
from wirewatch.alerts import unsubscribe
from wirewatch.alerts.channels import files, kept
from wirewatch.alerts.channels.shown import opened
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.saved import Refused
from wirewatch.records import ChannelKind, replace, to_json
from wirewatch.settings import Settings
from wirewatch.store import Store

HOOK = "https://93.184.216.34/services/T0KEN"
SECRET = "whsec_" + "QUJD" * 8

DESK = f"""
[[channel]]
id = "desk"
kind = "slack"
address = "{HOOK}"
"""


@pytest.fixture
def options(options: Settings, tmp_path: Path) -> Settings:
    config = tmp_path / "config"
    (config / "channels").mkdir(parents=True)
    (config / "elasticsearch").symlink_to(options.config_dir / "elasticsearch")
    return options.with_options(config_dir=str(config))


def written(options: Settings, text: str, name: str = "own.toml") -> None:
    (options.config_dir / "channels" / name).write_text(text)


@pytest.mark.es
def test_channels_of_files_come_change_and_go(
    store: Store, options: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_ADDRESS", HOOK)
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    written(options, DESK)
    written(
        options,
        '[[channel]]\nid = "hook"\nname = "Hook"\nkind = "webhook"\n'
        'address_env = "HOOK_ADDRESS"\nsecret_env = "HOOK_SECRET"\nenabled = false\n',
        "hook.toml",
    )
    assert files.sync(store, options) == ()
    desk, hook = store.channels.all()
    assert (desk.id, desk.kind, desk.address, desk.origin) == ("desk", "slack", HOOK, "file")
    assert (hook.address, hook.secret, hook.enabled) == (HOOK, SECRET, False)
    store.channels.change("desk", lambda one: replace(one, setbacks=3))
    assert files.sync(store, options) == ()
    assert [one.setbacks for one in store.channels.all()] == [3, 0]  # what was learnt stays
    written(options, DESK.replace("T0KEN", "0THER"))
    (options.config_dir / "channels" / "hook.toml").unlink()
    assert files.sync(store, options) == ()
    [desk] = store.channels.all()
    assert (desk.address, desk.setbacks) == (HOOK.replace("T0KEN", "0THER"), 0)
    with pytest.raises(Refused, match="kept in a file"):
        kept.change(store, "desk", name="Other")


@pytest.mark.es
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("[[channel", "not valid TOML"),
        ('[[channel]]\nid = "x"\nkind = "pigeon"\naddress = "y"', "'kind' must be one of"),
        ('[[channel]]\nid = "x"\nkind = "slack"', "either 'address' or 'address_env'"),
        ('[[channel]]\nid = "x"\nkind = "slack"\naddress_env = "NOT_SET"', "no NOT_SET"),
        ('[[channel]]\nid = "x"\nkind = "slack"\naddress = "http://10.0.0.1/"', "private"),
        ('[[channel]]\nid = "X"\nkind = "slack"\naddress = "https://a.example/"', "small letters"),
        ('[[channel]]\nid = "log"\nkind = "slack"\naddress = "https://a.example/"', "not log"),
        ('[[channel]]\nid = "x"\nkind = "slack"\naddress = "https://a.example/"\nto = 1', "'to'"),
        ('[[channel]]\nid = 7\nkind = "slack"\naddress = "https://a.example/"', "'id'"),
        ('[[channel]]\nid = "x"\nkind = "webhook"\naddress = "https://a.example/"\n'
         'secret_env = "HOME"', "whsec_"),
        ("channel = [1]", "must be a table"),
        ("channel = 5", "must hold tables"),
        ("[[chanel]]", "must hold tables"),
        (DESK, "used twice"),
    ],
)  # fmt: skip
def test_a_slip_in_a_file_is_told_and_ends_no_channel(
    store: Store,
    options: Settings,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    wrong: str,
    words: str,
) -> None:
    written(options, DESK)
    files.sync(store, options)
    channel(store, "old", HOOK, origin="file")  # of a file that cannot be read just now
    written(options, wrong, "wrong.toml")
    deliver(store, options, clock=clock)
    assert words in caplog.text
    assert "wrong.toml" in caplog.text
    assert [one.id for one in store.channels.all()] == ["desk", "old"]


@pytest.mark.es
def test_what_its_reader_left_is_dropped_and_the_rest_goes(
    store: Store, options: Settings, clock: Clock
) -> None:
    made = channel(store, "desk", "ann@desk.example", kind=ChannelKind.MAIL, secret=SECRET)
    of = search(store, "desk")
    raised(store, of, 2)
    unsubscribe.leave(store, "desk", "s")
    deliver(store, options, clock=clock)
    assert states(store) == {"dropped": 2}
    assert store.deliveries.find()[0][0].error == unsubscribe.BY_READER
    unsubscribe.leave(store, "desk", "")
    with pytest.raises(Refused, match="unsubscribed"):  # nobody else takes that back
        kept.switch_on(store, "desk")
    unsubscribe.come_back(store, "desk", "")
    unsubscribe.come_back(store, "desk", "s")
    assert store.channels.get("desk") == made


@pytest.mark.es
def test_another_address_is_as_new(store: Store) -> None:
    channel(
        store, "desk", HOOK, kind=ChannelKind.SLACK, off="refused", failures=3, left=("s",),
        setbacks=9,
    )  # fmt: skip
    same = kept.change(store, "desk", name="Desk", address=HOOK)
    assert (same.name, same.off, same.left) == ("Desk", "refused", ("s",))
    other = kept.change(store, "desk", address=HOOK.replace("T0KEN", "0THER"))
    assert (other.off, other.failures, other.setbacks, other.left) == ("", 0, 0, ())


def test_nothing_secret_is_shown() -> None:
    from wirewatch.records import Channel

    for kind, address in (
        (ChannelKind.WEBHOOK, "https://a.example/T0KEN?key=T0KEN"),
        (ChannelKind.SLACK, "https://a.example?T0KEN"),
        (ChannelKind.APPRISE, "tgram://T0KEN/1"),
        (ChannelKind.MAIL, "T0KEN@a.example"),
    ):
        one = Channel(id="x", name="X", kind=kind, address=address, secret="T0KEN")
        assert b"T0KEN" not in to_json(opened(one))


@pytest.mark.es
def test_a_message_tells_how_long_it_took(store: Store, options: Settings, clock: Clock) -> None:
    [alert] = raised(store, replace(search(store, "log"), channels=()), 1)
    from wirewatch.alerts.outbox import queued

    of = search(store, "log")
    told = queued(of, replace(alert, searchable=clock()), clock())
    store.deliveries.create(told)
    clock.ahead(seconds=42)
    deliver(store, options, clock=clock)
    assert only(store).seconds == 42
    store.refresh()
    wait = store.deliveries.waits(NOW)["alert"]
    assert store.deliveries.waits(clock() + timedelta(days=1)) == {}
    assert (wait.count, wait.total, round(wait.half)) == (1, 42, 42)
    assert dict(wait.within)[30] == 0
    assert dict(wait.within)[60] == 1
