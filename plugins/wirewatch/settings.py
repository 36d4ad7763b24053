"""Every option of wirewatch in one table, read once and validated at start.

An option's value is, first found wins: the environment (``WIREWATCH_`` + the name in capitals,
dots as underscores), ``config/wirewatch.toml`` (``WIREWATCH_CONFIG`` names another file), the
default here. :func:`load` raises :class:`BadOptions`, which lists every wrong option at once.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wirewatch.options import (
    Option,
    as_ages,
    as_http,
    as_months,
    as_one_of,
    as_public,
    as_secret,
    as_sender,
    days_option,
    list_option,
    number_option,
    text_option,
    whole_option,
)
from wirewatch.pipeline.flow import longest_wait


class BadOptions(ValueError):
    """One or more options are wrong; ``problems`` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


# Seconds that an option may let a task wait at the most: none outlasts the task's time-out.
ASKING = longest_wait("poll", "fetch")
EXTRACTING = longest_wait("extract")
ANY_STAGE = longest_wait()
# Budgets that a lease outlasts: after it fetched, a run works about as long, and tries again.
LEASE_BUDGETS = 4

OPTIONS: tuple[Option, ...] = (
    # Places. Relative paths start at the project's root.
    text_option("state", ".wirewatch", "folder or fsspec URL of archive, batches, fingerprints"),
    text_option("archive.root", "", "folder or URL of the WARC archive; empty: archive/ in state"),
    text_option("config_dir", "config", "folder of feeds.opml, topics/, searches/, agencies.toml"),
    # Elasticsearch
    Option(
        "elasticsearch.url",
        "http://127.0.0.1:9200",
        as_http,
        "an http or https URL",
        "where Elasticsearch answers; ELASTICSEARCH_URL is read too",
    ),
    text_option("elasticsearch.user", "", "user for basic authentication; empty for none"),
    text_option("elasticsearch.password", "", "password for basic authentication"),
    text_option("elasticsearch.api_key", "", "API key; wins over user and password"),
    text_option("elasticsearch.ca_file", "", "certificate authority of an https server"),
    text_option("elasticsearch.prefix", "wirewatch", "first word of every index name"),
    number_option("elasticsearch.timeout", 30, 1, ANY_STAGE, "seconds one request may take"),
    whole_option("elasticsearch.replicas", 0, 0, 5, "replicas of each new index"),
    whole_option("elasticsearch.shards", 1, 1, 64, "shards of each new month of stories"),
    # A run
    whole_option("run.pages", 5_000, 1, 100_000, "pages a run takes at the most; the rest waits"),
    whole_option("run.feeds", 20_000, 1, 1_000_000, "feeds one run polls at the most"),
    whole_option("run.partitions", 4, 1, 256, "batches a run's pages are spread over, by host"),
    text_option("run.schedule", "*/2 * * * *", "cron expression of the DAG ingest"),
    number_option("run.lease", 1_800, 60, 86_400, "seconds a run holds a page before another may"),
    number_option("run.wait", 60, 0, 120, "seconds a run waits for another of its kind to end"),
    # What is kept for how long; 0 keeps it for ever
    text_option("maintain.schedule", "40 3 * * *", "cron expression of the DAG maintain"),
    days_option("keep.batches", 7, "files that stages of a run hand on, after the run's end"),
    days_option("keep.texts", 30, "full texts of feed entries in pages that are done"),
    days_option("keep.pages", 365, "pages that are indexed and that no feed names any more"),
    days_option("keep.failed", 90, "the same for pages that are rejected or dead"),
    whole_option("keep.listed", 2_000, 1, 10_000, "newest pages of a feed that always stay"),
    days_option("keep.runs", 90, "accounts of runs"),
    days_option("keep.alerts", 365, "alerts; starred ones always stay"),
    days_option("keep.deliveries", 90, "messages that were sent or given up"),
    days_option("keep.revisions", 0, "earlier versions of stories; 0: as long as their stories"),
    Option(
        "keep.stories",
        0,
        as_months,
        "0, or a whole number from 2 to 1200",
        "whole months before this one whose stories are kept, with their clusters",
    ),
    days_option("keep.archive", 0, "archived pages, at least two; without them no rebuild"),
    number_option("keep.archive_gb", 0, 0, 1e6, "GB of archived pages; 0: no limit"),
    days_option("keep.hosts", 30, "the pace of hosts that are asked no more"),
    days_option("keep.airflow", 30, "rows of Airflow's own database"),
    days_option("keep.task_logs", 30, "logs of Airflow's tasks"),
    whole_option("disk.reserve", 1_000, 0, 10_000_000, "MB to be free for a run; 0: no matter"),
    # Fetching
    text_option("fetch.contact", "", "mail address or page that the User-Agent names"),
    list_option("fetch.allow", (), "host:port patterns the guard lets pass, as *.localhost:8765"),
    number_option("fetch.delay", 1.0, 0, 3_600, "seconds between requests to a host, at least"),
    number_option("fetch.wait", 30, 0, ASKING, "seconds a run waits for a host's Retry-After"),
    number_option("fetch.timeout", 30, 0.1, ASKING, "seconds one request may take in all"),
    number_option("fetch.connect_timeout", 10, 0.1, 120, "seconds DNS may take, and connecting"),
    number_option("fetch.min_speed", 1_000, 0, 1e6, "bytes a second that a body must bring"),
    number_option("fetch.grace", 10, 0.1, ASKING, "seconds until a body's speed counts"),
    whole_option("fetch.max_bytes", 10_000_000, 1_000, 1_000_000_000, "bytes of a page, unpacked"),
    whole_option("fetch.redirects", 5, 0, 20, "redirects followed at the most"),
    whole_option("fetch.connections", 500, 1, 10_000, "requests under way at once in a task"),
    number_option("fetch.budget", 90, 1, ASKING, "seconds a run fetches pages; the rest waits"),
    number_option(
        "fetch.retry_pause",
        3,
        0,
        ASKING,
        "seconds before the one retry after a 5xx or a body that was cut off",
    ),
    whole_option("fetch.attempts", 6, 1, 100, "times a page is tried before it is dead"),
    number_option("fetch.backoff", 1_800, 1, 86_400, "seconds to a page's 2nd try; then doubled"),
    # Looking at young stories again
    text_option("revisit.schedule", "*/30 * * * *", "cron expression of the DAG revisit"),
    Option(
        "revisit.ages",
        ("1", "6", "24"),
        as_ages,
        "hours in rising order, separated by commas, up to 8760; none: never",
        "ages at which a story's page is looked at again",
    ),
    number_option("revisit.confirm", 1_800, 0, 604_800, "seconds from a 404 until the next look"),
    whole_option("revisit.pages", 5_000, 1, 100_000, "pages a run looks at again at the most"),
    # Alerts
    whole_option(
        "alerts.crowd", 500, 1, 1_000_000, "searches of one owner: those of more are matched last"
    ),
    whole_option("alerts.owner_cap", 1_000, 1, 1_000_000, "alerts of one owner in an hour"),
    whole_option("alerts.preview", 5_000, 100, 100_000, "stories a preview looks at"),
    whole_option("alerts.clauses", 2_000, 100, 100_000, "saved searches' clauses in one request"),
    number_option("alerts.timeout", 10, 0.1, 120, "seconds one try of a message may take"),
    number_option("alerts.backoff", 10, 0.1, 3_600, "seconds to a 2nd try; then doubled"),
    number_option("alerts.longest_backoff", 900, 1, 86_400, "seconds between tries at the most"),
    number_option("alerts.give_up", 72, 1, 8_760, "hours a message is tried until it is dead"),
    number_option(
        "alerts.budget", 50, 1, 600, "seconds one run of `deliver` sends; the rest waits"
    ),
    Option(
        "alerts.url",
        "",
        as_public,
        "empty or an http or https URL",
        "where readers reach `wirewatch serve`: messages link to it; empty: they have no links",
    ),
    list_option("alerts.allow", (), "host:port patterns of allowed webhooks in your own network"),
    # Troubles of the installation, and whom they are told
    list_option("troubles.channels", ("log",), "ids of the channels that troubles are told by"),
    text_option("watch.schedule", "*/2 * * * *", "cron expression of the DAG watch"),
    number_option("troubles.calm", 10, 0, 1_440, "minutes a trouble is away until that is told"),
    Option(
        "troubles.airflow",
        "",
        as_public,
        "empty or an http or https URL",
        "Airflow's server, asked whether its scheduler lives; empty: the one started here",
    ),
    number_option("troubles.run_minutes", 60, 1, 10_080, "minutes from which a run is too long"),
    number_option(
        "troubles.late_minutes", 30, 0, 10_080, "minutes without a run, at least; 0: no matter"
    ),
    number_option("troubles.quiet_minutes", 60, 10, 10_080, "minutes without a story, at least"),
    number_option(
        "troubles.hosts_percent",
        10,
        0,
        100,
        "hosts in 100 that fail at once, from which it is our network; 0: never",
    ),
    number_option("troubles.pages_hours", 6, 0.1, 720, "hours without a page fetched, one due"),
    number_option("troubles.messages_minutes", 30, 1, 10_080, "minutes a due message may wait"),
    number_option("troubles.match_minutes", 60, 1, 10_080, "minutes a story may wait for alerts"),
    number_option("troubles.dead_days", 7, 0, 365, "days that messages given up are a trouble"),
    number_option("troubles.disk_days", 7, 0, 365, "days ahead that a full disk is told"),
    # Mail
    text_option("mail.host", "", "SMTP server that alerts are mailed by; empty: no mail"),
    whole_option("mail.port", 587, 1, 65_535, "its port; 465 goes with the security tls"),
    Option(
        "mail.security",
        "starttls",
        as_one_of("starttls", "tls", "none"),
        "starttls, tls or none",
        "how the connection is encrypted; none: only for a server on your own machine",
    ),
    text_option("mail.ca_file", "", "certificate authority of the server; empty: the system's"),
    text_option("mail.user", "", "user for the login; empty for none"),
    text_option("mail.password", "", "password for the login"),
    Option(
        "mail.from",
        "",
        as_sender,
        "empty, an address, or Name <address>",
        "whom mail comes from; replies and bounces go there",
    ),
    number_option(
        "mail.timeout", 60, 1, 300, "seconds one mail may take: servers think at its end"
    ),
    # Feeds
    number_option("feeds.shortest", 300, 10, 86_400, "seconds between polls of the busiest feed"),
    number_option("feeds.longest", 86_400, 300, 604_800, "seconds between a quiet feed's polls"),
    number_option("feeds.first", 900, 10, 86_400, "seconds between polls of a feed not yet known"),
    number_option("feeds.budget", 60, 1, ASKING, "seconds a run polls; the rest waits"),
    number_option("feeds.sitemap_days", 3, 0.1, 365, "days after which sitemap entries are left"),
    whole_option("feeds.sitemap_children", 5, 1, 100, "sitemaps of an index a poll reads"),
    # WebSub: hubs push new entries to the web app
    Option(
        "websub.callback",
        "",
        as_public,
        "empty or an http or https URL",
        "where hubs reach `wirewatch serve` from outside; empty: feeds are only polled",
    ),
    number_option("websub.lease", 864_000, 600, 31_536_000, "seconds a hub is asked to push for"),
    whole_option("websub.requests", 500, 1, 100_000, "requests to hubs a run makes at the most"),
    # What runs on this machine
    text_option("local.folder", ".wirewatch", "folder of pid files, secrets, data and logs"),
    text_option("local.cache", "", "folder of downloads; empty: the user's cache"),
    whole_option("local.elasticsearch_port", 9200, 1024, 65_535, "its port; if taken, a free one"),
    whole_option("local.elasticsearch_heap", 1024, 256, 31_744, "MiB of Elasticsearch's heap"),
    text_option("local.elasticsearch_user", "", "user it runs as under root; empty: nobody"),
    whole_option("local.newsroom_port", 8765, 1024, 65_535, "its port; if taken, a free one"),
    whole_option("local.log_mb", 50, 1, 10_000, "MB from which a log is put aside"),
    whole_option("local.log_files", 5, 1, 100, "logs that were put aside and are kept, of each"),
    # Airflow on this machine
    whole_option("airflow.port", 8080, 1024, 65_535, "port of its page; if taken, a free one"),
    whole_option("airflow.parallelism", 4, 1, 64, "tasks that run at once"),
    whole_option("airflow.timeout", 1_800, 60, 86_400, "seconds the demo waits for a run"),
    # Extraction
    whole_option("extract.processes", 0, 0, 256, "extraction processes; 0: one a core"),
    number_option(
        "extract.timeout",
        20,
        0.1,
        longest_wait("extract"),
        "seconds one page may take in extraction",
    ),
    whole_option("extract.memory", 1_024, 64, 65_536, "MB an extraction process may allocate"),
    whole_option("extract.recycle", 2_000, 1, 1_000_000, "pages before a process is replaced"),
    whole_option("extract.pages", 10, 1, 50, "pages of an article joined; 1: only its first"),
    whole_option("extract.min_chars", 140, 1, 10_000, "characters an article has at least"),
    whole_option("extract.max_chars", 200_000, 1_000, 10_000_000, "characters kept of a text"),
    whole_option("extract.paywall_chars", 900, 0, 10_000, "shorter text at a paywall is a stub"),
    whole_option("extract.login_chars", 400, 0, 10_000, "with less text a login form is refused"),
    whole_option("extract.consent_percent", 6, 1, 100, "consent words in 100 that make a wall"),
    whole_option("extract.index_links", 10, 2, 1_000, "linked headlines that make an index page"),
    # Deduplication: which stories are copies of one report
    number_option("dedup.window_strong", 72, 1, 720, "hours for which the usual rule holds"),
    number_option("dedup.window_weak", 168, 1, 720, "hours within which stories are compared"),
    whole_option("dedup.frequency_cap", 64, 4, 10_000, "stories a rare fingerprint may be in"),
    whole_option("dedup.candidates", 8, 1, 100, "stories compared with each story at the most"),
    number_option("dedup.certainty", 0.5, 0.05, 1, "probability from which a story is a copy"),
    number_option("dedup.resemblance", 0.25, 0.05, 1, "Jaccard from which texts share a cluster"),
    number_option("dedup.excerpt", 0.85, 0.1, 1, "share of an excerpt that its report must have"),
    whole_option("dedup.growth", 500, 2, 1_000_000, "stories a cluster may gain a day unwarned"),
    whole_option("dedup.text_limit", 200_000, 1_000, 5_000_000, "characters of a text compared"),
    text_option("dedup.cache", "", "folder for copies of remote segments; empty: a temporary one"),
    text_option("dedup.agencies_extra", "", "file of further agencies, like config/agencies.toml"),
    # Search
    whole_option("search.max_length", 10_000, 100, 100_000, "characters a query may have"),
    whole_option("search.max_clauses", 200, 1, 5_000, "words, phrases and values in a query"),
    whole_option("search.max_depth", 10, 1, 12, "brackets and NOTs inside one another"),
    whole_option("search.max_prefixes", 20, 0, 200, "words a query may have that end in a star"),
    whole_option("search.max_slop", 50, 0, 1_000, 'the largest N in "a b"~N'),
    number_option("search.timeout", 20, 0.1, 600, "seconds a search may take"),
    # The API and the pages
    text_option("web.host", "127.0.0.1", "address that wirewatch serve listens on"),
    whole_option("web.port", 8790, 0, 65_535, "port it listens on; 0: any free one"),
    list_option("web.names", (), "names it is reached by, beside localhost and bare addresses"),
    list_option("web.proxies", (), "addresses of proxies whose X-Forwarded-For is believed"),
    Option(
        "web.secret",
        "",
        as_secret,
        "empty or at least 32 characters",
        "what sessions and cursors are signed with; empty: made once and kept in local.folder",
    ),
    number_option("web.session", 12, 0.1, 720, "hours until a user must log in again"),
    whole_option("web.rate", 600, 1, 1_000_000, "requests a minute of a key or address"),
    whole_option("web.burst", 100, 1, 100_000, "requests a key or address may make at once"),
    whole_option("web.connections", 200, 1, 10_000, "connections at once; more get a 503"),
    whole_option("web.max_bytes", 1_000_000, 1_000, 100_000_000, "bytes of a request's body"),
    number_option("web.metrics", 10, 0, 300, "seconds for which /metrics gives figures again"),
)

