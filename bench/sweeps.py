"""The sweep engine: people a CPU second, beside a plain loop; and several workers on one database.

Spotify is a process of its own that answers at once (crowd.py), so that what is measured is ours: asking, decoding, storing, proving.
CPU is that of this process and of Postgres together; the network's time is nobody's CPU.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import aiohttp

from audiospective.accounts import grants
from audiospective.collect import sweep
from audiospective.infra.database import Database, execute, fetch_all, fetch_one
from audiospective.infra.sealing import Sealer
from audiospective.infra.telemetry import configure_logging
from audiospective.settings import Secret, SpotifySettings
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair
from bench.crowd import NEW, PAGE, START
from bench.figure import Figure
from tests.clock import FakeClock

_ADD = """INSERT INTO people (name, display_name, created_at)
SELECT %(prefix)s || n, 'x', %(now)s FROM generate_series(1, %(count)s) AS n RETURNING id"""
_DUE = "INSERT INTO sweeps (user_id, due_at) SELECT id, %(now)s FROM people WHERE name LIKE %(prefix)s || '%%'"
_PLAY = "INSERT INTO plain (user_id, track, played_at) VALUES (%(user)s, %(track)s, %(at)s) ON CONFLICT DO NOTHING"
_PLAIN = "CREATE TABLE plain (user_id int, track text, played_at timestamptz, PRIMARY KEY (user_id, played_at, track))"
_TICKS = os.sysconf("SC_CLK_TCK")


async def figures(dsn: str, db: Database, people: int) -> list[Figure]:
    """First sweeps (50 plays new), hourly ones (8 new, token refreshed), silent ones; the plain loop; two, four and eight workers."""
    configure_logging(json=True, stream=io.StringIO())
    with _crowd() as address:
        plain = await _plain_loop(db, address, people // 10)
        found = await _engine(db, address, people, plain)
        return found + await _workers(dsn, address, people)


async def _engine(db: Database, address: str, people: int, plain: float) -> list[Figure]:
    clock, sealer = FakeClock(START + timedelta(minutes=1)), Sealer(["bench"])
    await _settle_people(db, sealer, clock, people, "swept")
    found = []
    for hour, name in enumerate(("50 of 50 new", f"an hour later, {NEW} new, token refreshed", "another hour later")):
        before = await _cpu_s(db)
        began = time.perf_counter()
        async with _spotify(address, hour) as spotify:
            swept = await _all(db, spotify, sealer, clock)
        wall, cpu = time.perf_counter() - began, await _cpu_s(db) - before
        assert swept.leased == people, swept
        each = people / cpu
        reference = (
            f"plain loop {plain:,.0f}, so {each / plain:.1f} times; {each * 7200 / 1e6:.1f} M/h on 2 cores; {people / wall:,.0f}/s wall"
        )
        found.append(Figure(f"sweep of {people:,}: {name}", each, "/CPU s", "≥ 278 (2 M/h)", reference))
        await _everyone_due(db, clock.forward(hours=1, minutes=1))
    before = await _cpu_s(db)
    async with _spotify(address, 2) as spotify:
        await _all(db, spotify, sealer, clock)
    each = people / (await _cpu_s(db) - before)
    return [*found, Figure("  nothing played since: the answer isn't decoded", each, "/CPU s")]


async def _all(db: Database, spotify: Spotify, sealer: Sealer, clock: FakeClock) -> sweep.Swept:
    leased = new = 0
    while (swept := await sweep.sweep_due(db, spotify, sealer, clock)).leased:
        assert not swept.troubles, swept.troubles[:1]
        leased, new = leased + swept.leased, new + swept.new
    return sweep.Swept(leased, new=new)


async def _workers(dsn: str, address: str, people: int) -> list[Figure]:
    """Several processes' worth of workers, as pools of their own in this one: nobody is swept twice."""
    found = []
    for count in (2, 4, 8):
        clock, sealer = FakeClock(START + timedelta(minutes=1)), Sealer(["bench"])
        pools = [Database(dsn, name=f"worker {n}", size=4) for n in range(count)]
        for pool in pools:
            await pool.open()
        await _settle_people(pools[0], sealer, clock, people // 4, f"workers{count}-")
        await asyncio.sleep(1)  # the backends of those before have gone, with their seconds
        began, before = time.perf_counter(), await _cpu_s(pools[0])
        async with _spotify(address, 0) as spotify:
            swept = await asyncio.gather(*(_all(pool, spotify, sealer, clock) for pool in pools))
        wall, cpu = time.perf_counter() - began, await _cpu_s(pools[0]) - before
        once = sum(one.leased for one in swept) == people // 4 and sum(one.new for one in swept) == people // 4 * PAGE
        assert once, [(one.leased, one.new) for one in swept]
        found.append(
            Figure(
                f"  {count} workers, one database, first sweeps",
                people // 4 / cpu,
                "/CPU s",
                "",
                f"no double claim; {people // 4 / wall:,.0f}/s wall",
            )
        )
        for pool in pools:
            await pool.close()
    return found


async def _settle_people(db: Database, sealer: Sealer, clock: FakeClock, count: int, prefix: str) -> None:
    pair = TokenPair("access", "refresh", 3600, "")
    async with db.transaction() as conn:
        for user in await fetch_all(conn, _ADD, int, prefix=prefix, now=clock.now(), count=count):
            await grants.store(conn, sealer, user, pair, client_id="bench", now=clock.now())
        await execute(conn, _DUE, prefix=prefix, now=clock.now())


async def _everyone_due(db: Database, now: object) -> None:
    async with db.transaction() as conn:
        await execute(conn, "UPDATE sweeps SET due_at = %(now)s", now=now)


async def _plain_loop(db: Database, address: str, people: int) -> float:
    """People a CPU second: one GET, `json.loads`, one INSERT for each play, one person after the other."""
    await asyncio.sleep(1)  # backends that end take their seconds with them
    async with db.autocommit() as conn:
        await execute(conn, _PLAIN)
        before = await _cpu_s(db)
        async with aiohttp.ClientSession() as http:
            for user in range(people):
                async with http.get(f"{address}/h0/v1/me/player/recently-played?limit=50") as answer:
                    for item in json.loads(await answer.text())["items"]:
                        await execute(conn, _PLAY, user=user, track=item["track"]["id"], at=item["played_at"])
        spent = await _cpu_s(db) - before
        await execute(conn, "DROP TABLE plain")
    await asyncio.sleep(1)
    return people / spent


@contextlib.asynccontextmanager
async def _spotify(address: str, hour: int):  # type: ignore[no-untyped-def]  # an async generator of Spotify
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as http:
        yield Spotify(http, SpotifySettings("bench", Secret("s"), address, f"{address}/h{hour}", simulated=True))


async def _cpu_s(db: Database) -> float:
    """Seconds of CPU that this process and its Postgres have used."""
    async with db.autocommit() as conn:
        backend = await fetch_one(conn, "SELECT pg_backend_pid()", int)
    postmaster = int(_stat(backend or 0)[1])
    family = [_stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdecimal() and path.joinpath("stat").exists()]
    ticks = sum(sum(map(int, fields[11:13])) for fields in family if int(fields[1]) == postmaster)
    dead = sum(map(int, _stat(postmaster)[11:15]))
    return time.process_time() + (ticks + dead) / _TICKS


def _stat(process: int) -> list[str]:
    """The fields of /proc/N/stat after the name: state, parent, …"""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ["?"] + ["0"] * 40


@contextlib.contextmanager
def _crowd() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-m", "bench.crowd"], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.kill()
