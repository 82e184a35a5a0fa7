"""Does it answer, as a stranger sees it? Requests over HTTP to the public address."""

from __future__ import annotations

import contextlib
import re
import statistics
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import numpy as np

from audiospective.infra.clock import Clock
from audiospective.operations.health import SERVICES, State
from audiospective.operations.judge import Reading

_TIMEOUT = aiohttp.ClientTimeout(total=5)
#: The longest that an instance asks anybody to stay away.
_LATER_S = 10
#: What every answer must send (security headers), each with what it must say at least; the last only over https.
_HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "",  # one of _DISCREET
    "permissions-policy": "camera=()",
    "cross-origin-opener-policy": "same-origin",
}
#: Referrer policies that tell nobody else which page somebody was on; where several stand, the last one counts.
_DISCREET = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
#: What undoes a content security policy, wherever it stands in it.
_LOOSE = re.compile(r"'unsafe-|\*|(?<![\w-])(?:https?|data|blob):(?=;|\s|$)")
#: In it pictures may lie in the page itself.
_PICTURES = re.compile(r"img-src[^;]*")
_OVER_HTTPS = {"strict-transport-security": "max-age=63072000"}
#: Eight kinds of answer: the front page, a text, the status, a private page, something shared, what isn't there, refused JSON, JSON.
_KINDS = ("/", "/privacy", "/status", "/dashboard", "/share/nothing", "/no/such/page", "/api/stats", "/api/health")
_PAGES = ("/", "/privacy", "/terms")
_SAMPLES = 30
#: Calls of /api/health for one reading: several servers may answer, and one slow answer is no slow service.
CALLS = 5
_SIGN_IN = re.compile(r'<a [^<>]{0,200}href="/auth/spotify')
_LATENCY = re.compile(r"(\d{1,9})ms")
_TOLD = frozenset({"status", "version", "environment", "services"})
_SERVICES = frozenset({"database", "redis", "spotify"})
#: So far apart looks at the health must be to stand for some time.
_APART_S = 120.0

_SITE = (
    "home",
    "home_status",
    "headers_missing",
    "sign_in_controls",
    "sign_in_leads_to_spotify",
    "redirect_uri",
    "p50_ms",
    "p95_ms",
    "p99_ms",
)
_HEALTH = ("status", "database", "redis", "spotify", "slowest_ms", "version", "environment")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the instance is, where it sends people to sign in, and which version it should be."""

    url: str
    accounts_url: str
    version: str


async def look(http: aiohttp.ClientSession, target: Target, clock: Clock) -> dict[str, Reading]:
    """Every reading of pages and of `/api/health`; all unknown, with the reason, when nothing answers."""
    try:
        site = await _site(http, target, clock)
    except (aiohttp.ClientError, TimeoutError) as error:
        site = {f"site.{name}": _nothing(target, error) for name in _SITE}
    return site | await health(http, target, calls=CALLS)


async def home(http: aiohttp.ClientSession, target: Target) -> dict[str, Reading]:
    """How the front page answers."""
    try:
        async with http.get(target.url + "/", timeout=_TIMEOUT) as response:
            return {"site.home_status": Reading(str(response.status), target.url)}
    except (aiohttp.ClientError, TimeoutError) as error:
        return {"site.home_status": _nothing(target, error)}


async def health(http: aiohttp.ClientSession, target: Target, *, calls: int = 1) -> dict[str, Reading]:
    """What `/api/health` says of itself and its services: the worst of so many calls in a row, and each service's median latency."""
    try:
        told = [await _health(http, target) for _ in range(calls)]
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return {f"health.{name}": _nothing(target, error) for name in _HEALTH}
    found = {f"health.{name}": _service([one["services"][name] for one in told]) for name in ("database", "redis", "spotify")}
    latencies = {name: [_latency(one["services"][name]) for one in told] for name in told[-1]["services"]}
    slowest = max(latencies, key=lambda name: statistics.median(latencies[name]))
    version = _said_by_all(told, "version", target.version)
    return found | {
        "health.status": Reading(_said_by_all(told, "status", "healthy"), "/api/health", evidence={"body": told[-1], "calls": calls}),
        "health.slowest_ms": Reading(
            statistics.median(latencies[slowest]), "/api/health", f"{slowest}, the median of {calls}", evidence={"latencies_ms": latencies}
        ),
        "health.version": Reading("this version" if version == target.version else version, "/api/health", f"{version} answers"),
        "health.environment": Reading(_said_by_all(told, "environment", "production"), "/api/health"),
    }


