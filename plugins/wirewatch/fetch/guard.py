"""Where the client may connect to: checked after DNS, at connect time, for every redirect.

Two locks. The resolver hands out checked addresses only, and those are what is connected to: a
name that resolves differently the second time gains nothing. The socket factory checks each
address again on its way to ``connect``, literal addresses too.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import aiohttp
from ada_url import URL
from aiohttp.abc import AbstractResolver, ResolveResult

from wirewatch.fetch import urls

PORTS = frozenset({80, 443})
DNS_THREADS = 64  # getaddrinfo blocks a thread; names that do not answer must not hold up the rest
DNS_KEPT = 300  # seconds a checked answer is used again within one run
ADDRESSES = 16_384  # verdicts over addresses kept: those of a large run, some 2 MB

Lookup = Callable[[str, int], Awaitable[list[str]]]

# What an address must not be, in words; the first that holds is told. IANA special-purpose
# registries (RFC 6890), and two addresses inside public space that serve cloud metadata.
_REFUSED = tuple(
    (ip_network(network), words)
    for network, words in (
        ("169.254.169.254/32", "a cloud metadata address"),
        ("168.63.129.16/32", "a cloud metadata address"),
        ("fd00:ec2::254/128", "a cloud metadata address"),
        ("100.100.100.200/32", "a cloud metadata address"),
        ("127.0.0.0/8", "a loopback address"),
        ("::1/128", "a loopback address"),
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("fc00::/7", "a private address"),
        ("169.254.0.0/16", "a link-local address"),
        ("fe80::/10", "a link-local address"),
        ("100.64.0.0/10", "a carrier-grade NAT address"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("2002::/16", "a 6to4 address"),
        ("192.88.99.0/24", "a 6to4 address"),
        ("2001::/32", "a Teredo address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("::/96", "an IPv4-compatible address"),
        ("192.0.0.0/24", "a reserved address"),
        ("3fff::/20", "a reserved address"),  # documentation; Python knows it since 3.13
    )
)


class Guarded(Exception):
    """The guard refuses a URL or an address; the message says why."""


@lru_cache(maxsize=ADDRESSES)
def refusal(address: str) -> str:
    """Why an address is not connected to, in words; "" for a public one."""
    parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    for network, words in _REFUSED:
        if parsed.version == network.version and parsed in network:
            return words
    # IPv6 outside 2000::/3 is not handed out to anybody yet
    assigned = parsed.version == 4 or parsed in IPv6Network("2000::/3")
    return "" if parsed.is_global and assigned else "a reserved address"


class Guard:
    """Decides over schemes, ports and addresses; ``allow`` opens single hosts, as ``host:port``.

    Host and port of a pattern may hold ``*``: ``*.localhost:8765``, ``127.0.0.1:*``. A pattern is
    compared with the host as the URL writes it, never with what a name resolves to.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        # fnmatch will not do: it takes the brackets of an IPv6 address for a set of letters
        self._allow = [
            re.compile(re.escape(pattern.lower()).replace(r"\*", ".*")) for pattern in allow
        ]
        self._opened: set[tuple[str, int]] = set()  # addresses an allowed host resolved to
        self._passed: set[str] = set()  # origins whose URL has been checked

    def allows(self, host: str, port: int) -> bool:
        """Whether the allow-list opens this host on this port."""
        name = f"{host.lower().rstrip('.')}:{port}"
        return any(pattern.fullmatch(name) for pattern in self._allow)

    def check_url(self, url: str) -> None:
        """Raises Guarded when scheme, port, userinfo or a literal address is refused.

        ``url`` is what :func:`urls.absolute` gave, so that its origin can be cut off as text.
        """
        origin = urls.origin(url)
        if origin not in self._passed:
            self._check_origin(url)
            self._passed.add(origin)

    def _check_origin(self, url: str) -> None:
        try:
            parsed = URL(url)
        except ValueError as error:
            raise Guarded(f"not a URL: {url[: urls.SHOWN]!a}") from error
        if parsed.protocol not in ("http:", "https:"):
            raise Guarded(f"scheme {parsed.protocol.rstrip(':')} is not http or https")
        if parsed.username or parsed.password:
            raise Guarded(f"the URL of {parsed.hostname} holds a user name or password")
        host = parsed.hostname
        port = int(parsed.port or (80 if parsed.protocol == "http:" else 443))
        if self.allows(host, port):
            return
        if port not in PORTS:
            raise Guarded(f"port {port} of {host} is not allowed: only 80 and 443 are")
        try:
            ip_address(host.strip("[]"))
        except ValueError:
            return  # a name: its addresses are checked when it is resolved
        self.check_address(host, host.strip("[]"), port)

    def check_address(self, host: str, address: str, port: int) -> None:
        """Raises Guarded when the host must not be reached here; remembers allowed ones."""
        words = refusal(address)
        if not words:
            return
        if self.allows(host, port) or self.allows(f"[{host}]", port):
            self._opened.add((address, port))
            return
        where = host if host.strip("[]") == address else f"{host} resolves to {address}, which"
        raise Guarded(f"{where} is {words}")

    def make_socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket for an address about to be connected to; raises Guarded when that is refused."""
        family, kind, proto, _, where = info
        address, port = str(where[0]), int(str(where[1]))
        words = refusal(address)
        if (
            words
            and (address, port) not in self._opened
            and not self._allows_literal(address, port)
        ):
            raise Guarded(f"{address} is {words}")
        return socket.socket(family=family, type=kind, proto=proto)

    def _allows_literal(self, address: str, port: int) -> bool:
        return self.allows(address, port) or self.allows(f"[{address}]", port)


class SystemLookup:
    """Addresses of a name from the system's resolver, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Its addresses, best first. Raises OSError when there is none."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(row[4][0]) for row in found))

    def close(self) -> None:
        """Drops look-ups that have not begun; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Resolves names to addresses that the guard lets pass. ``.localhost`` is 127.0.0.1
    (RFC 6761, section 6.3), which is refused like any loopback address unless allowed.
    """

    def __init__(self, guard: Guard, timeout: float, lookup: Lookup | None = None) -> None:
        self._guard = guard
        self._timeout = timeout
        self._system = SystemLookup() if lookup is None else None
        self._lookup: Lookup = lookup or self._system  # type: ignore[assignment]
        self._known: dict[tuple[str, int], tuple[float, list[ResolveResult]]] = {}

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 (both are tried)
    ) -> list[ResolveResult]:
        """The addresses to connect to; those that passed are known for ``DNS_KEPT`` seconds.

        Raises Guarded when none of the name's addresses may be connected to, OSError when the name
        has none or its servers do not answer in time.
        """
        until, found = self._known.get((host, port), (0.0, []))
        now = time.monotonic()
        if until <= now:
            found = self._checked(host, port, await self._addresses(host, port))
            self._known[host, port] = (now + DNS_KEPT, found)
        return found

    async def _addresses(self, host: str, port: int) -> list[str]:
        name = host.lower().rstrip(".")
        if name == "localhost" or name.endswith(".localhost"):
            return ["127.0.0.1"]
        try:
            async with asyncio.timeout(self._timeout):
                return await self._lookup(host, port)
        except TimeoutError as error:
            message = f"no answer from the name servers in {self._timeout:g} s"
            raise socket.gaierror(socket.EAI_AGAIN, message) from error
        except UnicodeError as error:  # a label longer than 63 bytes
            raise socket.gaierror(socket.EAI_NONAME, "not a valid host name") from error

    def _checked(self, host: str, port: int, addresses: list[str]) -> list[ResolveResult]:
        passed, refused = [], []
        for address in addresses:
            try:
                self._guard.check_address(host, address, port)
                passed.append(address)
            except Guarded as why:
                refused.append(why)
        if not passed and refused:
            raise refused[0]
        if not passed:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in passed
        ]

    async def close(self) -> None:
        """Lets the look-up threads go."""
        if self._system is not None:
            self._system.close()


def connector(guard: Guard, resolver: GuardedResolver, idle: float) -> aiohttp.TCPConnector:
    """A connector that reaches nothing the guard refuses; keeps a connection ``idle`` seconds."""
    return aiohttp.TCPConnector(
        resolver=resolver,
        socket_factory=guard.make_socket,
        limit=0,  # the client counts its requests itself, one a host
        limit_per_host=0,
        keepalive_timeout=idle,
        use_dns_cache=False,  # the resolver keeps what it checked; aiohttp's takes a task a name
        enable_cleanup_closed=False,
    )
