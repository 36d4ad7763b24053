"""The ``wirewatch`` command.

Exit codes: 0 done; 1 it failed; 2 a wrong option or argument; 3 no Elasticsearch; 4 a guard refused
an address; 5 the mappings in Elasticsearch are not this version's. Errors go to stderr.
"""

from __future__ import annotations

import sqlite3
import sys

import typer

from wirewatch.alerts.searches import BadSearches
from wirewatch.backup.manifest import BadBackup
from wirewatch.batches import BadFile
from wirewatch.cli import (
    alerts,
    archive,
    clusters,
    export,
    feeds,
    fetch,
    indices,
    local,
    pages,
    preview,
    revisions,
    searches,
    stories,
    topics,
    troubles,
    upkeep,
    web,
)
from wirewatch.dedup.segments import Damaged
from wirewatch.local.paths import Trouble
from wirewatch.pipeline.frame import RunFailed
from wirewatch.pipeline.turns import Busy
from wirewatch.search.language import BadQuery
from wirewatch.search.request import BadRequest, TooSlow
from wirewatch.settings import BadOptions
from wirewatch.store import MappingDiffers, Unavailable
from wirewatch.topics.rules import BadRules
from wirewatch.upkeep.disk import NoRoom

FAILED, WRONG_USE, NO_ELASTICSEARCH, GUARDED, WRONG_MAPPING = 1, 2, 3, 4, 5

app = typer.Typer(
    name="wirewatch",
    help="Open media monitoring: feeds in, wire copies grouped, stories searchable, alerts out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
stories.register(app)
clusters.register(app)
revisions.register(app)
fetch.register(app)
local.register(app)
web.register(app)
upkeep.register(app)
troubles.register(app)
export.register(app)
preview.register(alerts.alerts)
app.add_typer(feeds.app, name="feeds")
app.add_typer(searches.app, name="searches")
app.add_typer(alerts.channels, name="channels")
app.add_typer(alerts.alerts, name="alerts")
app.add_typer(pages.app, name="pages")
app.add_typer(archive.app, name="archive")
app.add_typer(local.es_app, name="es")
app.add_typer(indices.app, name="index")
app.add_typer(topics.app, name="topics")


def main() -> None:
    """Runs the command; known troubles become one line on stderr and an exit code."""
    try:
        app()
    except BadOptions as error:
        _leave(WRONG_USE, *error.problems)
    except (BadSearches, BadRules) as error:
        _leave(WRONG_USE, *error.problems)
    except BadQuery as error:
        _leave(WRONG_USE, f"query: {error}")
    except BadRequest as error:
        _leave(WRONG_USE, str(error))
    except Unavailable as error:
        _leave(NO_ELASTICSEARCH, str(error))
    except MappingDiffers as error:
        _leave(WRONG_MAPPING, str(error))
    except (RunFailed, TooSlow, Trouble, BadFile, Damaged, Busy, NoRoom, BadBackup) as error:
        _leave(FAILED, str(error))
    except (OSError, sqlite3.OperationalError) as error:  # a full disk, a folder shut to us
        _leave(FAILED, f"a file cannot be read or written: {error}")


def _leave(code: int, *lines: str) -> None:
    for line in lines:
        print(f"wirewatch: {line}", file=sys.stderr)  # noqa: T201 - a command's own output
    sys.exit(code)