async def rounds(http: aiohttp.ClientSession, target: Target, *, clock: Clock, count: int, every_s: float) -> dict[str, Reading]:
    """How many of some looks at `/api/health`, so many seconds apart, found everything well, each of the five services too; unknown where
    nothing was seen to be wrong and a look saw nothing, or they were too close together to stand for some time.
    """
    wrong, blind = [], []
    for place in range(count):
        await clock.sleep(every_s if place else 0)
        try:
            wrong.append(_wrong(await _health(http, target)))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            blind.append(_nothing(target, error).problem)
    well = sum(not one for one in wrong)
    doubt = blind[0] if blind else f"the looks were {every_s:g} seconds apart, wanted are {_APART_S:g}" if every_s < _APART_S else ""
    if well == len(wrong) and doubt:
        return {"health.rounds_healthy": Reading(source="/api/health", problem=f"{doubt}; {well} of {count} were well")}
    return {"health.rounds_healthy": Reading(well, "/api/health", "; ".join(filter(None, wrong))[:200] or f"of {count}")}


def _wrong(told: dict[str, Any]) -> str:
    """What isn't well of one answer; "" when all is."""
    states = {name: str(told["services"].get(name, {}).get("status", "not told")) for name in SERVICES}
    ill = [f"{name} {state}" for name, state in states.items() if state not in {State.HEALTHY, State.NOT_CONFIGURED}]
    return ", ".join(ill) or ("" if told["status"] == State.HEALTHY else f"the whole is {told['status']}")


async def _health(http: aiohttp.ClientSession, target: Target) -> dict[str, Any]:
    async with http.get(f"{target.url}/api/health", timeout=_TIMEOUT) as response:
        told: dict[str, Any] = await response.json()
        if "services" not in told:  # an answer all the same, as to a host that isn't ours
            raise ValueError(f"answered with {response.status}")
        _check(told)
        return told


def _check(told: dict[str, Any]) -> None:
    """Raises ValueError for an answer of another shape, of which nothing is believed."""
    services = told["services"]
    if not told.keys() >= _TOLD or not isinstance(services, dict) or not services.keys() >= _SERVICES:
        raise ValueError("another shape than that of /api/health")
    for one in services.values():
        if not isinstance(one, dict) or "status" not in one or not _LATENCY.fullmatch(str(one.get("latency"))):
            raise ValueError("a service without its status, or its latency in ms")


def _service(told: Sequence[dict[str, Any]]) -> Reading:
    if told[-1]["status"] == "not_configured":
        return Reading(source="/api/health", inapplicable="not configured; its work is done by what is built in")
    return Reading(_said_by_all(told, "status", "healthy"), "/api/health")


def _latency(told: dict[str, str]) -> int:
    return int(told["latency"].removesuffix("ms"))


def _said_by_all(told: Sequence[dict[str, Any]], name: str, wanted: str) -> str:
    """What is wanted when every call said so, else what one of them said instead."""
    return next((str(one[name]) for one in told if one[name] != wanted), wanted)