BY_NAME = {option.name: option for option in OPTIONS}


class Settings(Mapping[str, Any]):
    """The validated options by dotted name: ``settings["fetch.timeout"]``."""

    def __init__(self, values: Mapping[str, Any], root: Path) -> None:
        self._values = dict(values)
        self.root = root

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def with_options(self, **changes: Any) -> Settings:
        """A copy with some options set, dots written as double underscores; for tests and tools.

        Raises BadOptions as :func:`load` does.
        """
        named = {name.replace("__", "."): value for name, value in changes.items()}
        values, problems = _check({k: (v, "given") for k, v in named.items()})
        changed = {**self._values, **{name: values[name] for name in named if name in values}}
        problems = problems or _conflicts(changed)
        if problems:
            raise BadOptions(problems)
        return Settings(changed, self.root)

    @property
    def config_dir(self) -> Path:
        """The folder of the configuration files, absolute."""
        return self.root / str(self["config_dir"])

    @property
    def state(self) -> str:
        """Root of the state, as an absolute path or an fsspec URL."""
        state: str = self["state"]
        return state if "://" in state else str(self.root / state)


def project_root() -> Path:
    """Where config/ and dags/ are: WIREWATCH_ROOT, else two folders above this package."""
    given = os.environ.get("WIREWATCH_ROOT")
    return Path(given) if given else Path(__file__).resolve().parents[2]


