"""F26–F28, F30, F39: releases follow one another under load; a broken one never serves, or gives the door back; nobody is turned away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from audiospective.cli import stand
from audiospective.cli.stand import NotWell
from audiospective.errors import Conflict, Locked
from audiospective.infra.clock import SystemClock
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.operations import deploy, releases, supervision
from audiospective.operations.load import Load, visitors
from audiospective.operations.releases import INSTALLED, Release
from audiospective.operations.supervision import Stage
from tests.cli.instance import Up, started, wait_until
from tests.folders import reachable_folder
from tests.operations.stubs import stub
from tests.operations.wheels import errand, laid_out

pytestmark = pytest.mark.db

_CLOCK = SystemClock()
#: Two of them keep their connections; each asks ten times a second, and more would take the processor from what starts.
_VISITORS = 4
#: What is wrong with a release, and what is said of it.
_NEVER_SERVES = {
    "start": "a process ended",
    "request": "shows no page",
    "page": "says that it is healthy, and shows no page",
    "version": "says that it is 9.9.9",
    "worker": "a process ended",
    "door": "doesn't answer at the door",
}


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """An instance for this file."""
    with reachable_folder() as folder:
        with started(folder / "home") as running:
            yield running
        for one in releases.listed(folder / "home"):
            releases.remove(folder / "home", one)


@pytest.fixture(scope="module")
def pair(up: Up, tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """Two releases; the newer one brings a column, which is there from the beginning."""
    folder, more = tmp_path_factory.mktemp("wheels"), "ALTER TABLE people ADD COLUMN more text NOT NULL DEFAULT '';"
    older, newer = laid_out(up.home, folder, "1.0.0"), laid_out(up.home, folder, "1.1.0", append={"migrations/9001_more.sql": more})
    asyncio.run(releases.migrate(newer, *_database(up)))
    return older, newer


async def _to(up: Up, release: Release, *, watch_s: float = 0.0, is_rollback: bool = True) -> float:
    """Switch; seconds to the third healthy answer at the door."""
    began = _CLOCK.monotonic()
    done = await deploy.switch(errand(up.home), release, watch_s=watch_s, is_rollback=is_rollback)
    return _CLOCK.monotonic() - began if Stage.HEALTHY not in done.stages else done.stages[Stage.HEALTHY]


async def _until_serves(up: Up, release: Release) -> None:
    for _ in range(1_200):
        if await _serving(up) == release.id:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{release.id} never served")


async def _serving(up: Up) -> str:
    return (await supervision.standing(up.home)).serving


async def test_releases_follow_one_another_under_load_and_no_request_fails(up: Up, pair: tuple[Release, Release]) -> None:
    async with visitors(up.address, _CLOCK, count=_VISITORS) as load:
        taken = [await _to(up, pair[number % 2]) for number in range(4)]
        await asyncio.sleep(0.5)
    assert load.failed == []
    assert load.asked > 50
    assert max(taken[2:]) <= 10  # back to one that stands by; the first two start cold beside all the other tests
    assert await _serving(up) == pair[1].id == releases.current(up.home)


async def test_a_request_that_was_begun_before_is_finished_after(up: Up, pair: tuple[Release, Release]) -> None:
    await _to(up, pair[1])
    host, port = up.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST /api/archive/request HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 4\r\n".encode())
    await asyncio.sleep(0.2)
    await _to(up, pair[0])
    writer.write(b"\r\n{}  ")
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode().lower()
    writer.close()
    assert head.split()[1] in {"401", "403"}
    assert "connection: close" in head


async def test_the_older_release_works_on_the_newer_schema(up: Up, pair: tuple[Release, Release]) -> None:
    async with visitors(up.address, _CLOCK, count=_VISITORS) as load:
        await _to(up, pair[1])
        await _to(up, pair[0])
    assert load.failed == []
    assert await _serving(up) == pair[0].id
    with psycopg.connect(EmbeddedPostgres(up.home).dsn) as conn:
        assert conn.execute("SELECT count(more) FROM people").fetchone() == (0,)


async def _broken(up: Up, release: Release) -> Load:
    before = await _serving(up)
    async with visitors(up.address, _CLOCK, count=_VISITORS) as load:
        with pytest.raises(Conflict) as refused:
            await _to(up, release, watch_s=5, is_rollback=False)
        await asyncio.sleep(0.3)
    assert await _serving(up) == before == releases.current(up.home)
    load.failed.append(refused.value.message)
    return load


@pytest.mark.parametrize(("number", "wrong"), [*enumerate(_NEVER_SERVES)])
async def test_a_broken_release_never_serves_and_nobody_notices(
    up: Up, pair: tuple[Release, Release], tmp_path: Path, number: int, wrong: str
) -> None:
    await _to(up, pair[0])
    load = await _broken(up, stub(up.home, tmp_path, f"2.0.{number}", wrong))
    (said,) = load.failed
    assert _NEVER_SERVES[wrong] in said
    assert load.slowest_s < 10


async def test_one_that_dies_while_it_is_watched_gives_the_door_back(up: Up, pair: tuple[Release, Release], tmp_path: Path) -> None:
    await _to(up, pair[0])
    load = await _broken(up, stub(up.home, tmp_path, "2.1.0", "later"))
    *lost, said = load.failed
    assert "a process ended" in said
    assert len(lost) <= _VISITORS  # each visitor's connection to the process that died
    assert load.slowest_s < 10


async def test_one_that_takes_the_machines_memory_is_seen_while_it_is_watched(tmp_path: Path) -> None:
    release = stub(tmp_path, tmp_path, "2.1.1", "memory")
    with socket.create_server(("127.0.0.1", 0)) as door:
        beside = stand.make(release, os.environ, door, "music.example.org", _CLOCK.now())
        beside.run(*beside.children)
        try:
            await beside.proved()
            beside.most_bytes = 100_000_000
            with pytest.raises(NotWell, match="MB of memory"):
                await beside.watched(20)
        finally:
            await beside.close()


async def test_one_that_is_not_what_was_laid_out_is_refused_before_anything_starts(up: Up, pair: tuple[Release, Release]) -> None:
    await _to(up, pair[0])
    assert pair[1].site is not None
    file = pair[1].site / "audiospective" / "errors.py"
    content = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content + b"\n")
    with pytest.raises(Conflict, match="isn't what was laid out"):
        await _to(up, pair[1])
    file.write_bytes(content)
    file.chmod(0o444)
    assert await _serving(up) == pair[0].id


async def test_a_migration_that_fails_stops_the_release_and_nothing_else(up: Up, pair: tuple[Release, Release], tmp_path: Path) -> None:
    wrong = {"migrations/9000_wrong.sql": "CREATE TABLE half (id int); SELECT nothing FROM nowhere;"}
    release = laid_out(up.home, tmp_path, "2.2.0", append=wrong)
    async with visitors(up.address, _CLOCK, count=_VISITORS) as load:
        with pytest.raises(Conflict, match="9000_wrong failed and nothing of it was kept"):
            await releases.migrate(release, *_database(up))
    assert load.failed == []


async def test_while_one_is_watched_nobody_deploys_and_everybody_may_roll_back(
    up: Up, pair: tuple[Release, Release], tmp_path: Path
) -> None:
    await _to(up, pair[0])
    newer = stub(up.home, tmp_path, "2.4.0")
    watched = asyncio.create_task(_to(up, newer, watch_s=30, is_rollback=False))
    await _until_serves(up, newer)
    with pytest.raises(Locked, match="Nothing was switched"):
        await _to(up, pair[0], is_rollback=False)
    await _to(up, pair[0])
    with pytest.raises(Conflict, match="was overtaken"):
        await watched


async def test_an_operator_who_was_killed_leaves_a_switch_that_goes_on(up: Up, pair: tuple[Release, Release], tmp_path: Path) -> None:
    await _to(up, pair[0])
    newer = stub(up.home, tmp_path, "2.5.0")
    asked = supervision.switch(up.home, supervision.Question(newer.id, "mara", 0.5))
    assert (await anext(asked)).stage is Stage.STARTING
    await asked.aclose()  # type: ignore[attr-defined]  # a generator, as what is left of a killed process
    await _until_serves(up, newer)
    done = await deploy.switch(errand(up.home), newer, watch_s=0.5, is_rollback=True)
    assert list(done.stages) == [Stage.SERVES]


async def test_killed_itself_the_instance_starts_again_with_the_release_that_served(up: Up, tmp_path: Path) -> None:
    served = stub(up.home, tmp_path, "2.6.0")
    await _to(up, served)
    os.kill(up.process.pid, signal.SIGKILL)
    up.process.communicate()
    wait_until(up.is_gone)
    up.start()
    assert await _serving(up) == served.id
    await _to(up, releases.installed())
    assert await _serving(up) == INSTALLED


def _database(up: Up) -> tuple[dict[str, str], str]:
    return {**os.environ, "AUDIOSPECTIVE_HOME": str(up.home)}, EmbeddedPostgres(up.home).dsn
