"""Addresses and the allow-list."""

from __future__ import annotations

import errno
import socket

import pytest
from aiohttp import web

from tests.fetch.servers import settings, site
from wirewatch.fetch import guard as guard_module
from wirewatch.fetch import loop, urls
from wirewatch.fetch.answers import Failure, Response
from wirewatch.fetch.client import Client
from wirewatch.fetch.guard import Guard, Guarded, GuardedResolver, refusal
from wirewatch.records import Reason


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "reserved"),
        ("::", "IPv4-compatible"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd12::1", "private"),
        ("169.254.169.254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("169.254.1.1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.0.1", "carrier-grade"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:1::", "Teredo"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("198.18.0.1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("4000::1", "reserved"),
        ("0.1.2.3", "reserved"),
        ("192.0.0.8", "reserved"),
        ("192.0.2.1", "reserved"),
        ("198.51.100.7", "reserved"),
        ("203.0.113.9", "reserved"),
        ("192.88.99.1", "6to4"),
        ("fd00::1", "private"),
        ("fc00::1", "private"),
        ("fec0::1", "reserved"),  # site-local, of old
        ("3fff::1", "reserved"),
        ("::ffff:0:7f00:1", "reserved"),  # IPv4-translated
        ("::127.0.0.1", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("64:ff9b:1::7f00:1", "NAT64"),
        ("239.255.255.250", "multicast"),
        ("100.100.100.200", "metadata"),
    ],
)
def test_addresses_that_are_not_public(address: str, words: str) -> None:
    assert words in refusal(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert refusal(address) == ""


def test_the_allow_list_opens_single_hosts_and_ports() -> None:
    guard = Guard(("*.localhost:8765", "127.0.0.1:*", "[::1]:80"))
    guard.check_url("http://a.localhost:8765/")
    guard.check_url("http://127.0.0.1:9/")
    guard.check_url("http://[::1]/")
    for url in ("http://a.localhost:8766/", "http://127.0.0.2/", "http://evil.example:8765/"):
        with pytest.raises(Guarded):
            guard.check_url(url)
    with pytest.raises(Guarded):  # a foreign name gains nothing from an opened address
        guard.check_address("evil.example", "127.0.0.1", 80)


def test_the_second_lock_checks_what_is_connected_to() -> None:
    guard = Guard(("a.localhost:8765",))

    def connect(address: str, port: int) -> None:
        guard.make_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))).close()

    connect("8.8.8.8", 80)
    with pytest.raises(Guarded, match="loopback"):
        connect("127.0.0.1", 8765)
    guard.check_address("a.localhost", "127.0.0.1", 8765)
    connect("127.0.0.1", 8765)
    with pytest.raises(Guarded, match="private"):
        connect("10.0.0.1", 8765)


async def lookup(host: str, _: int) -> list[str]:
    """Only the test's own server has an address: an inner one must be refused without asking."""
    assert host == "start.test", f"{host} was looked up"
    return ["127.0.0.1"]


async def get_redirected(target: str) -> Response | Failure:
    """What a page that redirects there comes to."""

    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    given = settings(fetch__allow="start.test:*")
    async with site({"/": handler}) as port, Client(given, lookup) as client:
        return await client.get(f"http://start.test:{port}/")