def load(environ: Mapping[str, str] | None = None, root: Path | None = None) -> Settings:
    """The settings in force.

    Raises BadOptions with every unknown or malformed option, where it was set and what is allowed.
    """
    environ = os.environ if environ is None else environ
    root = root or project_root()
    given: dict[str, tuple[Any, str]] = {}
    problems: list[str] = []
    file = Path(environ.get("WIREWATCH_CONFIG", root / "config" / "wirewatch.toml"))
    if file.exists():
        try:
            given.update(_flatten(tomllib.loads(file.read_text("utf-8")), str(file)))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file}: not valid TOML: {error}")
    elif "WIREWATCH_CONFIG" in environ:
        problems.append(f"WIREWATCH_CONFIG: there is no file {file}")
    if environ.get("ELASTICSEARCH_URL"):
        given["elasticsearch.url"] = (environ["ELASTICSEARCH_URL"], "ELASTICSEARCH_URL")
    env_names = {option.env: option.name for option in OPTIONS}
    for variable, value in environ.items():
        if variable in env_names:
            given[env_names[variable]] = (value, variable)
        elif variable.startswith("WIREWATCH_") and variable not in NOT_OPTIONS:
            problems.append(f"{variable}: there is no such option; see docs/options.md")
    values, wrong = _check(given)
    problems += wrong or _conflicts(values)
    if problems:
        raise BadOptions(problems)
    return Settings(values, root)


