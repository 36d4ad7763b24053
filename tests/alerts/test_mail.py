"""Mail from end to end: a real SMTP server on loopback takes it, refuses it, or hangs."""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import makers
from tests.alerts import postmen
from tests.alerts.postmen import Postman
from tests.alerts.receivers import Clock, Receiver, channel, only, raised, search, states
from tests.fetch.test_certificate import made as certificate
from tests.makers import NOW
from wirewatch.alerts import unsubscribe
from wirewatch.alerts.channels import bars, kept
from wirewatch.alerts.channels.letter import letter
from wirewatch.alerts.channels.made import BadChannel
from wirewatch.alerts.deliver import deliver
from wirewatch.alerts.messages import Message
from wirewatch.records import (
    Channel,
    ChannelKind,
    DeliveryKind,
    Every,
    Passage,
    replace,
    utc_now,
)
from wirewatch.settings import BadOptions, Settings, load
from wirewatch.store import Store

FROM = "Wirewatch <alerts@watch.example>"
PAGES = "https://watch.example"


@pytest.fixture
def postman() -> Iterator[Postman]:
    with postmen.serve(Postman()) as made:
        yield made


@pytest.fixture
def options(options: Settings, postman: Postman) -> Settings:
    return mailing(options, postman)


def mailing(options: Settings, postman: Postman, **more: object) -> Settings:
    """The options with the server, reached in the clear unless told otherwise."""
    given = {
        "mail__host": "127.0.0.1",
        "mail__port": postman.port,
        "mail__security": "none",
        "mail__from": FROM,
        "mail__timeout": 5,
        "alerts__url": PAGES,
        "alerts__allow": "127.0.0.1:*",
    }
    return options.with_options(**{**given, **more})


def mailed(store: Store, name: str = "desk", **fields: object) -> Channel:
    return channel(
        store,
        name,
        "ann@desk.example",
        **{"kind": ChannelKind.MAIL, "secret": "whsec_c2VjcmV0", **fields},
    )


def note(*alerts: object, **fields: object) -> Message:
    given = {
        "id": "0123456789abcdef01234567",
        "kind": DeliveryKind.ALERT,
        "search_id": "trams",
        "search_name": "Trams",
        "at": NOW,
        "alerts": alerts,
        "page": PAGES,
    }
    return Message(**{**given, **fields})


DESK = Channel(
    id="desk", name="Desk", kind=ChannelKind.MAIL, address="ann@desk.example", secret="s" * 40
)


@pytest.mark.es
def test_a_mail_says_what_was_found_and_how_to_end_it(
    store: Store, options: Settings, postman: Postman, clock: Clock
) -> None:
    desk = mailed(store)
    [alert] = raised(store, search(store, "desk"), 1)
    assert deliver(store, options, clock=clock)["sent"] == 1
    assert deliver(store, options, clock=clock)["sent"] == 0
    [mail] = postman.got
    [envelope] = postman.envelopes
    assert envelope.mail_from == "alerts@watch.example"
    assert envelope.rcpt_tos == ["ann@desk.example"]
    assert mail["Subject"] == f"Strikes: {alert.title}"
    assert mail["Message-ID"] == f"<{only(store).id}@watch.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = unsubscribe.link(PAGES, desk, "s")
    assert mail["List-Unsubscribe"] == f"<{link}>"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert alert.title in body
        assert alert.url in body
        assert f"{PAGES}/story/{alert.story_id}" in body
        assert link.replace("&", "&amp;") in body


@pytest.mark.es
def test_a_digest_shows_the_volume_of_two_weeks(
    store: Store, options: Settings, postman: Postman, clock: Clock
) -> None:
    mailed(store)
    of = search(store, "desk", every=Every.DAY, zone="Europe/Berlin")
    raised(store, replace(of, channels=()), 2, NOW - timedelta(days=3))
    raised(store, of, 4, NOW)
    clock.ahead(days=1)
    assert deliver(store, options, clock=clock)["sent"] == 1
    [mail] = postman.got
    text = mail.get_body(("plain",)).get_content()
    assert "the last 14 days: 0 0 0 0 0 0 0 0 0 2 0 0 4 0" in text
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    html = mail.get_body(("related", "html")).as_string()
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html.replace("=3D", "=").replace("=\n", "")
    assert picture.get_content_disposition() == "inline"


