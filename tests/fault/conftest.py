"""A world in which things break, and a database that a process can die at."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from audiospective.infra.database import Connection, Database
from tests.clock import FakeClock
from tests.stand_in import World, world_of

Result = TypeVar("Result")


class Killed(BaseException):
    """The process is gone: nothing after this line is carried out by it."""


class Mortal(Database):
    """The database as seen by a process that dies at its n-th transaction, before or after it is committed."""

    def __init__(self, dsn: str, *, dies_at: int, committed: bool) -> None:
        super().__init__(dsn, name="mortal", size=4)
        self._left, self._committed = dies_at, committed

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; the last one of this process when its number comes."""
        if self._left < 0:
            raise Killed
        self._left -= 1
        async with super().transaction() as conn:
            yield conn
            if self._left < 0 and not self._committed:
                raise Killed
        if self._left < 0:
            raise Killed

    async def ask(self, question: Callable[[Connection], Awaitable[Result]]) -> Result:
        """A question is a transaction by itself: before it is answered or behind that is before or after its commit."""
        if self._left < 0:
            raise Killed
        self._left -= 1
        if self._left < 0 and not self._committed:
            raise Killed
        found = await super().ask(question)
        if self._left < 0:
            raise Killed
        return found


@pytest.fixture
async def world(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """A database, a clock, and Spotify as a test wants it."""
    async with world_of(db, clock) as made:
        made.stand_in.now = clock.now
        yield made
