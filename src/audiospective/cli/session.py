"""What a short command works in: parts for as long as it runs, and the person it is about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from audiospective.accounts import people
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts, assemble
from audiospective.cli.environment import read_settings
from audiospective.errors import DatabaseUnavailable, Invalid, NotFound
from audiospective.infra.database import UNBUILT, Connection

T = TypeVar("T")


def with_parts(work: Callable[[Parts], Awaitable[T]]) -> T:
    """Run `work` with everything it needs, and put it all away again. Raises DatabaseUnavailable, also for one of another version."""

    async def run() -> T:
        with schema_needed():
            async with assemble(read_settings()) as parts:
                return await work(parts)

    return asyncio.run(run())


@contextlib.contextmanager
def schema_needed() -> Iterator[None]:
    """Where the database has another version's schema, or none, say so. Raises DatabaseUnavailable."""
    try:
        yield
    except UNBUILT as error:
        raise DatabaseUnavailable("The database lacks the schema of this version; bring it up to date: audiospective migrate") from error


async def somebody(conn: Connection, name: str) -> Person:
    """The listener of that name; raises Invalid that says who there is."""
    try:
        return await people.by_name(conn, name)
    except NotFound as error:
        known = (
            ", ".join(person.name for person in (await people.everyone(conn))[:20])
            or "nobody yet; add one with “audiospective users add NAME”"
        )
        raise Invalid(f"There is no listener called “{name[:60]}” here. Known: {known}.", field="--user") from error
