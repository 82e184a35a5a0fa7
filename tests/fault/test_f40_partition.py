"""F40: the line to the database goes dead, one way or both, while everything seems open: no wait without end, and nothing done twice."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.leases import LEASE
from audiospective.collect.sweep import sweep_due
from audiospective.errors import DatabaseUnavailable
from audiospective.infra import database
from audiospective.infra.database import Database
from tests.stand_in import World


@dataclass(slots=True)
class Line:
    """A line to the database that can be made deaf; nothing on it is ever closed."""

    socket: str
    passes_answers: bool = True
    passes_questions: bool = True
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        there, back = await asyncio.open_unix_connection(self.socket)
        self.open += [writer, back]
        await asyncio.gather(self._pass(reader, back, "passes_questions"), self._pass(there, writer, "passes_answers"))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        with contextlib.suppress(ConnectionError):
            while block := await reader.read(65536):
                if getattr(self, way):
                    writer.write(block)
                    await writer.drain()
        with contextlib.suppress(ConnectionError):
            writer.close()


@pytest.fixture
async def line(world: World) -> AsyncIterator[tuple[Line, Database]]:
    """A database at the other end of such a line."""
    parts = urlsplit(world.db.dsn)
    folder = parse_qs(parts.query)["host"][0]
    port = parse_qs(parts.query).get("port", ["5432"])[0]
    carrying = Line(f"{folder}/.s.PGSQL.{parts.port or port}")
    door = await asyncio.start_server(carrying.carry, "127.0.0.1", 0)
    user = parts.username or parse_qs(parts.query).get("user", ["postgres"])[0]
    db = Database(f"postgresql://{user}@127.0.0.1:{door.sockets[0].getsockname()[1]}{parts.path}", size=4, patience_s=1)
    await db.open()
    yield carrying, db
    await db.close()
    for one in carrying.open:
        one.close()
    door.close()


@pytest.mark.parametrize("deaf", ["passes_answers", "passes_questions"])
async def test_a_dead_line_ends_in_time_and_the_sweep_is_done_once(
    world: World, line: tuple[Line, Database], monkeypatch: pytest.MonkeyPatch, deaf: str
) -> None:
    monkeypatch.setattr(database, "ANSWER_S", 0.5)
    carrying, db = line
    user = UserId((await world.sign_in("mara")).person.id)
    world.stand_in.hear("mara", (world.clock.now(), "song"))
    world.stand_in.delay_s = 0.2
    sweeping = asyncio.create_task(sweep_due(db, world.spotify, world.sealer, world.clock))
    await asyncio.sleep(0.15)
    setattr(carrying, deaf, False)
    began = time.monotonic()
    with contextlib.suppress(DatabaseUnavailable):
        await sweeping
    assert time.monotonic() - began < 40
    setattr(carrying, deaf, True)
    world.stand_in.delay_s = 0.0
    world.clock.forward(hours=1, seconds=LEASE.total_seconds())
    await sweep_due(*world.parts, world.clock)
    async with world.db.transaction() as conn:
        assert len((await history.load(conn, user)).ended_at) == 1
