"""What the ledger says of people whose listening is known to the last play: nothing missed goes unnamed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from audiospective.archive import coverage, history, removal
from audiospective.archive.plays import UserId
from audiospective.archive.proofs import LATE, Reason
from audiospective.collect.imports import run
from audiospective.collect.rhythm import TroubleKind
from audiospective.collect.sweep import sweep_due, sweep_person
from audiospective.insights.completeness import Completeness, completeness
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from tests.collect.imports import exports
from tests.stand_in import World

_UTC = Zone("UTC")


async def complete(world: World, user: UserId) -> Completeness:
    now = world.clock.now()
    async with world.db.transaction() as conn:
        seen = see(await history.load(conn, user), _UTC, parse("all", now, _UTC), Lens(), now)
        return completeness(seen, await coverage.ledger(conn, user))


async def archived(world: World, user: UserId) -> int:
    async with world.db.transaction() as conn:
        return len(await history.load(conn, user))


async def listen(world: World, account: str, hours: float, *, every: timedelta = timedelta(minutes=4), swept: bool = True) -> int:
    """Time passes while the account plays; whoever is due is swept in between. How many plays there were."""
    until, plays = world.clock.now() + timedelta(hours=hours), 0
    while world.clock.now() < until:
        at = world.clock.forward(seconds=every.total_seconds())
        world.stand_in.hear(account, (at, f"song-{plays % 40:02}"))
        plays += 1
        if swept:
            await sweep_due(*world.parts, world.clock)
    return plays


async def mara(world: World) -> UserId:
    return (await world.sign_in("mara")).person.id


async def test_an_hourly_listener_misses_nothing(world: World) -> None:
    user = await mara(world)
    plays = await listen(world, "mara", 30)
    found = await complete(world, user)
    assert (found.share, found.missing) == (1.0, ())
    assert plays - await archived(world, user) <= 16


async def test_a_party_that_was_too_fast_is_named_once_and_then_looked_after(world: World) -> None:
    user = await mara(world)
    calm = await listen(world, "mara", 5)
    party = await listen(world, "mara", 6, every=timedelta(seconds=45))
    await sweep_person(*world.parts, world.clock, user)
    found = await complete(world, user)
    missed = calm + party - await archived(world, user)
    assert [one.reason for one in found.missing] == [Reason.TOO_LATE] * len(found.missing)
    assert abs(found.likely_lost - missed) <= 3
    assert await listen(world, "mara", 1, every=timedelta(minutes=20))
    world.clock.forward(days=1)
    await sweep_person(*world.parts, world.clock, user)
    before = len((await complete(world, user)).missing)
    await listen(world, "mara", 3, every=timedelta(seconds=45))
    await sweep_person(*world.parts, world.clock, user)
    assert len((await complete(world, user)).missing) == before


async def test_a_token_that_died_in_august_leaves_a_gap_that_the_export_of_november_closes(world: World, tmp_path: Path) -> None:
    user = await mara(world)
    await listen(world, "mara", 12)
    world.stand_in.refresh_tokens.clear()
    began = world.clock.now()
    await listen(world, "mara", 24 * 8, every=timedelta(minutes=40))
    await mara(world)
    await sweep_due(*world.parts, world.clock)
    (gap,) = (await complete(world, user)).missing
    assert gap.reason is Reason.PERMISSION
    assert gap.likely_lost > 100

    rows = [exports.extended(_stamp(item["played_at"]), 200_000, track=item["track"]["name"]) for item in world.stand_in.plays["mara"]]
    import_id = await bring(world, user, exports.write_zip(tmp_path / "export.zip", Streaming_History_Audio_2026=rows))
    assert (await complete(world, user)).missing == ()
    assert await archived(world, user) == len(world.stand_in.plays["mara"])

    async with world.db.transaction() as conn:
        await removal.undo_import(conn, user, import_id)
    assert [one.stretch for one in (await complete(world, user)).missing] == [gap.stretch]
    assert gap.stretch.from_at - began < timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [((429, {}, {"Retry-After": "36000"}), Reason.QUOTA), ((502, {}, {}), Reason.UNREACHABLE), ((403, {}, {}), Reason.FORBIDDEN)],
)
async def test_an_outage_is_named_for_what_it_was(world: World, answer: tuple[int, dict[str, str], dict[str, str]], reason: Reason) -> None:
    user = await mara(world)
    await listen(world, "mara", 3)
    world.stand_in.trouble["plays"] = answer
    await sweep_person(*world.parts, world.clock, user)
    await listen(world, "mara", 11, swept=False)
    assert [one.reason for one in (await complete(world, user)).missing] == [reason]
    world.stand_in.trouble.clear()
    world.clock.forward(hours=1)
    await sweep_due(*world.parts, world.clock)
    (gap,) = (await complete(world, user)).missing
    assert gap.reason is reason


async def test_a_night_without_an_instance_is_named(world: World) -> None:
    user = await mara(world)
    await listen(world, "mara", 3)
    await listen(world, "mara", 9, swept=False)
    await sweep_due(*world.parts, world.clock)
    assert [one.reason for one in (await complete(world, user)).missing] == [Reason.NOT_RUNNING]


async def test_the_last_minutes_before_a_silence_are_not_proven_since_a_play_may_be_told_late(world: World) -> None:
    """Found by a soak: a play became known five minutes after the last sweep that a listener had."""
    user = await mara(world)
    await listen(world, "mara", 3)
    await sweep_person(*world.parts, world.clock, user)
    asked = world.clock.now()
    world.stand_in.hear("mara", (asked - timedelta(minutes=5), "told late"))
    world.stand_in.trouble["mara"] = (403, {}, {})
    world.clock.forward(hours=5)
    found = await complete(world, user)
    assert [one.stretch.from_at for one in found.missing] == [asked - LATE]


async def test_a_silence_that_fits_into_a_page_is_no_gap(world: World) -> None:
    user = await mara(world)
    await listen(world, "mara", 3)
    world.clock.forward(days=20)
    await listen(world, "mara", 2)
    assert (await complete(world, user)).missing == ()


async def test_an_empty_answer_for_somebody_who_listens_proves_nothing(world: World) -> None:
    user = await mara(world)
    await listen(world, "mara", 3)
    told, world.stand_in.plays["mara"] = world.stand_in.plays["mara"], []
    (trouble,) = (await sweep_person(*world.parts, world.clock, user)).troubles
    assert trouble.kind is TroubleKind.ODD
    world.clock.forward(hours=5)
    assert [one.reason for one in (await complete(world, user)).missing] == [Reason.UNREACHABLE]
    world.stand_in.plays["mara"] = told
    await sweep_person(*world.parts, world.clock, user)
    assert (await complete(world, user)).missing == ()


async def test_an_odd_answer_for_many_at_once_silences_the_app_and_blames_nobody(world: World) -> None:
    users = [(await world.sign_in(f"listener{n}")).person.id for n in range(6)]
    for n in range(6):
        world.stand_in.hear(f"listener{n}", (world.clock.now(), "song"))
    await sweep_due(*world.parts, world.clock)
    world.stand_in.plays.clear()
    world.clock.forward(hours=2)
    swept = await sweep_due(*world.parts, world.clock)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.ODD] * 6
    asked = world.stand_in.asked["plays"]
    world.clock.forward(minutes=5)
    assert (await sweep_person(*world.parts, world.clock, users[0])).troubles[0].kind is TroubleKind.PAUSED
    assert world.stand_in.asked["plays"] == asked


async def test_an_unchanged_answer_is_proof_without_being_read(world: World) -> None:
    user = await mara(world)
    await listen(world, "mara", 4)
    await sweep_person(*world.parts, world.clock, user)
    count = await archived(world, user)
    world.clock.forward(hours=1)
    swept = await sweep_person(*world.parts, world.clock, user)
    assert (swept.fetched, swept.new, swept.duplicates) == (min(count, 50), 0, min(count, 50))
    found = await complete(world, user)
    assert found.bounds is not None
    assert (found.bounds.till_at, found.missing) == (world.clock.now() - LATE, ())


async def test_two_files_of_one_package_cover_the_days_between_them(world: World, tmp_path: Path) -> None:
    user = await mara(world)
    files = {
        "Streaming_History_Audio_2019": [exports.extended(f"2019-12-{day:02}T18:43:11Z") for day in range(1, 30)],
        "Streaming_History_Audio_2020": [exports.extended(f"2020-01-{day:02}T18:43:11Z") for day in range(4, 30)],
        "Streaming_History_Audio_2022": [exports.extended(f"2022-01-{day:02}T18:43:11Z") for day in range(4, 30)],
    }
    await bring(world, user, exports.write_zip(tmp_path / "export.zip", **files))
    gaps = [one.stretch for one in (await complete(world, user)).missing]
    assert [(gap.from_at.year, gap.till_at.year) for gap in gaps] == [(2020, 2022), (2022, world.clock.now().year)]


async def bring(world: World, user: UserId, path: Path) -> int:
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name=path.name, size=path.stat().st_size, now=world.clock.now())
    await run.run(world.db, import_id, [path], world.clock)
    return import_id


def _stamp(played_at: str) -> str:
    return f"{datetime.fromisoformat(played_at).replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"


async def test_histories_are_in_order_whatever_was_told_late(world: World) -> None:
    user = await mara(world)
    await listen(world, "mara", 3)
    world.stand_in.hear("mara", (world.clock.now() - timedelta(hours=2, seconds=7), "offline"))
    await sweep_person(*world.parts, world.clock, user)
    async with world.db.transaction() as conn:
        seen = await history.load(conn, user)
    assert bool(np.all(np.diff(seen.ended_at) > 0))