NOT_OPTIONS = {"WIREWATCH_CONFIG", "WIREWATCH_ROOT"}  # they say where to look, before options exist


def _flatten(table: Mapping[str, Any], source: str, prefix: str = "") -> dict[str, tuple[Any, str]]:
    flat: dict[str, tuple[Any, str]] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, source, f"{prefix}{key}."))
        else:
            flat[prefix + key] = (value, source)
    return flat


def _check(given: Mapping[str, tuple[Any, str]]) -> tuple[dict[str, Any], list[str]]:
    values = {option.name: option.default for option in OPTIONS}
    problems = []
    for name, (value, source) in given.items():
        option = BY_NAME.get(name)
        if option is None:
            problems.append(f"{name} (in {source}): there is no such option; see docs/options.md")
            continue
        written = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        try:
            values[name] = option.parse(written)
        except (ValueError, KeyError):
            problems.append(f"{name} = {written!r} (in {source}): must be {option.allowed}")
    return values, problems


def _conflicts(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with options that are right each by itself."""
    problems = []
    lease, budget = values["run.lease"], values["fetch.budget"]
    if lease < LEASE_BUDGETS * budget:
        problems.append(
            f"run.lease = {lease:g}: must be at least {LEASE_BUDGETS} times fetch.budget "
            f"({budget:g}): another run would take pages that this one still works on"
        )
    if values["mail.host"] and not values["mail.from"]:
        problems.append("mail.from is empty: with mail.host set, mail must come from somebody")
    if values["mail.user"] and values["mail.security"] == "none":
        problems.append("mail.security = none: mail.password would be sent for all to read")
    return problems


def render() -> str:
    """The options as the page ``docs/options.md``."""
    lines = [
        "# Options",
        "",
        "Written by `make docs` from the table in `plugins/wirewatch/settings.py`.",
        "",
        "An option is set in `config/wirewatch.toml` (`[fetch]` `delay = 2.0`) or in the",
        "environment (`WIREWATCH_FETCH_DELAY=2.0`), which wins. Where options are wrong, every",
        "command stops with exit code 2 and lists them. `WIREWATCH_CONFIG` names another file,",
        "`WIREWATCH_ROOT` another folder that has config/ and dags/.",
        "",
        "| option | default | allowed | what it is for |",
        "|---|---|---|---|",
    ]
    for option in OPTIONS:
        shown = option.default
        default = ", ".join(shown) if isinstance(shown, tuple) else str(shown)
        lines.append(
            f"| `{option.name}` | {f'`{default}`' if default else 'empty'} | {option.allowed} "
            f"| {option.about} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
