"""F23: an import and a sweep write the same plays at once, one to the second, the other to the millisecond: each is one play."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.sweep import sweep_person
from tests.collect.imports import exports
from tests.stand_in import World


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.06])
async def test_each_play_is_counted_once_whoever_comes_first(world: World, tmp_path: Path, delay_s: float) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    rows = []
    for n in range(40):
        at = world.clock.forward(minutes=4) + timedelta(milliseconds=137 * n % 1000)
        world.stand_in.hear("mara", (at, f"song-{n:02}"))
        rows.append(exports.extended(f"{at:%Y-%m-%dT%H:%M:%SZ}", 180_000, track=f"song-{n:02}"))
    path = exports.write_zip(tmp_path / "export.zip", Streaming_History_Audio_2026=rows)
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name="export", size=1, now=world.clock.now())
    world.clock.forward(minutes=5)
    world.stand_in.delay_s = delay_s
    done, swept = await asyncio.gather(run.run(world.db, import_id, [path], world.clock), sweep_person(*world.parts, world.clock, user))
    async with world.db.transaction() as conn:
        archived = await history.load(conn, user)
    assert (done.summary.rows, swept.fetched, len(archived.ended_at)) == (40, 40, 40)
    assert set(archived.ms_played.tolist()) == {180_000}, "the richer report stands for it"
