"""F01: Spotify asks to wait. It is obeyed to the second, over restarts; what was missed comes after it, or is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from audiospective.archive import coverage, history
from audiospective.archive.plays import UserId
from audiospective.collect import leases
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import Database
from audiospective.insights.completeness import completeness
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from audiospective.spotify import quota
from tests.stand_in import World

_QUOTA = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
_UTC = Zone("UTC")


@pytest.mark.parametrize(
    ("body", "headers", "waits_s"),
    [
        ({}, {"Retry-After": "1"}, 1),
        ({}, {"Retry-After": "60"}, 60),
        ({}, {"Retry-After": "3600"}, 3600),
        ({}, {}, 30),
        ({}, {"Retry-After": "soon"}, 30),
        ({}, {"Retry-After": "Wed, 18 Mar 2026 20:00:00 GMT", "Date": "Wed, 18 Mar 2026 19:50:00 GMT"}, 600),
        (_QUOTA, {"Retry-After": "48925"}, 48_925),
        (_QUOTA, {}, 3600),
    ],
)
async def test_nobody_is_asked_before_the_time_that_was_told(
    world: World, body: dict[str, Any], headers: dict[str, str], waits_s: int
) -> None:
    for name in ("mara", "noor"):
        await world.sign_in(name)
    world.stand_in.trouble["plays"] = (429, body, headers)
    await sweep_due(*world.parts, world.clock)
    asked = world.stand_in.asked["plays"]
    world.stand_in.trouble.clear()
    restarted = Database(world.db.dsn, size=2)
    await restarted.open()
    world.clock.forward(seconds=waits_s - 1)
    assert (await sweep_due(restarted, world.spotify, world.sealer, world.clock)).leased == 0
    assert world.stand_in.asked["plays"] == asked
    world.clock.forward(seconds=62)
    assert (await sweep_due(restarted, world.spotify, world.sealer, world.clock)).leased == 2
    await restarted.close()


async def missing(world: World, user: UserId) -> list[str]:
    now = world.clock.now()
    async with world.db.transaction() as conn:
        seen = see(await history.load(conn, user), _UTC, parse("all", now, _UTC), Lens(min_ms=0), now)
        return [gap.reason.value for gap in completeness(seen, await coverage.ledger(conn, user)).missing]


@pytest.mark.parametrize(("plays", "lost"), [(48, []), (60, ["quota"])])
async def test_a_missed_hour_comes_back_while_fifty_hold_it_and_is_named_otherwise(world: World, plays: int, lost: list[str]) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "before"))
    await sweep_due(*world.parts, world.clock)
    world.clock.forward(hours=1)
    world.stand_in.trouble["plays"] = (429, _QUOTA, {"Retry-After": "10800"})
    await sweep_due(*world.parts, world.clock)
    world.stand_in.trouble.clear()
    for n in range(plays):
        world.stand_in.hear("mara", (world.clock.forward(minutes=3), f"song-{n}"))
    world.clock.forward(hours=2)
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        stored = len((await history.load(conn, user)).ended_at)
    assert (stored, await missing(world, user)) == (1 + min(plays, 50), lost)


async def test_what_there_is_goes_to_those_who_would_lose_most(world: World) -> None:
    """A quota that reaches for one sweep an hour: the fast listener gets it first, and nobody is forgotten."""
    paces = {"slow": 12, "fast": 1}
    for name, pace in paces.items():
        await world.sign_in(name)
        world.stand_in.hear(name, *((world.clock.now() - timedelta(minutes=pace * n), f"{name}-{n}") for n in reversed(range(50))))
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        await quota.learn(conn, world.spotify.client_id, world.clock.now())
        calls = (await quota.budget(conn, world.spotify.client_id, world.clock.now())).calls_a_day
    assert calls == 300
    world.clock.forward(hours=2)
    async with world.db.transaction() as conn:
        at_risk = await leases.at_risk(conn, world.clock.now())
        (first,) = await leases.take_riskiest(conn, world.clock.now(), size=1)
        (second,) = await leases.take_riskiest(conn, world.clock.now(), size=1)
    assert [one.name for one in at_risk] == ["fast"]
    assert first.fill_s < second.fill_s
