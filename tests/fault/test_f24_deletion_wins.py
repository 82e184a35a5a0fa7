"""F24, F25, A109: whatever is under way for somebody who is erased, nothing of theirs comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from audiospective.accounts import ways
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.collect import notices, sweep
from audiospective.collect.imports import run
from audiospective.collect.sweep import sweep_person
from audiospective.errors import AudiospectiveError
from audiospective.export import run as export
from audiospective.export import scheduled
from audiospective.export.scheduled import Outside
from audiospective.infra import outbox
from audiospective.infra.database import fetch_all
from audiospective.infra.outbox import Delivered
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.privacy import erasure
from tests.collect.imports import exports
from tests.fault.conftest import Killed, Mortal
from tests.stand_in import World

#: Every table with a column that says whose a row is.
_OWNED = "SELECT table_name FROM information_schema.columns WHERE column_name = 'user_id' AND table_schema = 'public' ORDER BY 1"


async def left(world: World, user: int) -> dict[str, int]:
    """Rows of this person, by table."""
    async with world.db.transaction() as conn:
        tables = await fetch_all(conn, _OWNED, str)
        counts = {one: await fetch_all(conn, f"SELECT count(*) FROM {one} WHERE user_id = %(user)s", int, user=user) for one in tables}
        people = await fetch_all(conn, "SELECT count(*) FROM people WHERE id = %(user)s", int, user=user)
    return {name: found[0] for name, found in (counts | {"people": people}).items() if found[0]}


async def erase(world: World, user: int) -> None:
    async with world.db.transaction() as conn:
        await erasure.erase(conn, world.sealer, user, world.clock.now())


async def mara(world: World, plays: int = 60) -> int:
    for _ in range(plays):
        world.stand_in.hear("mara", (world.clock.forward(minutes=3), "song"))
    return (await world.sign_in("mara")).person.id


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.05, 0.1, 0.2])
async def test_a_sweep_that_is_under_way_brings_nothing_back(world: World, delay_s: float) -> None:
    user = await mara(world)
    world.clock.forward(hours=2)
    world.stand_in.delay_s = 0.05
    sweeping = asyncio.create_task(sweep_person(*world.parts, world.clock, user))
    await asyncio.sleep(delay_s)
    await erase(world, user)
    await asyncio.wait([sweeping])
    assert await left(world, user) == {}


@pytest.mark.parametrize("commits", range(5))
async def test_an_import_that_goes_on_after_the_end_brings_nothing_back(world: World, tmp_path: Path, commits: int) -> None:
    user = await mara(world)
    rows = [exports.extended(f"2024-05-{day:02}T18:43:11Z") for day in range(1, 29)]
    path = exports.write_zip(tmp_path / "export.zip", Streaming_History_Audio_2024=rows)
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name="export.zip", size=1, now=world.clock.now())
    mortal = Mortal(world.db.dsn, dies_at=commits, committed=True)
    await mortal.open()
    try:
        await run.run(mortal, import_id, [path], world.clock)
    except Killed:
        await erase(world, user)
        with pytest.raises(AudiospectiveError):
            await run.run(world.db, import_id, [path], world.clock)
    finally:
        await mortal.close()
    await erase(world, user)
    assert await left(world, user) == {}


async def test_an_export_that_is_being_read_ends_whole_or_not_at_all(world: World) -> None:
    user = await mara(world)
    await sweep_person(*world.parts, world.clock, user)
    pieces = []
    async with world.db.reading() as conn:
        stream = export.stream(conn, user, Zone("UTC"), Period("all", None, None), fmt=export.Format.CSV, now=world.clock.now())
        async for piece in stream:
            pieces.append(piece)
            await erase(world, user)
    assert b"".join(pieces).count(b"\r\n") == 51
    assert await left(world, user) == {}


async def test_what_waited_for_them_does_nothing(world: World, tmp_path: Path) -> None:
    """A108, A109: a summons, an import, a copy and a letter that were asked for before, done after."""
    user, folder = await mara(world), tmp_path / "upload"
    folder.mkdir()
    exports.write_zip(folder / "a.zip", Streaming_History_Audio_2024=[exports.extended("2024-05-01T18:43:11Z")])
    async with world.db.transaction() as conn:
        now, sealer = world.clock.now(), world.sealer
        summons = await sweep.request(conn, UserId(user), now)
        import_id = await run.receive(conn, UserId(user), name="a.json", folder=folder, size=1, now=now)
        await scheduled.to_folder(conn, user, export.Format.CSV, "day", folder=tmp_path / "copies", now=now)
        await ways.add(conn, sealer, user, "webhook", "http://127.0.0.1:9/", wants=["trouble"], now=now, local_hosts={"127.0.0.1"})
        (way,) = await ways.own(conn, user)
        await outbox.store(conn, ways.news(way, "test:1", "A test", "x"), now)
    await erase(world, user)
    world.clock.forward(days=190)
    await sweep.answer_request(*world.parts, world.clock, summons)
    await run.run_received(world.db, import_id, folder, world.clock)
    async with aiohttp.ClientSession() as http:
        assert await scheduled.copy_due(world.db, sealer, world.clock, Outside(http, tmp_path / "copies")) == 0
    assert await outbox.deliver_due(world.db, {}, world.clock) == Delivered(0, 0, 0)
    assert await notices.tell(world.db, world.clock, app_url="https://x.example.org") == []
    assert await left(world, user) == {}
    assert not (tmp_path / "copies").exists()


async def test_erased_twice_is_erased_once(world: World) -> None:
    user = await mara(world)
    await sweep_person(*world.parts, world.clock, user)
    await asyncio.gather(erase(world, user), erase(world, user))
    assert await left(world, user) == {}


@pytest.mark.parametrize(("committed", "people"), [(False, 1), (True, 0)])
async def test_who_is_killed_while_deleting_has_deleted_nothing_or_everything(
    world: World, tmp_path: Path, committed: bool, people: int
) -> None:
    user = UserId(await mara(world))
    await sweep_person(*world.parts, world.clock, user)
    before = await left(world, user)
    mortal = Mortal(world.db.dsn, dies_at=0, committed=committed)
    await mortal.open()
    with pytest.raises(Killed):
        await erasure.delete_account(
            mortal, world.sealer, HistoryCache(), world.clock, user=user, instance="x", ledger=tmp_path / "deleted"
        )
    await mortal.close()
    assert await left(world, user) == (before if people else {})


async def test_an_upload_of_somebody_who_is_gone_goes_too(world: World, tmp_path: Path) -> None:
    user = await mara(world)
    folder = tmp_path / "upload"
    folder.mkdir()
    exports.write_zip(folder / "export.zip", Streaming_History_Audio_2024=[exports.extended("2024-05-01T18:43:11Z")])
    async with world.db.transaction() as conn:
        import_id = await run.receive(conn, UserId(user), name="export.zip", folder=folder, size=1, now=world.clock.now())
    await erase(world, user)
    await run.run_received(world.db, import_id, folder, world.clock)
    assert (folder.exists(), await left(world, user)) == (False, {})
