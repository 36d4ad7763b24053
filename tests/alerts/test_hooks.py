"""Slack's blocks and Teams' cards: within their limits, and no title can call or link."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests import makers, sites
from tests.alerts.receivers import Clock, channel, only, raised, search, states
from tests.makers import NOW
from wirewatch.alerts.channels import slack, teams, webhook
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.messages import Message
from wirewatch.records import Alert, ChannelKind, DeliveryKind, Passage
from wirewatch.settings import Settings, project_root
from wirewatch.store import Store


def alert(name: str, title: str, **fields: object) -> Alert:
    return makers.alert(makers.story(name, title=title), "trams", **fields)


def note(*alerts: Alert, **fields: object) -> Message:
    given = {
        "id": "0123456789abcdef01234567",
        "kind": DeliveryKind.DIGEST,
        "search_id": "trams",
        "search_name": "Trams",
        "at": NOW,
        "alerts": alerts,
        "page": "https://watch.example",
    }
    return Message(**{**given, **fields})


SCHEMA = json.loads((project_root() / "docs" / "webhook.schema.json").read_text("utf-8"))
HOSTILE = (
    "<!channel> &lt; *stop* [here](http://evil.example) <http://evil.example|x>\n> it\x00\u202e"
)
LONG = "&" * 5_000


def wordy(number: int) -> Alert:
    return alert(
        f"t{number}",
        LONG,
        url="https://a.example/?" + "&" * 1_900,
        outlet=LONG,
        detail=LONG,
        topics=(LONG, LONG),
        excerpt=LONG,
        why=tuple(Passage(field="text", text=LONG, marks=((0, 4_000),)) for _ in range(9)),
    )


@pytest.mark.parametrize("kind", DeliveryKind)
def test_a_webhook_gets_what_the_schema_says(kind: DeliveryKind) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    validator.validate(json.loads(json.dumps(webhook.document(note(kind=kind, text="T")))))
    full = note(wordy(1), alert("t", "Trams", published=NOW), kind=kind)
    validator.validate(json.loads(json.dumps(webhook.document(full))))


@pytest.mark.parametrize("count", [1, 47, 48, 500])
def test_slack_takes_it_all(count: int) -> None:
    made = slack.document(note(*(wordy(n) for n in range(count)), search_name=LONG, text=LONG))
    assert len(made["blocks"]) <= 50
    for block in made["blocks"]:
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= 150
        elif block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3_000
    told = sum(block["type"] == "section" for block in made["blocks"]) - 1  # one is the words
    foot = json.dumps(made["blocks"][-1])
    assert told == count or f"and {count - told} more" in foot


@pytest.mark.parametrize("count", [1, 10, 500])
def test_teams_takes_it_all(count: int) -> None:
    texts = note(*(wordy(n) for n in range(count)), search_name=LONG, text=LONG)
    wide = note(*(alert(f"t{n}", "電車" * 400, excerpt="電車" * 900) for n in range(count)))
    for message in (texts, wide):
        made = teams.document(message)
        sent = json.dumps(made, ensure_ascii=False).encode()
        assert len(sent) <= 28_000
        [told] = [one["content"] for one in made["attachments"]]
        shown = sum(one["type"] == "Container" for one in told["body"])
        assert shown >= 1
        assert shown == count or f"and {count - shown} more" in json.dumps(told)


def test_slack_shows_a_title_as_text() -> None:
    made = slack.document(note(alert("t", HOSTILE, excerpt=HOSTILE, outlet=HOSTILE)))
    [section] = [one["text"]["text"] for one in made["blocks"] if one["type"] == "section"]
    links = [part.partition("|")[0] for part in section.split("<")[1:]]
    assert links == ["http://a.example/t", "https://watch.example/story/t"]
    assert "&lt;!channel&gt; &amp;lt;" in section
    assert "<!channel>" not in made["text"]


def test_teams_shows_a_title_as_text() -> None:
    made = teams.document(note(alert("t", HOSTILE, excerpt=HOSTILE, outlet=HOSTILE)))
    body = made["attachments"][0]["content"]["body"]
    kinds = {one["type"] for one in body} | {
        i["type"] for one in body for i in one.get("items", ())
    }
    assert kinds == {"RichTextBlock", "Container"}  # a TextBlock would read Markdown
    runs = [
        run for one in body for block in (one.get("items") or [one]) for run in block["inlines"]
    ]
    links = [run["selectAction"]["url"] for run in runs if "selectAction" in run]
    assert links == ["http://a.example/t", "https://watch.example/story/t"]
    assert all(run["text"].isprintable() for run in runs)


def test_no_address_but_of_the_web_becomes_a_link() -> None:
    for bad in ("javascript:alert(1)", "data:text/html,x", "https://a b", "http://a\nb", ""):
        message = note(alert("t", "Trams", url=bad), page="")
        assert "javascript" not in json.dumps(slack.document(message))
        assert "selectAction" not in json.dumps(teams.document(message))


@pytest.mark.es
@pytest.mark.parametrize(
    ("kind", "taken"), [(ChannelKind.SLACK, "blocks"), (ChannelKind.TEAMS, "attachments")]
)
def test_a_receiver_like_theirs_takes_each_message_once(
    store: Store, options: Settings, clock: Clock, kind: ChannelKind, taken: str
) -> None:
    """Refused for its form first, then busy, then taken."""
    said = [sites.Answer("invalid_blocks", 400), sites.Answer("rate_limited", 429)]

    def answer(asked: sites.Request) -> sites.Answer:
        assert taken in json.loads(asked.body)
        return said.pop(0) if said else sites.Answer("ok")

    with sites.serve(answer) as site:
        allowed = options.with_options(alerts__allow="127.0.0.1:*")
        channel(store, "team", f"http://127.0.0.1:{site.port}/services/T0KEN", kind=kind)
        raised(store, search(store, "team"), 1)
        deliver(store, allowed, clock=clock)
        assert "invalid_blocks" in only(store).error
        for _ in range(3):
            clock.ahead(minutes=5)
            deliver(store, allowed, clock=clock)
        assert states(store) == {"sent": 1}
        assert len(site.asked) == 3
        assert len({one.headers["Idempotency-Key"] for one in site.asked}) == 1
