"""`ops smoke`, `ops watch`, `ops daily|weekly|monthly`: walked as a listener, watched for a while, done again and again."""

from __future__ import annotations

import asyncio
import getpass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.accounts import grants, tokens
from audiospective.archive import history
from audiospective.bootstrap import Parts
from audiospective.cli.environment import environment
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson
from audiospective.cli.session import somebody, with_parts
from audiospective.errors import Invalid
from audiospective.operations import launch
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes import journey
from audiospective.operations.probes.journey import Traveller
from audiospective.operations.probes.site import Target
from audiospective.reports import answers, ask

Url = Annotated[str, Parameter(name="--url")]

#: Which boxes come again: the runbook's "Daily checks", "Weekly review", "Monthly tasks".
_DAILY, _WEEKLY, _MONTHLY = ("R190", "R192"), ("R193", "R198"), ("R199", "R204")


def smoke(*, user: str, url: Url = "", as_json: AsJson = False) -> int:
    """Walk the runbook's smoke tests as a listener: archive, numbers, export, share and take back; nothing is left behind.

    Example: `audiospective ops smoke --user mara --url https://music.example.org`

    Parameters
    ----------
    user
        The listener who lends their archive to it.
    url
        Where the instance answers; APP_URL unless named.
    """

    async def work(parts: Parts) -> list[BoxAnswer]:
        who, label = await _traveller(parts, user)
        try:
            found = await journey.look(parts.spotify.http, url.rstrip("/") or parts.settings.app_url, who)
        finally:
            await _forget(parts, user, label)
        wanted = [box for box in boxes() if box.reading in found]
        async with parts.db.transaction() as conn:
            await launch.record(conn, wanted, found, actor=getpass.getuser(), now=parts.clock.now(), secrets=[who.token])
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


def watch(*, minutes: float = 15.0, every: float = 60.0, url: Url = "", as_json: AsJson = False) -> int:
    """Measure again and again for a while; each look goes into the ledger, the last one ends the command.

    Example: `audiospective ops watch --minutes 15 --every 60`

    Parameters
    ----------
    minutes
        How long.
    every
        Seconds between looks.
    url
        Where the instance answers; APP_URL unless named.
    """
    if not 0 < minutes <= 1440 or not 1 <= every <= 3600:
        raise Invalid("--minutes is up to 1440 and --every 1 to 3600 seconds.", field="--minutes")
    wanted = [box for box in boxes() if box.chapter == "verification"]

    async def work(parts: Parts) -> list[BoxAnswer]:
        for place in range(max(int(minutes * 60 // every), 1)):
            await asyncio.sleep(every if place else 0)
            await _measured(parts, wanted, url)
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


def daily(*, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every day of the first week.

    Example: `audiospective ops daily`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """
    return _round(_DAILY, url, as_json)


def weekly(*, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every Friday.

    Example: `audiospective ops weekly`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """
    return _round(_WEEKLY, url, as_json)


def monthly(*, url: Url = "", as_json: AsJson = False) -> int:
    """What is to be done every month.

    Example: `audiospective ops monthly`

    Parameters
    ----------
    url
        Where the instance answers; APP_URL unless named.
    """
    return _round(_MONTHLY, url, as_json)


def _round(span: tuple[str, str], url: str, as_json: bool) -> int:
    wanted = [box for box in boxes() if span[0] <= box.id <= span[1]]

    async def work(parts: Parts) -> list[BoxAnswer]:
        await _measured(parts, wanted, url)
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


async def _measured(parts: Parts, wanted: list[Box], url: str) -> None:
    target = Target(url.rstrip("/") or parts.settings.app_url, parts.settings.spotify.accounts_url, version("audiospective"))
    scene = Scene(parts.db, parts.spotify.http, parts.clock, environment(), target, parts.settings.spotify, Path.cwd())
    found = await readings(scene, Profile.SELF_HOSTED)
    async with parts.db.transaction() as conn:
        await launch.record(conn, wanted, found, actor=getpass.getuser(), now=parts.clock.now())


async def _traveller(parts: Parts, user: str) -> tuple[Traveller, str]:
    """A token that lasts as long as the walk, and what must not be seen."""
    now = parts.clock.now()
    label = f"smoke test {now:%Y-%m-%d %H:%M:%S}"
    async with parts.db.transaction() as conn:
        person = await somebody(conn, user)
        token = await tokens.issue(conn, person.id, label, now)
        state = await grants.state(conn, person.id)
        plays = answers.stats(await ask.listening(conn, parts.cache, person, "all", now)).total_plays
        rows = len(await history.load(conn, person.id))
    canaries = (person.name, person.display_name, person.spotify_id or "")
    return Traveller(token, canaries, plays, rows, state is not None and state.state == "active"), label


async def _forget(parts: Parts, user: str, label: str) -> None:
    async with parts.db.transaction() as conn:
        person = await somebody(conn, user)
        for one in await tokens.listed(conn, person.id):
            if one.name == label:
                await tokens.revoke(conn, person.id, one.id)