def test_what_a_story_says_is_no_header_and_no_markup() -> None:
    hostile = "Fire<script>alert(1)</script>\r\nBcc: all@desk.example\r\n\r\n.\r\n\x00\u202e"
    alert = makers.alert(
        makers.story("a", title=hostile),
        "trams",
        outlet=hostile,
        topics=(hostile,),
        detail=hostile,
        excerpt=hostile + '"><img src=x onerror=alert(1)>',
        url="javascript:alert(1)",
        why=(Passage(field="text", text=hostile, marks=((0, 4), (2, 9_999))),),
        language='en" onclick="x',
    )
    mail = letter(DESK, note(alert, search_name=hostile, text=hostile), FROM)
    sent = mail.as_bytes()
    names = [line.partition(b":")[0] for line in sent.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert b"Bcc" not in names
    assert mail["To"] == "ann@desk.example"
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html
    assert "onclick" not in html
    assert "\x00" not in html + mail.get_body(("plain",)).get_content()


def test_a_great_digest_stays_below_what_mail_programs_cut_off() -> None:
    words = "Every tram stood still while the drivers met in the old depot by the river. " * 9
    alerts = [
        makers.alert(
            makers.story(f"t{number}", title=f"Tram {number} {words[:90]}"),
            "trams",
            excerpt=words,
            outlet="Daily",
            why=(Passage(field="text", text=words[:300], marks=((6, 10),)),),
        )
        for number in range(500)
    ]
    mail = letter(DESK, note(*alerts, kind=DeliveryKind.DIGEST, volume=(3, 500)), FROM)
    html = mail.get_body(("html",)).get_content()
    assert len(html.encode()) < 102_000
    assert "and 380 more" in html  # told by number, so that nobody takes them for all
    assert "and 380 more" in mail.get_body(("plain",)).get_content()


def test_a_long_link_stays_one_word() -> None:
    """Folded as other headers are, it would be encoded, and no mail program would know it."""
    long = replace(DESK, id="d" * 64)
    mail = letter(long, note(search_id="s" * 64), FROM)
    sent = mail.as_bytes().replace(b"\r\n ", b" ")
    [line] = [one for one in sent.split(b"\r\n") if one.startswith(b"List-Unsubscribe:")]
    link = line.decode().partition(": ")[2].strip("<>")
    assert link == unsubscribe.link(PAGES, long, "s" * 64)


@pytest.mark.es
def test_three_refusals_of_the_address_switch_it_off(
    store: Store, options: Settings, postman: Postman, clock: Clock
) -> None:
    mailed(store)
    raised(store, search(store, "desk"), 5)
    postman.rcpt = lambda _: "550 5.1.1 no such mailbox here"
    for _ in range(6):
        deliver(store, options, clock=clock)
        clock.ahead(minutes=20)
    assert postman.asked == 3
    [desk] = store.channels.all()
    assert "no such mailbox here" in desk.off
    assert states(store) == {"dead": 5}
    postman.rcpt = lambda _: postmen.OK
    kept.switch_on(store, "desk")
    assert store.channels.get("desk").failures == 0  # type: ignore[union-attr]


@pytest.mark.es
@pytest.mark.parametrize(
    "said", ["450 4.2.0 greylisted, come back", "550 5.7.1 relaying denied", "421 too busy"]
)
def test_what_is_no_fault_of_the_address_is_tried_again(
    store: Store, options: Settings, postman: Postman, clock: Clock, said: str
) -> None:
    mailed(store)
    raised(store, search(store, "desk"), 2)
    postman.rcpt = lambda _: said
    for _ in range(5):
        deliver(store, options, clock=clock)
        clock.ahead(minutes=20)
    assert postman.asked == 5
    postman.rcpt = lambda _: postmen.OK
    deliver(store, options, clock=clock)
    assert states(store) == {"sent": 2}


@pytest.mark.es
def test_a_mail_that_was_taken_in_silence_comes_again_as_the_same(
    store: Store, options: Settings, postman: Postman, clock: Clock
) -> None:
    mailed(store)
    raised(store, search(store, "desk"), 1)
    taken: list[bytes] = []

    def once(content: bytes) -> str:
        taken.append(content)
        return postmen.OK if len(taken) > 1 else "451 lost my mind after I took it"

    postman.data = once
    deliver(store, options, clock=clock)
    clock.ahead(minutes=5)
    deliver(store, options, clock=clock)
    keys = [line for one in taken for line in one.split(b"\r\n") if line.startswith(b"Message-ID")]
    assert len(keys) == 2
    assert keys[0] == keys[1]


@pytest.mark.es
def test_a_mail_server_that_hangs_holds_up_no_webhook(
    store: Store, options: Settings, hook: Receiver, clock: Clock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = options.with_options(mail__port=silent.getsockname()[1], mail__timeout=1)
        mailed(store)
        channel(store, "hook", hook.url)
        raised(store, search(store, "desk", "hook"), 10)
        counts = deliver(store, hangs, clock=clock)
    assert counts["sent"] == 10
    assert counts["failed"] == 1
    [(failed, _)] = [one for one in store.deliveries.find() if one[0].attempts and one[0].error]
    assert "no answer in time" in failed.error


@pytest.mark.es
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd takes tls for none
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_encrypted_and_the_login_is_ours(
    store: Store, options: Settings, clock: Clock, tmp_path: Path, security: str
) -> None:
    context = certificate(tmp_path, utc_now() + timedelta(days=1), "localhost")
    how = {"tls_context": context, "require_starttls": True}
    if security == "tls":
        how = {"ssl_context": context}
    postman = Postman()
    with postmen.serve(
        postman, authenticator=postman.login, auth_required=True, auth_require_tls=False, **how
    ):
        safe = mailing(
            options,
            postman,
            mail__host="localhost",
            mail__security=security,
            mail__user="watch",
            mail__password="open sesame",
            mail__ca_file=str(tmp_path / "both.pem"),
        )
        mailed(store)
        raised(store, search(store, "desk"), 1)
        deliver(store, safe.with_options(mail__ca_file=""), clock=clock)
        assert postman.logins == []  # nothing is told to a server that nobody vouches for
        assert "certificate" in only(store).error.lower()
        clock.ahead(minutes=5)
        deliver(store, safe.with_options(mail__password="guess"), clock=clock)
        assert "535" in only(store).error
        assert "guess" not in only(store).error
        clock.ahead(minutes=5)
        deliver(store, safe, clock=clock)
    assert states(store) == {"sent": 1}
    assert len(postman.got) == 1


@pytest.mark.es
def test_without_encryption_nothing_is_sent_where_it_is_asked_for(
    store: Store, options: Settings, postman: Postman, clock: Clock
) -> None:
    mailed(store)
    raised(store, search(store, "desk"), 1)
    deliver(store, options.with_options(mail__security="starttls"), clock=clock)
    assert postman.got == []
    assert "STARTTLS" in only(store).error


@pytest.mark.es
def test_addresses_are_looked_at_before_they_are_kept(store: Store, options: Settings) -> None:
    store.settings = options.with_options(mail__host="")
    with pytest.raises(BadChannel, match=r"mail\.host"):
        kept.keep(store, "desk", ChannelKind.MAIL, "ann@desk.example", "")
    store.settings = options
    for wrong in ("ann", "ann@", "@desk.example", "a b@desk.example", "ann@desk..example",
                  "ann@desk.example\nBcc: bob@desk.example", "ann@-desk.example",
                  "a" * 65 + "@desk.example", "ann@" + "d" * 300 + ".example"):  # fmt: skip
        with pytest.raises(BadChannel):
            kept.keep(store, "desk", ChannelKind.MAIL, wrong, "")
    made = kept.keep(store, "desk", ChannelKind.MAIL, "ann@büro.example", "")
    assert made.address == "ann@xn--bro-hoa.example"


def test_options_of_mail_that_cannot_work_together_are_refused() -> None:
    for given in (
        {"mail__host": "mail.example"},
        {"mail__from": "nobody"},
        {"mail__security": "perhaps"},
        {"mail__security": "none", "mail__user": "me"},
    ):
        with pytest.raises(BadOptions):
            load({}).with_options(**given)


def test_the_picture_is_a_png_of_bars() -> None:
    values = (0, 1, 4, 2)
    png = bars.picture(values)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        assert (
            zlib.crc32(kind + data) == struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0]
        )
        chunks[kind], at = data, at + 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (width + 1)
    columns = [
        sum(rows[y * (width + 1) + 1 + x] == bars.FULL for y in range(height))
        for x in (slot * (bars.BAR + bars.GAP) for slot in range(len(values)))
    ]
    most = height - bars.BASE
    assert columns == [0, most // 4, most, most // 2]
