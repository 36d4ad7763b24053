"""``wirewatch ingest``, ``search``, ``show``, ``status`` and ``alert``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, Stages, err, out, print_json, print_table, shown
from wirewatch.fetch.urls import BadURL, normalise
from wirewatch.pipeline.account import COUNTED, format_account, summarise
from wirewatch.pipeline.flow import ALERTS, DELIVER, INGEST
from wirewatch.pipeline.runner import run_flow
from wirewatch.records import Story, stable_id, utc_now
from wirewatch.search.read import NOT_SHOWN
from wirewatch.search.search import search
from wirewatch.store import Store, connect


class Sort(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


def register(app: typer.Typer) -> None:
    """Adds the commands to the application."""
    app.command("ingest")(ingest)
    app.command("alert")(alert)
    app.command("search")(search_stories)
    app.command("show")(show)
    app.command("status")(status)


def ingest(
    run: Annotated[str, typer.Option(help="Id of a killed run to go on with.")] = "",
    wait: Annotated[
        float | None,
        typer.Option(min=0, help="Seconds to wait for another ingest's end; 0: refuse at once."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Runs the pipeline once, without Airflow. Polls the feeds that are due."""
    given = options()
    with Stages() as stages:
        account = run_flow(
            INGEST, given, run or None, begins=stages.begin, tick=stages.tick, wait=wait
        )
    if as_json:
        print_json(account)
        return
    for line in format_account(account):
        out.print(line)


def alert(as_json: AsJson = False) -> None:
    """Matches saved searches with new stories and sends the alerts."""
    given = options()
    stages = {**run_flow(ALERTS, given).stages, **run_flow(DELIVER, given).stages}
    counts = {k: v for stage in stages.values() for k, v in stage.items() if k not in COUNTED}
    if as_json:
        print_json(counts)
        return
    for name, count in counts.items():
        out.print(f"{count:>6} {name.replace('_', ' ')}")


def search_stories(
    query: Annotated[str, typer.Argument(help='As port strike agency:reuters -"own goal"')],
    sort: Annotated[Sort, typer.Option(help="What comes first.")] = Sort.NEWEST,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many hits are shown.")] = 10,
    copies: Annotated[
        bool, typer.Option("--copies", help="Show every copy, not one line a report.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Searches the stories. Shows one line a report, with the number of its copies."""
    with connect(options()) as store:
        results = search(
            store,
            query,
            sort=sort.value,
            collapse="none" if copies else "cluster",
            size=limit,
            now=utc_now(),
        )
    if as_json:
        print_json(results, NOT_SHOWN)
        return
    for note in results.notes:
        err.print(f"wirewatch: {note}", markup=False)
    print_table(
        ("published", "outlet", "title", "copies", "agency", "id"),
        (
            (
                hit.story.time,
                hit.story.article.outlet,
                hit.story.article.title,
                f"+{hit.copies - 1}" if hit.copies > 1 else "",
                hit.story.agency,
                hit.story.id,
            )
            for hit in results.hits
        ),
    )
    err.print(f"{results.stories} stories in {results.clusters} clusters")


def show(
    story: Annotated[str, typer.Argument(help="Id or address of a story.")],
    as_json: AsJson = False,
) -> None:
    """Shows a story, its cluster, and why it is in that."""
    with connect(options()) as store:
        found = find_story(store, story)
        if found is None:
            err.print(f"wirewatch: there is no story with the id or address {story}")
            raise typer.Exit(1)
        cluster = store.clusters.resolve(found.cluster_id)
    if as_json:
        print_json({"story": found, "cluster": cluster})
        return
    article = found.article
    out.print(shown(article.title), style="bold")
    facts = [
        ("outlet", article.outlet),
        ("by", ", ".join(article.authors)),
        ("agency", found.agency and f"{found.agency} ({found.agency_evidence})"),
        ("published", article.published and f"{article.published:%Y-%m-%d %H:%M} UTC"),
        ("first seen", f"{article.first_seen:%Y-%m-%d %H:%M} UTC"),
        ("language", article.language),
        ("topics", ", ".join(f"{t.name} ({'; '.join(t.why)})" for t in found.topics)),
        ("address", article.canonical_url),
        ("cluster", found.cluster_id),
    ]
    if cluster:
        facts.append(("copies", f"{len(cluster.stories) - 1} others"))
        facts.append(("lead", "this story" if cluster.lead == found.id else cluster.lead))
        facts.append(("why it leads", cluster.lead_reason))
    if found.link:
        link = found.link
        facts.append(
            (
                "linked",
                f"{link.relation} of {link.story_id}: {link.containment:.0%} of it is there, "
                f"{link.containment_of:.0%} of that is here",
            )
        )
        facts += [("shared", passage) for passage in link.shared]
    for name, value in facts:
        if value:
            out.print(f"{name:>12}  {shown(value)}")
    out.print()
    out.print(shown(article.text))


def find_story(store: Store, named: str) -> Story | None:
    """The story of an id or an address, or None; leaves with exit code 2 for a bad address."""
    identity = named
    if "://" in named:
        try:
            url = normalise(named)
        except BadURL as error:
            err.print(f"wirewatch: {named!r}: {error}")
            raise typer.Exit(2) from error
        identity = stable_id("story", url)
        page = store.pages.get([stable_id("page", url)])
        for found in page.values():
            identity = found.story_id or identity
    return store.stories.stories([identity]).get(identity)


def status(as_json: AsJson = False) -> None:
    """Shows counts of feeds, pages and stories, and the last runs."""
    with connect(options()) as store:
        store.refresh()
        feeds, pages, stories = store.feeds.count(), store.pages.count(), store.stories.count()
        runs, alerts = store.runs.latest(5), store.alerts.count()
    if as_json:
        print_json(
            {"feeds": feeds, "pages": pages, **stories, "alerts": alerts, "runs": list(runs)}
        )
        return
    out.print("feeds     " + _counts(feeds))
    for name, reasons in sorted(pages.items()):
        why = {reason: count for reason, count in reasons.items() if reason}
        out.print(
            f"pages     {sum(reasons.values())} {name}" + (f": {_counts(why)}" if why else "")
        )
    out.print(f"stories   {stories['stories']} in {stories['clusters']} clusters")
    for name in ("topics", "languages", "agencies"):
        out.print(f"{name:<10}{_counts(stories[name])}")
    out.print(f"alerts    {alerts}")
    for run in runs:
        did = summarise(run)
        words = f"{run.kind} {run.state}" + (f": {did}" if did else "")
        out.print(f"run       {run.started:%Y-%m-%d %H:%M} {words} ({run.id})")
        for problem in run.problems:
            out.print(f"          {problem}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
