"""For each box that the database answers: one thing wrong in a real one, or on the way to it, turns that box red, and no other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from audiospective.infra.database import Database, execute
from audiospective.operations.boxes import Op, boxes
from audiospective.operations.judge import GOOD, Reading, Status, judge
from audiospective.operations.probes import database, work
from audiospective.operations.probes.database import QUOTA_BYTES
from tests.clock import FakeClock
from tests.databases import Server
from tests.simulators.certificates import authority

F, U, NA = Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
Red = dict[str, Status]

#: Other tests are clients of the same server; here a server's clients are those of one database.
_ALONE = "CREATE VIEW public.pg_stat_activity AS SELECT * FROM pg_catalog.pg_stat_activity WHERE datname = current_database()"


def _judged(found: dict[str, Reading]) -> Red:
    return {box.id: judge(box, found[box.reading]).status for box in boxes() if box.reading in found and box.op is not Op.RECORD}


@dataclass(slots=True)
class There:
    """A database as we reach it; its server listens at `door` and keeps its files in `folder`."""

    dsn: str
    door: str
    clock: FakeClock
    folder: Path
    aside: Path

    async def stands(self, quota_bytes: int = QUOTA_BYTES) -> Red:
        """How each box that it answers stands."""
        db = Database(self.dsn, size=2)
        await db.open()
        found = await database.look(db, self.clock, quota_bytes=quota_bytes)
        await db.close()
        return _judged(found)

    @property
    def name(self) -> str:
        """Of the database."""
        return urlsplit(self.dsn).path[1:]

    def over(self, port: int, **more: str) -> None:
        """From now on it is reached over a network."""
        asked = "".join(f"&{name}={value}" for name, value in more.items())
        self.dsn = f"postgresql://postgres@/{self.name}?host=127.0.0.1&port={port}{asked}"


@pytest.fixture(scope="module")
def good(server: Server) -> Iterator[tuple[str, Path]]:
    """A database in good order, for every row of the table, and its folder; whoever breaks something mends it."""
    name = server.create("template_migrated")
    with psycopg.connect(server.dsn(name), autocommit=True) as conn:
        conn.execute(_ALONE)
        conn.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog".encode())
        file = conn.execute("SELECT current_setting('data_directory') || '/' || pg_relation_filepath('pg_class')").fetchone()
    assert file is not None
    yield server.dsn(name), Path(str(file[0])).parent
    server.drop(name)


@pytest.fixture
def there(good: tuple[str, Path], clock: FakeClock, tmp_path: Path) -> There:
    dsn, folder = good
    return There(dsn, f"{parse_qs(urlsplit(dsn).query)['host'][0]}/.s.PGSQL.5432", clock, folder, tmp_path)


Break = Callable[[There], AbstractAsyncContextManager[None]]


def _holds(mb: int) -> Break:
    """So much lies in its folder, though nothing of it was ever written."""

    @contextlib.asynccontextmanager
    async def do(one: There) -> AsyncIterator[None]:
        file = one.folder / "999999"
        with file.open("wb") as large:
            large.truncate(mb * 1_000_000)
        yield
        file.unlink()

    return do


def _crowd(count: int) -> Break:
    """So many clients, who say no more than who they are."""
    words = "user\0postgres\0database\0{}\0application_name\0crowd\0\0"

    @contextlib.asynccontextmanager
    async def do(one: There) -> AsyncIterator[None]:
        said = struct.pack("!i", 196608) + words.format(one.name).encode()
        with contextlib.ExitStack() as clients:
            for _ in range(count):
                client = clients.enter_context(socket.socket(socket.AF_UNIX))
                client.connect(one.door)
                client.sendall(struct.pack("!i", len(said) + 4) + said)
                while not client.recv(4096).endswith(b"Z\0\0\0\x05I"):
                    pass
            yield

    return do


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65_536):
            writer.write(part)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        writer.close()
        await writer.wait_closed()


def _relayed(*, slow_s: float = 0, own_tls: bool = False, **asked: str) -> Break:
    """It is reached by way of somebody who listens on a port, and may speak TLS with us and none with the server."""

    @contextlib.asynccontextmanager
    async def do(one: There) -> AsyncIterator[None]:
        shown: ssl.SSLContext | None = None
        if own_tls:
            shown = authority(one.aside, one.clock.now()).server("localhost", one.clock.now(), one.clock.now())
        lines: list[asyncio.Task[None]] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            one.clock.forward(seconds=slow_s)
            if shown is not None:
                await reader.readexactly(8)
                writer.write(b"S")
                await writer.start_tls(shown)
            theirs, ours = await asyncio.open_unix_connection(one.door)
            lines.extend(asyncio.create_task(_pass_on(*pair)) for pair in ((reader, ours), (theirs, writer)))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        one.over(server.sockets[0].getsockname()[1], **asked)
        yield
        server.close()
        await asyncio.gather(*lines)
        await server.wait_closed()

    return do


@contextlib.asynccontextmanager
async def _says_encrypted(one: There) -> AsyncIterator[None]:
    """No server of the tests speaks TLS by itself, so this one is made to say that it does."""
    async with Database(one.dsn, size=1).autocommit() as conn:
        await execute(conn, "CREATE VIEW public.pg_stat_ssl AS SELECT pg_backend_pid() AS pid, true AS ssl")
        yield
        await execute(conn, "DROP VIEW public.pg_stat_ssl")


def _both(first: Break, second: Break) -> Break:
    @contextlib.asynccontextmanager
    async def do(one: There) -> AsyncIterator[None]:
        async with first(one), second(one):
            yield

    return do


MUTATIONS: list[tuple[str, Break, Red]] = [
    ("a tenth of its room is taken", _holds(60), {"R198": F}),
    ("more than on a first day", _holds(120), {"R164": F, "R198": F}),
    ("nearly full", _holds(420), {"R019": F, "R122": F, "R164": F, "R191": F, "R198": F}),
    ("ten clients more", _crowd(10), {"R120": F}),
    ("fifty clients", _crowd(50), {"R020": F, "R120": F, "R191": F}),
    ("the way is slow", _relayed(slow_s=6), {"R012": F, "R015": F}),
    ("over a network in the clear", _relayed(), {"R012": F}),
    ("the server doesn't encrypt what we do", _relayed(own_tls=True, sslmode="require"), {"R012": F}),
    ("encrypted, and nobody insists", _both(_relayed(own_tls=True), _says_encrypted), {"R012": F}),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(there: There, wrong: Break, red: Red) -> None:
    async with wrong(there):
        found = await there.stands()
    assert {box: status for box, status in found.items() if status not in GOOD} == red


async def test_what_is_nearly_full_is_so_by_its_own_quota(there: There) -> None:
    async with _holds(420)(there):
        found = await there.stands(quota_bytes=10 * QUOTA_BYTES)
    assert {box: status for box, status in found.items() if status not in GOOD} == {"R164": F}


async def test_in_good_order_every_box_is_green_and_encryption_is_seen_where_there_is_a_network(there: There) -> None:
    assert {box: status for box, status in (await there.stands()).items() if status is not Status.PASS} == {"R012": NA}
    async with _both(_relayed(own_tls=True, sslmode="require"), _says_encrypted)(there):
        assert set((await there.stands()).values()) == {Status.PASS}


async def test_where_no_database_answers_nothing_of_it_is_green(clock: FakeClock) -> None:
    away = Database("postgresql://127.0.0.1:9/none", patience_s=0.1)
    await away.open()
    mine, theirs = await asyncio.gather(database.look(away, clock), work.look(away, clock.now()))
    found = mine | theirs
    await away.close()
    assert all(reading.problem for reading in found.values())
    assert {"R012", "R015", "R151"} <= _judged(found).keys()
    assert set(_judged(found).values()) == {U}


async def test_a_reading_names_server_role_and_clients(there: There) -> None:
    db = Database(there.dsn, name="mine", size=1)
    await db.open()
    async with _crowd(2)(there):
        found = await database.look(db, there.clock)
    await db.close()
    assert found["database.connect_ms"].note.endswith(f"{there.name} as postgres")
    assert {"crowd 2", "mine 1"} <= set(found["database.connections"].note.partition(": ")[2].split(", "))
