"""An installation that is looked at, with a webhook that troubles are told by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests import sites
from tests.alerts.receivers import Receiver, channel
from wirewatch.alerts.deliver import deliver
from wirewatch.records import Trouble, utc_now
from wirewatch.settings import Settings
from wirewatch.store import Store
from wirewatch.troubles.looking import BY_NAME, look
from wirewatch.troubles.watching import watch


@dataclass
class Installation:
    """One that is looked at."""

    store: Store
    options: Settings
    hook: Receiver

    def texts(self) -> list[str]:
        """What the webhook was told by one look, in order; nothing of earlier ones."""
        self.hook.got.clear()
        watch(self.options)
        deliver(self.store, self.options)
        return [body["data"]["text"] for _, body in self.hook.got]

    def found(self, kind: str) -> list[Trouble]:
        """The troubles of a kind that there are now."""
        prefix = self.store.prefix
        self.store.es.indices.refresh(index=f"{prefix}-*,-{prefix}-lost")
        found = look(self.store, self.options, utc_now())
        return [one for one in found if one.kind == kind]

    def caused(self, kind: str, cause: Callable[[], Any], cure: Callable[[], Any]) -> str:
        """What was told of a trouble: received once when it came, and once when it was over."""
        assert self.found(kind) == []
        self.texts()  # of other troubles that this machine may have
        cause()
        [trouble] = self.found(kind)
        [told] = [text for text in self.texts() if BY_NAME[kind].do in text]
        assert trouble.what[1:] in told
        assert self.texts() == []
        cure()
        assert self.found(kind) == []
        [over] = [text for text in self.texts() if text.startswith("Over after")]
        assert trouble.what[1:40] in over
        assert self.texts() == []
        return told


@pytest.fixture
def options(options: Settings) -> Settings:
    return options.with_options(
        troubles__channels="ops", troubles__calm=0, alerts__allow="127.0.0.1:*", alerts__timeout=3
    )


@pytest.fixture
def installation(store: Store, options: Settings) -> Iterator[Installation]:
    hook = Receiver()
    with sites.serve(hook) as site:
        channel(store, "ops", f"http://127.0.0.1:{site.port}/hook")
        hook.url = f"http://127.0.0.1:{site.port}/hook"
        yield Installation(store, options, hook)
