"""Apprise as an extra: guarded, led nowhere, and refused in words where it is no good."""

from __future__ import annotations

import importlib.util
import json

import pytest

from tests import sites
from tests.alerts.receivers import Clock, channel, only, raised, search, states
from wirewatch.alerts.channels import apprise, made
from wirewatch.alerts.channels.made import BadChannel
from wirewatch.alerts.deliver import deliver
from wirewatch.records import ChannelKind
from wirewatch.settings import Settings, load
from wirewatch.store import Store

there = pytest.mark.skipif(
    importlib.util.find_spec("apprise") is None, reason="the extra apprise is not installed"
)


def made_of(address: str, settings: Settings) -> str:
    return made.made("team", ChannelKind.APPRISE, address, "", settings).address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("json://127.0.0.1/hook", "kind webhook"),
        ("XMLS://desk.example/hook", "kind webhook"),
        ("https://hooks.slack.com/services/T/B/x", "kind webhook"),
        ("form://desk.example", "kind webhook"),
        ("dbus://", "desk"),
        ("tgram", "must begin"),
        ("://x", "must begin"),
    ],
)
def test_what_it_is_not_for_is_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(BadChannel, match=words):
        made_of(address, load({}))


def test_where_it_is_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise, "installed", lambda: False)
    with pytest.raises(BadChannel, match=r"wirewatch\[apprise\] is not installed"):
        made_of("ntfy://desk.example/trams", load({}))


@there
def test_an_address_that_it_does_not_know_is_refused() -> None:
    assert made_of("ntfy://desk.example/trams", load({})) == "ntfy://desk.example/trams"
    for wrong in ("pigeon://desk.example/", "tgram://no-token"):
        with pytest.raises(BadChannel, match="does not know"):
            made_of(wrong, load({}))


@there
@pytest.mark.es
def test_it_sends_to_nobody_that_the_guard_refuses(
    store: Store, options: Settings, clock: Clock
) -> None:
    """Its own address first, then one that it is led to; then it is let in."""
    with sites.serve(lambda _: sites.Answer("{}", kind="application/json")) as site:
        moved = {"Location": f"http://localhost:{site.port}/elsewhere"}
        with sites.serve(lambda _: sites.Answer(status=307, headers=moved)) as leads:
            address = f"ntfy://127.0.0.1:{site.port}/trams"
            channel(store, "team", address, kind=ChannelKind.APPRISE)
            raised(store, search(store, "team"), 1)
            deliver(store, options, clock=clock)
            assert "127.0.0.1 is a loopback address" in only(store).error
            clock.ahead(hours=1)
            both = options.with_options(alerts__allow=f"127.0.0.1:{leads.port},localhost:*")
            store.channels.change("team", lambda one: _at(one, leads.port))
            deliver(store, both, clock=clock)
            assert len(leads.asked) == 1
            assert states(store) == {"failed": 1}
            assert site.asked == []
        clock.ahead(hours=1)
        store.channels.change("team", lambda one: _at(one, site.port))
        deliver(store, options.with_options(alerts__allow="127.0.0.1:*"), clock=clock)
        assert states(store) == {"sent": 1}
        [asked] = site.asked
    assert "Tram 0 stands still" in json.loads(asked.body)["message"]


@there
@pytest.mark.es
def test_a_service_that_hangs_is_ended(
    store: Store, options: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr(apprise, "START", 4.0)
    release = threading.Event()

    def hangs(_: sites.Request) -> sites.Answer:
        release.wait(60)
        return sites.Answer("{}")

    with sites.serve(hangs) as site:
        channel(store, "team", f"ntfy://127.0.0.1:{site.port}/t?rto=50", kind=ChannelKind.APPRISE)
        raised(store, search(store, "team"), 1)
        deliver(
            store,
            options.with_options(alerts__allow="127.0.0.1:*", alerts__timeout=1),
            clock=clock,
        )
        release.set()
    assert "no answer in time" in only(store).error


def _at(one, port: int):
    from wirewatch.records import replace

    return replace(one, address=f"ntfy://127.0.0.1:{port}/trams?redirect=yes")