async def get_alone(url: str) -> Response | Failure:
    async with Client(settings(fetch__allow="start.test:*"), lookup) as client:
        return await client.get(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "%31%32%37.0.0.1",
        "１２７.０.０.１",
        "127。0。0。1",
        "0",
        "0.0.0.0",
        "255.255.255.255",
        "10.0.0.1",
        "0xa.0.0.1",
        "169.254.169.254",
        "0251.0376.0251.0376",
        "2852039166",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:a9fe:a9fe::1]",
        "[fd00::1]",
        "[fe80::1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ⓛocalhost",
        "a.b.localhost",
    ],
)
def test_no_spelling_of_an_inner_address_is_asked(host: str) -> None:
    url = f"http://{host}/latest/meta-data"
    alone = loop.run(get_alone(url))
    redirected = loop.run(get_redirected(url))
    assert isinstance(alone, Failure)
    assert isinstance(redirected, Failure)
    assert (alone.reason, redirected.reason) == (Reason.GUARDED, Reason.GUARDED)
    assert len(redirected.hops) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://[fe80::1%25eth0]/", "not a URL"),  # WHATWG knows no zones
        ("http://[fe80::1%eth0]/", "not a URL"),
        ("http://127.0.0.1@example.org/", "user name"),
        ("http://:secret@example.org/", "user name"),
        ("http://example.org:80:80/", "not a URL"),
        ("http://example.org:65536/", "not a URL"),
        ("http://256.256.256.256/", "not a URL"),
        ("http://1.2.3.4.5/", "not a URL"),
        ("http://exa\u00admple.org%00.evil/", "not a URL"),
        ("gopher://example.org/", "scheme gopher"),
        ("data:text/html,x", "scheme data"),
    ],
)
def test_what_is_no_url_to_fetch(url: str, words: str) -> None:
    answer = loop.run(get_alone(url))
    assert isinstance(answer, Failure)
    assert answer.reason == Reason.BAD_URL
    assert words in answer.detail
    assert "secret" not in answer.detail


@pytest.mark.parametrize("port", [21, 22, 25, 81, 3306, 6379, 8080, 9200, 65535])
def test_ports_other_than_the_web_s(port: int) -> None:
    answer = loop.run(get_alone(f"http://example.org:{port}/"))
    assert isinstance(answer, Failure)
    assert answer.reason == Reason.GUARDED
    assert f"port {port}" in answer.detail


def test_a_name_for_the_metadata_service_is_refused() -> None:
    async def metadata(_: str, __: int) -> list[str]:
        return ["169.254.169.254"]

    async def run() -> Response | Failure:
        async with Client(settings(), metadata) as client:
            return await client.get("http://metadata.example/computeMetadata/v1/")

    answer = loop.run(run())
    assert isinstance(answer, Failure)
    assert answer.reason == Reason.GUARDED
    assert "169.254.169.254, which is a cloud metadata address" in answer.detail


def test_of_a_mixed_answer_only_public_addresses_are_left() -> None:
    async def mixed(_: str, __: int) -> list[str]:
        return ["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111"]

    async def run() -> list[str]:
        found = await GuardedResolver(Guard(), 1, mixed).resolve("mixed.example", 80)
        return [one["host"] for one in found]

    assert loop.run(run()) == ["8.8.8.8", "2606:4700::1111"]


def test_a_name_that_turns_private_is_refused_the_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first answer is public; connecting there is cut off, since tests use no network."""
    monkeypatch.setattr(guard_module, "DNS_KEPT", 0)
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    connected: list[str] = []

    async def turning(_: str, __: int) -> list[str]:
        return answers.pop(0)

    def no_network(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        connected.append(str(info[4][0]))
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    async def run() -> list[Response | Failure]:
        client = Client(settings(), turning)
        monkeypatch.setattr(client.guard, "make_socket", no_network)
        async with client:
            return [await client.get("http://turn.example/", robots=False) for _ in range(2)]

    first, second = loop.run(run())
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert (first.reason, second.reason) == (Reason.CONNECT, Reason.GUARDED)
    assert "turn.example resolves to 127.0.0.1, which is a loopback address" in second.detail
    assert connected == ["8.8.8.8"]
    assert answers == []


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """A name is looked up once: what it would resolve to later is never asked."""
    answers = [["127.0.0.1"]]

    async def once(_: str, __: int) -> list[str]:
        return answers.pop(0)

    async def run() -> list[Response | Failure]:
        given = settings(fetch__allow="once.test:*")
        async with site({"/x": "page"}) as port, Client(given, once) as client:
            return [await client.get(f"http://once.test:{port}/x") for _ in range(3)]

    assert all(isinstance(answer, Response) for answer in loop.run(run()))


def test_an_origin_is_cut_off_as_the_guard_reads_it() -> None:
    assert urls.origin("http://a.example/b//c") == "http://a.example"
    assert urls.origin("https://a.example:8443/") == "https://a.example:8443"
    # What absolute() never gives must not pass for another's origin
    for odd in ("https:///a/b", "https:////a/b", "mailto:a", "http://a", ""):
        assert urls.origin(odd) == odd