async def _site(http: aiohttp.ClientSession, target: Target, clock: Clock) -> dict[str, Reading]:
    async with answer(http, clock, target.url + "/") as (response, _):
        status, page, kind, there = response.status, await response.text(), response.content_type, response.url
    async with answer(http, clock, target.url + "/", "HEAD") as (response, _):
        alike = (response.status, response.content_type) == (status, kind)
    missing = [lack for path in _KINDS for lack in await _lacks(http, target, path, clock)]
    taken = sorted([await _timed(http, target, _PAGES[n % len(_PAGES)], clock) for n in range(_SAMPLES)])
    samples: dict[str, object] = {"samples_ms": [round(ms, 1) for ms in taken]}
    times = {part: round(float(np.percentile(taken, part)), 1) for part in (50, 95, 99)}
    return {
        "site.home": Reading(
            f"{status} {kind}" if alike else "HEAD answers otherwise than GET",
            target.url,
            f"{there}, {'over' if there.scheme == 'https' else 'without'} TLS",
        ),
        "site.home_status": Reading(str(status), target.url),
        "site.headers_missing": Reading(len(missing), target.url, ", ".join(missing)),
        "site.sign_in_controls": Reading(len(_SIGN_IN.findall(page)), target.url),
        **await sign_in(http, target),
        **{f"site.p{part}_ms": Reading(ms, target.url, f"{_SAMPLES} requests", evidence=samples) for part, ms in times.items()},
    }


async def _lacks(http: aiohttp.ClientSession, target: Target, path: str, clock: Clock) -> list[str]:
    """Headers that this answer lacks, or that say less than they must."""
    wanted = _HEADERS | (_OVER_HTTPS if target.url.startswith("https://") else {})
    async with answer(http, clock, target.url + path) as (response, _):
        told = response.headers
        return [f"{name} of {path}" for name, least in wanted.items() if name not in told or not _is_as_strong(name, told[name], least)]


def _is_as_strong(name: str, said: str, least: str) -> bool:
    if name == "referrer-policy":
        return said.rsplit(",", maxsplit=1)[-1].strip() in _DISCREET
    if name == "content-security-policy" and _LOOSE.search(_PICTURES.sub("", said)):
        return False
    return least in said


async def _timed(http: aiohttp.ClientSession, target: Target, page: str, clock: Clock) -> float:
    async with answer(http, clock, target.url + page) as (response, began):
        await response.read()
        return (clock.monotonic() - began) * 1000


@contextlib.asynccontextmanager
async def answer(
    http: aiohttp.ClientSession, clock: Clock, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[aiohttp.ClientResponse, float]]:
    """The answer, wherever it leads, and when it was asked for; who is told to come later does, once.

    One look asks half of what one address may in ten seconds, and looks follow one another.
    """
    for is_last in (False, True):
        began = clock.monotonic()
        async with http.request(method, url, headers=headers, allow_redirects=False, timeout=_TIMEOUT) as response:
            if is_last or response.status != HTTPStatus.TOO_MANY_REQUESTS:
                yield response, began
                return
            wait = response.headers.get("Retry-After", "")
        await clock.sleep(min(int(wait) if wait.isdecimal() else 1, _LATER_S))


async def sign_in(http: aiohttp.ClientSession, target: Target) -> dict[str, Reading]:
    """Whether the way to Spotify is taken as it must be, and where people are to be sent back to."""
    async with http.get(f"{target.url}/auth/spotify", allow_redirects=False, timeout=_TIMEOUT) as response:
        there = response.headers.get("Location", "")
    asked = parse_qs(urlsplit(there).query)
    leads = urlsplit(there).netloc == urlsplit(target.accounts_url).netloc and "code_challenge_method=S256" in there and "state=" in there
    return {
        "site.sign_in_leads_to_spotify": Reading("yes" if leads else "no", target.url, f"leads to {urlsplit(there).netloc or 'nowhere'}"),
        "site.redirect_uri": Reading(asked.get("redirect_uri", [""])[0], target.url),
    }


def _nothing(target: Target, error: Exception) -> Reading:
    return Reading(source=target.url, problem=f"{target.url} doesn't answer ({type(error).__name__})")
