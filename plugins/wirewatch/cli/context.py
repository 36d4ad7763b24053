"""Which settings a command works with: those given, and where what runs on this machine is."""

from __future__ import annotations

from wirewatch import settings
from wirewatch.cli.output import err
from wirewatch.local import paths, processes, sample
from wirewatch.local.elasticsearch import located
from wirewatch.settings import Settings


def options() -> Settings:
    """The settings in force; the local Elasticsearch's address where none is given.

    While the sample newsroom runs and no index prefix was chosen, commands look at its stories:
    that is what somebody who has just run the demo asks about. Raises BadOptions.
    """
    given = settings.load()
    found = located(given)
    if given["elasticsearch.prefix"] != settings.BY_NAME["elasticsearch.prefix"].default:
        return found
    running = processes.find(paths.run_folder(given), sample.NAME)
    if running is None:
        return found
    err.print("(the sample newsroom is running, so this is the demo's index)", style="dim")
    return sample.options(found, int(running.facts["port"]))
