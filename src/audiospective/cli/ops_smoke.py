"""`ops smoke`: the runbook's seven smoke tests, walked by a browser, with pictures as evidence."""

from __future__ import annotations

import getpass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import LOG, Parts
from audiospective.cli.ops_board import BoxAnswer, ended, standings
from audiospective.cli.output import AsJson
from audiospective.cli.session import somebody, with_parts
from audiospective.errors import Invalid
from audiospective.operations import launch, ledger, smoke
from audiospective.operations.probes.browser.walking import Place
from audiospective.operations.probes.site import Target
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
        now = parts.clock.now()
        found = await smoke.walk(_ground(parts, url, browser), user, tests)
        wanted = smoke.boxes_of(tests)
        told = {"pictures": [{"name": one.name, "path": one.path, "sha256": one.sha256} for one in found.pictures]}
        async with parts.db.transaction() as conn:
            await ledger.append(conn, [ledger.Entry(getpass.getuser(), "smoke.walked", "smoke", told)], now)
            await launch.record(conn, wanted, found.readings, actor=getpass.getuser(), now=parts.clock.now())
        return await standings(parts, wanted)

    return ended(with_parts(work), as_json)


def _ground(parts: Parts, url: str, browser: Path | None) -> Ground:
    settings = parts.settings
    address = url.rstrip("/") or settings.app_url
    return Ground(
        db=parts.db,
        http=parts.spotify.http,
        clock=parts.clock,
        cache=parts.cache,
        place=Place(address, settings.spotify.accounts_url, cookie_name(settings), settings.spotify.simulated),
        target=Target(address, settings.spotify.accounts_url, version("audiospective")),
        pictures=settings.home / "evidence" / f"{parts.clock.now():%Y%m%d-%H%M%S}-smoke",
        log=settings.home / LOG,
        browser=str(browser or ""),
    )
