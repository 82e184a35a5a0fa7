"""F41, F40: the connection is lost after COMMIT was sent: nobody knows if it was done; done again, it is done once."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from audiospective.accounts import renewal
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.imports import run
from audiospective.collect.leases import LEASE
from audiospective.collect.sweep import sweep_due
from audiospective.errors import DatabaseUnavailable
from audiospective.infra.database import Connection, Database
from tests.collect.imports import exports
from tests.stand_in import World


class Unsaid(Database):
    """A database whose n-th commit is done, or not, and never heard of."""

    def __init__(self, dsn: str, unsaid_at: int, *, is_done: bool = True) -> None:
        super().__init__(dsn, name="unsaid", size=4)
        self._left, self._is_done = unsaid_at, is_done

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; of the n-th nobody hears."""
        self._left -= 1
        went = DatabaseUnavailable("The database doesn't answer right now; try again in a moment.")
        is_the_one = self._left == -1
        async with super().transaction() as conn:
            yield conn
            if is_the_one and not self._is_done:
                raise went
        if is_the_one:
            raise went


@pytest.mark.parametrize("unsaid_at", range(4))
async def test_a_sweep_whose_commit_wasnt_heard_of_stores_once(world: World, unsaid_at: int) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", *((world.clock.forward(minutes=4), f"song-{n}") for n in range(8)))
    broken = Unsaid(world.db.dsn, unsaid_at)
    await broken.open()
    with contextlib.suppress(DatabaseUnavailable):
        await sweep_due(broken, world.spotify, world.sealer, world.clock)
    world.clock.forward(hours=2, seconds=LEASE.total_seconds())
    await broken.close()
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 8


@pytest.mark.parametrize("is_done", [True, False])
async def test_a_rotated_token_whose_commit_wasnt_heard_of_is_kept_all_the_same(world: World, is_done: bool) -> None:
    user = (await world.sign_in("mara")).person.id
    world.clock.forward(hours=1)
    broken = Unsaid(world.db.dsn, 1, is_done=is_done)
    await broken.open()
    with capture_logs() as logs:
        (token,) = (await renewal.fresh_together(broken, world.spotify, world.sealer, [user], world.clock)).values()
    await broken.close()
    assert (token, [line["event"] for line in logs]) == (world.stand_in.access_tokens["mara"], ["grant.kept_late"])
    world.clock.forward(hours=1)
    assert await renewal.fresh(*world.parts, user, world.clock) == world.stand_in.access_tokens["mara"]


@pytest.mark.parametrize("unsaid_at", range(5))
async def test_an_import_whose_commit_wasnt_heard_of_counts_once(world: World, tmp_path: Path, unsaid_at: int) -> None:
    user = UserId((await world.sign_in("mara")).person.id)
    path = exports.write_zip(
        tmp_path / "e.zip", Streaming_History_Audio_2024=[exports.extended(f"2024-05-{d:02}T18:43:11Z") for d in range(1, 29)]
    )
    async with world.db.transaction() as conn:
        import_id = await run.begin(conn, user, name="e.zip", size=1, now=world.clock.now())
    broken = Unsaid(world.db.dsn, unsaid_at)
    await broken.open()
    with contextlib.suppress(DatabaseUnavailable):
        await run.run(broken, import_id, [path], world.clock)
    async with world.db.transaction() as conn:
        state = (await run.status(conn, user, import_id)).summary.state
    if state in {"queued", "running"}:
        await run.run(broken, import_id, [path], world.clock)
    await broken.close()
    async with world.db.transaction() as conn:
        row, stored = (await run.status(conn, user, import_id)).summary, len((await history.load(conn, user)).ended_at)
    assert (row.state, row.rows, stored) == (("done", 28, 28) if row.state == "done" else ("failed", row.rows, 0))
