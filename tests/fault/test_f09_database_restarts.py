"""F09: Postgres cuts every connection at each commit point of a sweep: after it is back, rows are those that Spotify told, once each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.leases import LEASE
from audiospective.collect.sweep import sweep_due
from audiospective.errors import DatabaseUnavailable
from audiospective.infra.database import Connection, Database, execute
from tests.stand_in import World

#: What a restart does to whoever is connected.
_CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Cut(Database):
    """A database that restarts at the n-th transaction of this process, just before it would be committed."""

    def __init__(self, world: World, cut_at: int) -> None:
        super().__init__(world.db.dsn, name="cut", size=4)
        self._world, self._left = world, cut_at

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; the n-th is cut."""
        async with super().transaction() as conn:
            yield conn
            self._left -= 1
            if self._left == -1:
                async with self._world.db.autocommit() as admin:
                    await execute(admin, _CUT)


@pytest.mark.parametrize("cut_at", range(6))
async def test_a_restart_at_any_commit_costs_no_play_and_no_rotated_token(world: World, cut_at: int) -> None:
    users = [UserId((await world.sign_in(one)).person.id) for one in ("mara", "noor")]
    for one in ("mara", "noor"):
        world.stand_in.hear(one, *((world.clock.forward(minutes=4), f"song-{n}") for n in range(8)))
    broken = Cut(world, cut_at)
    await broken.open()
    with contextlib.suppress(DatabaseUnavailable):
        await sweep_due(broken, world.spotify, world.sealer, world.clock)
    await broken.close()
    world.clock.forward(hours=2, seconds=LEASE.total_seconds())
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        for user in users:
            ended = (await history.load(conn, user)).ended_at.tolist()
            assert len(ended) == len(set(ended)) == 8
