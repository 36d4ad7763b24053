"""``wirewatch compare``, ``cluster``, ``clusters`` and ``dedup``: why copies stand together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table
from wirewatch.cli.stories import find_story
from wirewatch.dedup.agency import wire_shares
from wirewatch.dedup.explain import compare_stories, history, render_comparison, render_history
from wirewatch.dedup.manual import BadDecision
from wirewatch.pipeline.by_hand import merge_clusters, split_cluster
from wirewatch.pipeline.fingerprints import check_fingerprints, rebuild_fingerprints
from wirewatch.pipeline.index import ClustersChanged
from wirewatch.records import Article, Cluster, Story, utc_now
from wirewatch.store import Store, connect

clusters_app = typer.Typer(help="Clusters: list them, change them by hand.", no_args_is_help=True)
dedup_app = typer.Typer(help="The fingerprint index.", no_args_is_help=True)

LARGEST_FILE = 5_000_000  # bytes of a text file to compare: as long as a text may be


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("compare")(compare)
    app.command("cluster")(show_cluster)
    app.command("outlets")(outlets)
    app.add_typer(clusters_app, name="clusters")
    app.add_typer(dedup_app, name="dedup")


def compare(
    one: Annotated[str, typer.Argument(help="A story's id or address, or a text file.")],
    other: Annotated[str, typer.Argument(help="The other, in the same way.")],
    as_json: AsJson = False,
) -> None:
    """Says whether two stories are copies, and why. Shows the evidence and a word diff."""
    given = options()
    if Path(one).is_file() and Path(other).is_file():
        pair = _read(one), _read(other)
    else:
        with connect(given) as store:
            pair = _story(store, one), _story(store, other)
    comparison = compare_stories(*pair, given)
    if as_json:
        print_json(comparison)
    else:
        out.print(render_comparison(comparison))


def _story(store: Store, named: str) -> Story:
    if Path(named).is_file():
        return _read(named)
    found = find_story(store, named)
    if found is None:
        err.print(f"wirewatch: there is no story with the id or address {named}, and no such file")
        raise typer.Exit(1)
    return found


def _read(name: str) -> Story:
    """A text file as a story: the first line is the title where an empty one follows it."""
    file = Path(name)
    if file.stat().st_size > LARGEST_FILE:
        err.print(f"wirewatch: {name} is larger than {LARGEST_FILE:,} bytes")
        raise typer.Exit(2)
    text = file.read_text("utf-8", "replace").strip()
    first, _, rest = text.partition("\n\n")
    titled = bool(rest) and "\n" not in first
    article = Article(
        url=name,
        canonical_url=name,
        title=first if titled else "",
        text=rest.strip() if titled else text,
        first_seen=utc_now(),
    )
    return Story(id=name, article=article)


def show_cluster(
    cluster: Annotated[str, typer.Argument(help="Id of a cluster, or of one merged into it.")],
    as_json: AsJson = False,
) -> None:
    """Shows the copies of a report, and what each changed. The earliest comes first."""
    with connect(options()) as store:
        found = store.clusters.resolve(cluster)
        if found is None:
            err.print(f"wirewatch: there is no cluster {cluster}")
            raise typer.Exit(1)
        stories = store.stories.stories(list(found.stories))
    changes = history(found, stories)
    if as_json:
        print_json({"cluster": found, "copies": changes})
    else:
        out.print(render_history(found, changes))


@clusters_app.command("list")
def list_clusters(
    limit: Annotated[int, typer.Option(min=1, help="How many, the largest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Lists the clusters with the most copies."""
    with connect(options()) as store:
        largest = sorted(store.clusters.all(), key=lambda one: -len(one.stories))[:limit]
        leads = store.stories.stories([one.lead for one in largest])
    if as_json:
        print_json(largest)
        return
    print_table(
        ("copies", "outlets", "agency", "first", "lead", "id"),
        (
            (len(one.stories), one.outlets, one.agency, one.first, _title(one, leads), one.id)
            for one in largest
        ),
    )


def _title(cluster: Cluster, leads: dict[str, Story]) -> str:
    lead = leads.get(cluster.lead)
    return lead.article.title if lead else cluster.lead


def outlets(as_json: AsJson = False) -> None:
    """Lists the outlets. Shows how much of each is wire copy, and of which agencies."""
    with connect(options()) as store:
        shares = wire_shares(store.stories.agencies())
    if as_json:
        print_json(shares)
        return
    print_table(
        ("outlet", "stories", "wire", "share", "agencies"),
        (
            (
                share.outlet,
                share.stories,
                share.wire,
                f"{share.share:.0%}",
                ", ".join(f"{agency} {count}" for agency, count in share.agencies.items()),
            )
            for share in shares
        ),
    )


@clusters_app.command("split")
def split(
    cluster: Annotated[str, typer.Argument(help="Id of the cluster.")],
    stories: Annotated[list[str], typer.Argument(help="Ids of the stories to take out.")],
) -> None:
    """Moves stories into a cluster of their own. Later runs do not undo it."""
    given = options()
    with connect(given) as store:
        made = _decide(lambda: split_cluster(store, given, cluster, stories))
    out.print(f"{len(stories)} stories are now cluster {made}")


@clusters_app.command("merge")
def merge(
    into: Annotated[str, typer.Argument(help="Id of the cluster that stays.")],
    other: Annotated[str, typer.Argument(help="Id of the cluster that will redirect to it.")],
) -> None:
    """Merges two clusters. Later runs do not undo it."""
    given = options()
    with connect(given) as store:
        kept = _decide(lambda: merge_clusters(store, given, into, other))
    out.print(f"{other} now redirects to {kept}")


def _decide(act: Callable[[], str]) -> str:
    try:
        return act()
    except (BadDecision, ClustersChanged) as error:
        err.print(f"wirewatch: {error}")
        raise typer.Exit(1) from error


@dedup_app.command("check")
def check() -> None:
    """Reads every segment of the fingerprint index and names those that are damaged."""
    given = options()
    with connect(given, prepare=False) as store:
        problems = check_fingerprints(store, given, utc_now())
    for problem in problems:
        err.print(f"wirewatch: {problem}")
    if problems:
        err.print("wirewatch: make the index anew with 'wirewatch dedup rebuild'")
        raise typer.Exit(1)
    out.print("every segment is whole")


@dedup_app.command("rebuild")
def rebuild() -> None:
    """Makes the fingerprint index anew from the stories inside the window."""
    given = options()
    with connect(given) as store:
        count = rebuild_fingerprints(store, given, utc_now())
    out.print(f"the index has the fingerprints of {count} stories")
