"""For each box of the hourly sweeps: what a worker, a plan or Spotify does wrong turns that box red, and no other (operations.md §10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from audiospective.accounts.grants import CONSENT
from audiospective.collect import hours
from audiospective.collect.rhythm import LONGEST
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import Database, execute
from audiospective.operations import ledger
from audiospective.operations.boxes import Op, boxes
from audiospective.operations.judge import GOOD, Status, judge
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import work
from audiospective.operations.release_state import DEPLOYED
from tests.stand_in import World

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]
Break = Callable[[World], Awaitable[object]]
_EVERYBODY = ("mara", "noor")


@pytest.fixture
async def swept(world: World) -> World:
    """Two listeners, asked about a moment ago by a worker that lives."""
    for account in _EVERYBODY:
        world.stand_in.hear(account, (world.clock.now() - timedelta(minutes=5), "Tide"))
        await world.sign_in(account)
    await sweep_due(*world.parts, world.clock)
    await _run(world, "INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', %(now)s)")
    return world


async def _stands(db: Database, world: World) -> Red:
    found = await work.look(db, world.clock.now())
    judged = [judge(box, found[box.reading]) for box in boxes() if box.reading in found and box.op is not Op.RECORD]
    return {one.box: one.status for one in judged if one.status not in GOOD}


async def _run(world: World, statement: str) -> None:
    async with world.db.transaction() as conn:
        await execute(conn, statement, now=world.clock.now())


def _sql(statement: str) -> Break:
    return lambda world: _run(world, statement)


def _begun(minutes: float) -> Break:
    """A sweep began, and nobody has told its end for so long."""

    async def do(world: World) -> None:
        async with world.db.transaction() as conn:
            await hours.begin(conn, 1, world.clock.now())
        world.clock.forward(minutes=minutes)
        await _run(world, "UPDATE worker_heartbeats SET beat_at = %(now)s")

    return do


def _refused(reason: str, **later: float) -> Break:
    """When tokens must be renewed, Spotify refuses one of them."""

    async def do(world: World) -> None:
        world.clock.forward(**later)
        await _run(world, "UPDATE worker_heartbeats SET beat_at = %(now)s")
        world.stand_in.trouble["token"] = (400, {"error": "invalid_grant", "error_description": reason}, {})
        await _run(world, "UPDATE sweeps SET due_at = CASE mod(user_id, 2) WHEN 0 THEN %(now)s ELSE %(now)s + interval '1 hour' END")
        await sweep_due(*world.parts, world.clock)

    return do


async def _before_this_release(world: World) -> None:
    await _refused("Invalid refresh token", hours=2)(world)
    async with world.db.transaction() as conn:
        await ledger.append(conn, [Entry("mara", DEPLOYED, "r1", {"version": "1.0.0"})], world.clock.forward(seconds=5))


async def _asleep(world: World) -> None:
    """No worker has come for half a day."""
    world.clock.forward(hours=12)


_ONE = "WHERE user_id = (SELECT min(user_id) FROM sweeps)"
_NOW = "AND %(now)s::timestamptz IS NOT NULL"

MUTATIONS: list[tuple[str, Break, Red]] = [
    ("a worker died in the middle", _begun(6), {"R150": F}),
    ("somebody is being asked about just now", _begun(1), {"R150": U}),
    ("somebody waits", _sql(f"UPDATE sweeps SET due_at = %(now)s - interval '11 minutes' {_ONE}"), {"R151": F}),
    ("somebody is on no plan", _sql(f"DELETE FROM sweeps {_ONE} {_NOW}"), {"R151": F}),
    ("a token is lost", _refused("Invalid refresh token", hours=2), {"R153": F}),
    ("many are refused at once", _sql("UPDATE grants SET doubted_at = %(now)s"), {"R153": F}),
    ("nobody is on the plan", _sql(f"DELETE FROM sweeps WHERE true {_NOW}"), {"R150": U, "R151": F}),
    ("no worker comes", _asleep, {"R150": U, "R151": F}),
]
HARMLESS: list[tuple[str, Break]] = [
    ("somebody takes the permission back", _refused("Refresh token revoked", hours=2)),
    ("a permission has run its time", _refused("Refresh token revoked", seconds=CONSENT.total_seconds() + 1)),
    ("a token was lost before this release", _before_this_release),
    ("nobody was due", _sql(f"UPDATE sweeps SET due_at = %(now)s + interval '{LONGEST.total_seconds():.0f} seconds'")),
]


async def test_when_all_is_well_every_box_is_green(swept: World) -> None:
    assert await _stands(swept.db, swept) == {}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_thing_that_goes_wrong_turns_its_own_boxes_and_no_other(swept: World, wrong: Break, red: Red) -> None:
    await wrong(swept)
    assert await _stands(swept.db, swept) == red


@pytest.mark.parametrize("other", [one[1] for one in HARMLESS], ids=[one[0] for one in HARMLESS])
async def test_what_is_no_failure_of_ours_turns_none(swept: World, other: Break) -> None:
    await other(swept)
    assert await _stands(swept.db, swept) == {}
