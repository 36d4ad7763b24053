"""``wirewatch topics``: why a story has its topics, and what a rule file would tag."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wirewatch.cli.context import options
from wirewatch.cli.output import AsJson, err, out, print_json, print_table, shown
from wirewatch.cli.stories import find_story
from wirewatch.search.request import prepare
from wirewatch.store import connect
from wirewatch.topics import rules
from wirewatch.topics.copies import decides
from wirewatch.topics.tagger import Tagger, choose, tags

app = typer.Typer(help="Topics: why a story has them, what rules would give.", no_args_is_help=True)

WORDS = 12  # words shown of a topic; --json has all


@app.command("explain")
def explain(
    story: Annotated[str, typer.Argument(help="Id or address of a story.")],
    as_json: AsJson = False,
) -> None:
    """Shows the points of every topic that anything speaks for, by the rules as they are now."""
    given = options()
    tagger = Tagger.load(given.config_dir / "topics")
    with connect(given) as store:
        found = find_story(store, story)
        if found is None:
            err.print(f"wirewatch: there is no story with the id or address {story}")
            raise typer.Exit(1)
        copies = store.stories.of_clusters([found.cluster_id]).get(found.cluster_id, [])
    source = decides(found, copies, tagger)
    reading = tagger.read(source.article)
    named = {one.code for one in choose(reading.weighed)}
    rows = [
        {
            "code": one.code,
            "name": one.name,
            "points": round(one.points, 1),
            "given": one.code in named,
            "evidence": [
                {"kind": kind, "shown": text, "points": round(points, 1)}
                for kind, text, points in reading.evidence(one.code)
            ],
        }
        for one in reading.weighed
    ]
    if as_json:
        print_json({"story": found.id, "read": source.id, "topics": rows})
        return
    if source.id != found.id:
        out.print(f"as in the longest text of the report, story {source.id}")
    for one, row in zip(reading.weighed, rows, strict=True):
        mark = "given" if row["given"] else ""
        out.print(f"{one.points:>6.1f}  {mark:<5}  {shown(one.name)} ({one.code})")
        for kind, text, points in reading.evidence(one.code)[:WORDS]:
            out.print(f"{points:>14.1f}  {kind}: {shown(text)}")
    if not rows:
        err.print(f"nothing speaks for a topic; its language is {source.article.language}")


@app.command("test")
def try_file(
    file: Annotated[Path, typer.Argument(help="A rule file, as in config/topics/custom.")],
    query: Annotated[str, typer.Option(help="Of which stories, in the search language.")] = "*",
    limit: Annotated[int, typer.Option(min=1, help="How many stories, the newest first.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Shows which stories of the archive a rule file would tag, and by which words."""
    try:
        loaded = rules.load_one(file)
    except FileNotFoundError as error:
        err.print(f"wirewatch: there is no file {file}")
        raise typer.Exit(2) from error
    tagger = Tagger(loaded)
    read = 0
    tagged = []
    untold: set[str] = set()
    with connect(options()) as store:
        asked = prepare(store, query)
        for story in store.stories.newest(asked.dsl, limit):
            read += 1
            if tagger.knows(story.article.language):
                tagged += [(story, tag) for tag in tags(tagger.read(story.article))]
            else:
                untold.add(story.article.language)
    if as_json:
        print_json(
            {"stories": read, "tagged": [{"story": one.id, "topic": tag} for one, tag in tagged],
             "languages_without_rules": sorted(untold)}
        )  # fmt: skip
        return
    print_table(
        ("published", "outlet", "title", "score", "why", "id"),
        (
            (one.time, one.article.outlet, one.article.title, f"{tag.score:.2f}",
             "; ".join(tag.why), one.id)
            for one, tag in tagged
        ),
    )  # fmt: skip
    err.print(f"{len(tagged)} of {read} stories")
    if untold:
        err.print(f"no rules for stories in {', '.join(sorted(untold))}")
