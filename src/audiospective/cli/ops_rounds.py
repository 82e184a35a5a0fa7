"""`ops watch`, `ops daily|weekly|monthly`: watched for a while, done again and again."""

from __future__ import annotations

import asyncio
import getpass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.environment import environment
from audiospective.cli.ops_around import around
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.operations import launch
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.measure import Profile, Scene, readings
from audiospective.operations.probes.site import Target

Url = Annotated[str, Parameter(name="--url")]

#: Which boxes come again: the runbook's "Daily checks", "Weekly review", "Monthly tasks".
_DAILY, _WEEKLY, _MONTHLY = ("R190", "R192"), ("R193", "R198"), ("R199", "R204")


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
    asked = around(parts, Profile.SELF_HOSTED, target.url, wanted)
    scene = Scene(parts.db, parts.spotify.http, parts.clock, environment(), target, parts.settings.spotify, Path.cwd(), asked)
    found = await readings(scene, Profile.SELF_HOSTED)
    async with parts.db.transaction() as conn:
        await launch.record(conn, wanted, found, actor=getpass.getuser(), now=parts.clock.now())
