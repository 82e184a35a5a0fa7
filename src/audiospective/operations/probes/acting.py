"""Probes that do something to see something: a message in the chat, a request that must come back in the log, alerts on every channel.

They run only when somebody asks for their boxes, never as part of a look that is repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import aiohttp

from audiospective.accounts import people, tokens
from audiospective.errors import Invalid, Unavailable
from audiospective.infra import logfile
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database
from audiospective.operations import alerts
from audiospective.operations.judge import Reading
from audiospective.operations.probes import site
from audiospective.operations.probes.outside import Readings, told
from audiospective.operations.providers.asking import Refused
from audiospective.operations.providers.chosen import Providers
from audiospective.operations.providers.ports import Chat, Hosting

#: The header that a probe's request carries; its value comes back in the log.
PROBE_HEADER: Final = "X-Audiospective-Probe"
#: Pages that everybody sees, and pages that one sees of one’s own.
_STRANGERS, _OWN = ("/", "/status", "/help"), ("/dashboard", "/history", "/settings")
_QUICK_S: Final = 5.0
_LOG_S: Final = 10.0
_TAIL: Final = 2_000


async def chat(channel: Chat, nonce: str, clock: Clock) -> Readings:
    """Post a nonce; a channel that says no is closed, one that doesn't answer is unknown."""
    began = clock.monotonic()

    async def question() -> Readings:
        try:
            await channel.post(f"Deployment channel check {nonce}")
        except Refused as error:
            return {"chat.nonce": Reading("refused", "chat", error.message)}
        gone = clock.monotonic() - began
        said = "posted" if gone <= _QUICK_S else f"posted after {gone:.1f} s"
        return {"chat.nonce": Reading(said, "chat", f"{nonce} in {gone * 1000:.0f} ms")}

    return await told(("chat.nonce",), "chat", question)


async def channels(db: Database, providers: Providers, clock: Clock) -> Readings:
    """A trial alert on every channel that is set up; each must have its receipt."""
    if not providers.carriers:
        problem = f"no channel is set up: {', '.join(alerts.SETTINGS.values())}"
        return {"alerts.undelivered": Reading(source="outbox", problem=problem)}

    async def question() -> Readings:
        found = await alerts.tried(db, providers.carriers, clock)
        missing = [f"{one.channel}: {one.trouble or one.state}" for one in found if one.state != "sent"]
        note = ", ".join(missing) or f"{', '.join(providers.carriers)} have it; a person confirms mail and SMS"
        return {"alerts.undelivered": Reading(len(missing), "outbox", note)}

    return await told(("alerts.undelivered",), "outbox", question)


async def visits(db: Database, http: aiohttp.ClientSession, url: str, clock: Clock) -> Readings:
    """Three pages as a stranger, three as somebody who is signed in, by a token of an operator's that lasts as long as the visits."""
    name, now = "site.visits_failed", clock.now()

    async def question() -> Readings:
        async with db.reading() as conn:
            who = await people.an_operator(conn)
        if who is None:
            return {name: Reading(source=url, problem="there is nobody to sign in as: audiospective users operator NAME")}
        seen = {path: await _visited(http, clock, url + path, {}) for path in _STRANGERS}
        async with tokens.lent(db, who, f"visits of {now:%Y-%m-%d %H:%M:%S}", now) as token:
            seen |= {path: await _visited(http, clock, url + path, {"Authorization": f"Bearer {token}"}) for path in _OWN}
        wrong = [f"{path}: {said}" for path, said in seen.items() if said != "200"]
        return {name: Reading(len(wrong), url, ", ".join(wrong) or "three as a stranger, three signed in")}

    return await told((name,), "database", question)


async def raise_an_error(db: Database, http: aiohttp.ClientSession, url: str, clock: Clock, *, event_id: str = "") -> None:
    """Let the instance fail on purpose, as an operator asks for it by a token that lasts as long as the request. Raises Invalid where there
    is none, Unavailable where it doesn't fail.
    """
    async with db.reading() as conn:
        who = await people.an_operator(conn)
    if who is None:
        raise Invalid("There is no operator yet; make one: audiospective users operator NAME.", field="operator")
    now, address = clock.now(), f"{url}/api/test-sentry"
    try:
        async with tokens.lent(db, who, f"error test {now:%Y-%m-%d %H:%M:%S}", now) as token:
            headers = {"Authorization": f"Bearer {token}"} | ({PROBE_HEADER: event_id} if event_id else {})
            async with http.get(address, headers=headers, timeout=aiohttp.ClientTimeout(total=20)) as response:
                await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(f"{url} doesn't answer ({type(error).__name__}).") from error
    if response.status != 500:
        raise Unavailable(f"{address} answers {response.status} instead of failing.")


async def _visited(http: aiohttp.ClientSession, clock: Clock, address: str, headers: dict[str, str]) -> str:
    try:
        async with site.answer(http, clock, address, headers=headers) as (response, _):
            await response.read()
            return str(response.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


async def log_stream(
    http: aiohttp.ClientSession, url: str, nonce: str, clock: Clock, lines: Callable[[], Awaitable[list[str]]], *, every_s: float
) -> Readings:
    """Ask for a page that isn't there, with a nonce in path and header, and wait until the log has it."""
    began = clock.monotonic()

    async def question() -> Readings:
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with http.get(f"{url}/probe/{nonce}", headers={PROBE_HEADER: nonce}, timeout=timeout, allow_redirects=False) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return {"logs.nonce_s": Reading(source="log", problem=f"{url} doesn't answer ({type(error).__name__})")}
        while not any(nonce in line for line in await lines()):
            if clock.monotonic() - began > _LOG_S:
                return {"logs.nonce_s": Reading(source="log", problem=f"{nonce} isn't in the log after {_LOG_S:g} s")}
            await asyncio.sleep(every_s)
        return {"logs.nonce_s": Reading(round(clock.monotonic() - began, 1), "log")}

    return await told(("logs.nonce_s",), "log", question)


def own_log(path: Path) -> Callable[[], Awaitable[list[str]]]:
    """The newest lines of the log of our own."""

    async def lines() -> list[str]:
        return await asyncio.to_thread(logfile.tail, path, most=_TAIL)

    return lines


def hosted_log(hosting: Hosting) -> Callable[[], Awaitable[list[str]]]:
    """What the release that serves says."""

    async def lines() -> list[str]:
        with contextlib.suppress(StopIteration):
            current = next(one for one in await hosting.releases() if one.serves)
            return [line.message for line in await hosting.logs(current.id)]
        return []

    return lines
