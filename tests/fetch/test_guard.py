"""Addresses and the allow-list."""

import socket

import pytest

from wirewatch.fetch.guard import Guard, Guarded, refusal


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
