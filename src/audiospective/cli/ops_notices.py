"""`ops publish` and `ops probe`: what everybody is told, and what is seen from outside."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson
from audiospective.cli.session import with_parts
from audiospective.errors import Invalid
from audiospective.infra.logfile import LogFile
from audiospective.operations import launch, notices
from audiospective.operations.boxes import boxes
from audiospective.operations.health import Observer, State
from audiospective.operations.notices import BELIEVED, Place
from audiospective.operations.prober import FILE, Prober

Url = Annotated[str, Parameter(name="--url")]

#: The runbook's own words, which stand only while they are true.
_ALL_WELL = "All Systems Operational"


def publish(
    place: Place,
    /,
    *,
    words: Annotated[str, Parameter(name="--say")] = "",
    take_back: Annotated[bool, Parameter(negative=())] = False,
    url: Url = "",
    as_json: AsJson = False,
) -> int:
    """Publish a line on the status page, a block on the front page, or the announcement at /launch; then see that it is there.

    Example: `audiospective ops publish landing --say "Audiospective is open to everyone."`

    Parameters
    ----------
    place
        status, landing or announcement.
    words
        What is said. For status “All Systems Operational” unless something isn't.
    take_back
        Say it no longer.
    url
        Where the instance answers; APP_URL unless named.
    """

    async def work(parts: Parts) -> list[BoxAnswer]:
        now, by = parts.clock.now(), acting()
        said = words or (await _all_well(parts) if place is Place.STATUS and not take_back else "")
        async with parts.db.transaction() as conn:
            if take_back:
                await notices.take_back(conn, place, by=by, now=now)
                return []
            await notices.publish(conn, place, said, by=by, now=now)
        await asyncio.sleep(BELIEVED.total_seconds() + 0.5)
        found = await notices.look(parts.db, parts.spotify.http, url.rstrip("/") or parts.settings.app_url)
        wanted = [box for box in boxes() if box.reading == f"notices.{place}"]
        async with parts.db.transaction() as conn:
            await launch.record(conn, wanted, found, actor=by, now=parts.clock.now())
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


async def _all_well(parts: Parts) -> str:
    """The claim, computed; raises Invalid while it isn't true."""
    health = await Observer(parts.db, parts.spotify, parts.clock, parts.store).health()
    if health.state is not State.HEALTHY:
        ill = ", ".join(name for name, one in health.services.items() if one.state in {State.DEGRADED, State.UNHEALTHY})
        raise Invalid(f"Not all systems are operational ({ill}); say what is: --say “…”.", field="--say")
    return _ALL_WELL


def probe(*, every: float = 60.0, once: Annotated[bool, Parameter(negative=())] = False, url: Url = "", file: Path | None = None) -> int:
    """Look at the instance from outside, each minute until Ctrl-C; best under a service manager, on another machine.

    What is seen goes to a file first and to the database when there is one. With `--once` it ends with 1 when something was wrong.

    Example: `audiospective ops probe --every 60`

    Parameters
    ----------
    every
        Seconds between looks.
    once
        Look once.
    url
        Where the instance answers; APP_URL unless named.
    file
        Where looks are kept; logs/probe.jsonl in the data folder unless named.
    """
    if not 5 <= every <= 3600:
        raise Invalid("--every is 5 to 3600 seconds.", field="--every")

    async def work(parts: Parts) -> bool:
        log = LogFile(file or parts.settings.home / FILE)
        prober = Prober(parts.spotify.http, url.rstrip("/") or parts.settings.app_url, parts.clock, log)
        while True:
            seen = await prober.look()
            await prober.tell(parts.db)
            say(f"{seen.at:%Y-%m-%d %H:%M:%S} {'up' if seen.is_up else 'DOWN'} {seen.ms} ms {seen.said}".rstrip())
            if once:
                return seen.is_up
            await asyncio.sleep(every)

    return Exit.DONE if with_parts(work) else Exit.NO
