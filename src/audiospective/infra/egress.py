"""Calls to addresses that people typed: to the open internet alone, never to this machine, its network, or a cloud's inner services.

A name is looked up once, and the connection goes to what was looked at, so that no second answer can lead elsewhere; redirects aren't
followed. Hosts that whoever runs this instance lists (LOCAL_HOSTS) are let through.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from audiospective.errors import Invalid

_LONGEST = 2000
#: Addresses of version 6 that stand for one of version 4 (RFC 6052).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
#: Of one site or provider alone, which Python counts as global: RFC 3879's, and where some clouds tell their machines secrets.
_WITHIN = (ipaddress.ip_network("fec0::/10"), ipaddress.ip_network("192.0.0.0/24"))


def check_address(url: str, local_hosts: Iterable[str] = (), *, field: str) -> str:
    """The address, if it may be called; raises Invalid. What its name leads to is looked at when it is called."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, (parts.hostname or "").lower()
        host.encode("idna")  # what has a label that is empty or too long can't be looked up, and fails there as no answer does
    except ValueError:
        port, host, parts = None, "", urlsplit("")
    is_listed = host in local_hosts
    is_secure = parts.scheme == "https" or (is_listed and parts.scheme == "http")
    is_plain = url.isascii() and url.isprintable() and " " not in url.strip() and len(url) <= _LONGEST
    if not is_plain or not host or parts.username or parts.fragment or not is_secure:
        raise Invalid("This isn't an address that can be called from here; it begins with https:// and names a host.", field=field)
    if not is_listed and (port not in {None, 443, 8443} or not _may_be_public(host)):
        raise Invalid("This address leads to this machine or its network; only public hosts are called, on port 443 or 8443.", field=field)
    return url.strip()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        inner = ip.ipv4_mapped or ip.sixtofour or translated
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in network for network in _WITHIN)


class PublicResolver(AbstractResolver):
    """Looks names up, and refuses those that lead anywhere but to the open internet."""

    def __init__(self, local_hosts: Iterable[str]) -> None:
        self._local_hosts = frozenset(local_hosts)
        self._inner = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """The addresses of a host, all of them public, or OSError."""
        found = await self._inner.resolve(host, port, family)
        if host.lower() not in self._local_hosts and not all(is_public(one["host"]) for one in found):
            raise OSError("this host isn't one of the open internet")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._inner.close()


def public_session(local_hosts: Iterable[str] = (), *, agent: str) -> aiohttp.ClientSession:
    """For calls to addresses that `check_address` let through; no cookies, no redirects by default of its callers, every wait bounded."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=30),
        connector=aiohttp.TCPConnector(limit=20, resolver=PublicResolver(local_hosts), use_dns_cache=False),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": agent},
        trust_env=False,
    )


def _may_be_public(host: str) -> bool:
    """False for an IP address that is none; names are looked up when they are called."""
    try:
        return is_public(host)
    except ValueError:
        return not host.endswith((".localhost", ".local", ".internal")) and "." in host
