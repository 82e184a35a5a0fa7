"""`ops smoke`: the runbook's seven smoke tests, walked by a browser, with pictures as evidence."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import LOG, Parts
from audiospective.cli.acting import acting
from audiospective.cli.ops_around import target_of
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.ops_errors import arrives
from audiospective.cli.output import AsJson
from audiospective.cli.session import somebody, with_parts
from audiospective.errors import Invalid, Unavailable
from audiospective.operations import launch, ledger, regressions, smoke
from audiospective.operations.judge import Reading
from audiospective.operations.probes.browser.walking import Place
from audiospective.operations.smoke import Ground
from audiospective.web.visitor import cookie_name


def walk(
    *tests: int,
    user: str = "",
    url: Annotated[str, Parameter(name="--url")] = "",
    browser: Annotated[Path | None, Parameter(name="--browser")] = None,
    as_json: AsJson = False,
) -> int:
    """Walk the runbook's smoke tests in a browser: sign in, dashboard, archive, export, share; nothing but pictures is left behind.

    Example: `audiospective ops smoke 1 2 --url https://music.example.org`

    Parameters
    ----------
    tests
        1 to 7; all unless named.
    user
        The listener who lends their archive; with the simulator, whoever signs in there unless named.
    url
        Where the instance answers; APP_URL unless named.
    browser
        A Chromium; one that the system has unless named.
    """
    if any(number not in range(1, 8) for number in tests):
        raise Invalid("The smoke tests are 1 to 7.", field="tests")

    async def work(parts: Parts) -> list[BoxAnswer]:
        if user:
            async with parts.db.reading() as conn:
                await somebody(conn, user)
        ground, by = await _ground(parts, url, browser), acting()
        found = await smoke.walk(ground, user, tests)
        errors = await _errors(parts, ground.place.url) if not tests or smoke.ERRORS in tests else {}
        wanted = [box for box in smoke.boxes_of(tests) if errors or box not in smoke.boxes_of([smoke.ERRORS])]
        async with parts.db.transaction() as conn:
            now = parts.clock.now()
            verdicts = await launch.record(conn, wanted, found.readings | errors, actor=by, now=now)
            await ledger.append(conn, [regressions.walked(by, found.pictures, verdicts, is_whole=not tests)], now)
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


async def _errors(parts: Parts, url: str) -> dict[str, Reading]:
    """The seventh test; nothing where errors go to a tracker outside, which `ops preflight --profile cloud` asks."""
    if parts.settings.tracker.dsn.reveal():
        return {}
    try:
        return await arrives(parts, url)
    except (Invalid, Unavailable) as error:
        problem = Reading(source="errors", problem=error.message)
        return {box.reading: problem for box in smoke.boxes_of([smoke.ERRORS]) if not box.parts}


async def _ground(parts: Parts, url: str, browser: Path | None) -> Ground:
    settings = parts.settings
    address = url.rstrip("/") or settings.app_url
    return Ground(
        db=parts.db,
        http=parts.spotify.http,
        clock=parts.clock,
        cache=parts.cache,
        place=Place(address, settings.spotify.accounts_url, cookie_name(settings), settings.spotify.simulated),
        target=await target_of(parts, url),
        pictures=settings.home / "evidence" / f"{parts.clock.now():%Y%m%d-%H%M%S}-smoke",
        log=settings.home / LOG,
        browser=str(browser or ""),
        nonce=secrets.token_hex(16),
    )
