"""The cloud's data go back to a moment: the database's host restores, and what was there before stays under a name.

1. the marks of the deleted are put into a file, so that a restore brings nobody back, whoever dies meanwhile
2. the host restores its main branch; where the branch that keeps the state before is there, it has done so already
3. the schema is brought up, whoever was deleted since is erased again, sweeps wait until an operator resumes them
4. the ledger, which went back too, gets a line, once; its copy outside is put aside
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from audiospective.environ import Secret
from audiospective.errors import Refused, Unavailable, Unfinished
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_all
from audiospective.infra.migrate import migrate
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.operations import backups, ledger, mirror
from audiospective.operations.ledger import Entry
from audiospective.operations.providers import ports
from audiospective.privacy import erasure, tombstones

sql = statements(__name__)

REWOUND: Final = "data.rolled_back"
DRILLED: Final = "data.drilled"
#: A file that says what was begun and isn't over, and by whom.
_SIGN: Final = "rolling-data-back"
_COPY_FOR: Final = timedelta(hours=1)
_LOOKS: Final = 30


@dataclass(frozen=True, slots=True)
class Errand:
    """What an operator wants done, and whom to tell how far it is; `pace_s` between looks at a database that comes back."""

    db: Database
    host: ports.Database
    clock: Clock
    sealer: Sealer
    client_id: str
    home: Path
    by: str
    tell: Callable[[str], None]
    pace_s: float = 1.0


class Rewound(msgspec.Struct, frozen=True):
    """Where what was there before is kept, how many deleted people had come back, how long it took; False: it was done before."""

    kept_as: str
    erased_again: int
    seconds: float
    is_new: bool


class Held(msgspec.Struct, frozen=True):
    """What a database holds: people, plays, and the ledger's newest line."""

    people: int
    plays: int
    newest: datetime | None


def is_begun(home: Path, by: str, at: datetime) -> bool:
    """Whether a run of theirs was killed on the way there: it may go on, although the approval may have gone with the data."""
    sign = home / _SIGN
    return sign.exists() and sign.read_text("utf-8") == f"{_name(at)} {by}"


async def check(errand: Errand, at: datetime) -> str:
    """The name under which the present state would stay. Raises Refused for a moment to which the host can't go back."""
    now, back = errand.clock.now(), await errand.host.kept_for()
    if not now - back < at < now:
        raise Refused(f"The host goes back to moments between {now - back:%Y-%m-%d %H:%M} and {now:%H:%M} UTC; {_spelled(at)} isn't one.")
    return _name(at)


async def go_back(errand: Errand, at: datetime, *, reason: str) -> Rewound:
    """Put everything as it was then; killed anywhere, the next run does what is left. Raises Refused, or Unfinished: run it again."""
    began, name = errand.clock.monotonic(), await check(errand, at)
    if await _is_on_record(errand, name):
        return Rewound(name, 0, 0.0, is_new=False)
    file = errand.home / erasure.LEDGER
    await _keep_marks(errand, file)
    sign = errand.home / _SIGN
    sign.write_text(f"{name} {errand.by}", "utf-8")
    await errand.host.restore(at, keep_as=name)
    errand.tell(f"{errand.clock.monotonic() - began:6.1f} s  restored; what was there before stays as {name}")
    again = await _settled(errand, tombstones.read_file(file))
    aside = mirror.put_aside(errand.home / mirror.FILE, errand.clock.now())  # it knows of the time since
    seconds = round(errand.clock.monotonic() - began, 1)
    told = {"to": at.isoformat(), "kept_as": name, "reason": reason, "seconds": seconds, "erased_again": again}
    async with errand.db.transaction() as conn:
        kept = {"ledger_until_then": aside.name} if aside else {}
        await ledger.append(conn, [Entry(errand.by, REWOUND, name, told | kept)], errand.clock.now())
    sign.unlink()
    return Rewound(name, again, seconds, is_new=True)


async def rehearse(errand: Errand, at: datetime) -> tuple[Held, Held, float]:
    """What is held now, what a copy of that moment holds, and how long until it could be read; the copy is gone afterwards."""
    await check(errand, at)
    began = errand.clock.monotonic()
    name = f"drill-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        address = await errand.host.copy(name, at, errand.clock.now() + _COPY_FOR)
        then = await _held_at(errand, address)
        seconds = round(errand.clock.monotonic() - began, 1)
    finally:
        await errand.host.remove(name)
    async with errand.db.transaction() as conn:
        now = await _held(conn)
        told = {"of": at.isoformat(), "seconds": seconds, "plays_then": then.plays, "plays_now": now.plays}
        await ledger.append(conn, [Entry(errand.by, DRILLED, "data drill", told)], errand.clock.now())
    return now, then, seconds


async def _is_on_record(errand: Errand, name: str) -> bool:
    try:
        async with errand.db.reading() as conn:
            return name in await ledger.newest(conn, REWOUND)
    except Unavailable:
        return False  # it is wanted because the database is out of order


async def _keep_marks(errand: Errand, file: Path) -> None:
    try:
        async with errand.db.reading() as conn:
            marks = await tombstones.marks(conn)
    except Unavailable:
        errand.tell(f"The database doesn't answer; who was deleted lately is known of {file.name} alone.")
        return
    await asyncio.to_thread(tombstones.add_to_file, file, marks)


async def _settled(errand: Errand, marks: list[str]) -> int:
    """A restore restarts the host's compute: connections drop and come again."""
    for _ in range(_LOOKS):
        with contextlib.suppress(Unavailable):
            await migrate(errand.db.dsn)
            return await backups.settle_again(errand.db, errand.clock, errand.sealer, marks, client_id=errand.client_id)
        await errand.clock.sleep(errand.pace_s)
    raise Unfinished("It is restored, but the database doesn't answer yet; run the same again: whoever was deleted must be erased again.")


async def _held_at(errand: Errand, address: Secret) -> Held:
    copy = Database(address.reveal(), name="audiospective-drill", size=1, hidden=[address.reveal()])
    await copy.open()
    try:
        for _ in range(_LOOKS):
            with contextlib.suppress(Unavailable):
                async with copy.reading() as conn:
                    return await _held(conn)
            await errand.clock.sleep(errand.pace_s)
    finally:
        await copy.close()
    raise Unavailable("The copy was made, but doesn't answer.")


async def _held(conn: Connection) -> Held:
    (found,) = await fetch_all(conn, sql["held"], Held)
    return found


def _name(at: datetime) -> str:
    return f"before-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _spelled(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
