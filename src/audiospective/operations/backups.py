"""The whole instance into a file, proven by restoring it; and back again, without those who were deleted since.

A backup is a file with a manifest beside it; without one it isn't whole, so that a run that was killed leaves nothing that looks so.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from audiospective.accounts import apps
from audiospective.errors import Conflict, Invalid, NotFound
from audiospective.infra import dumping, sealing
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, fetch_one
from audiospective.infra.dumping import Fingerprint
from audiospective.infra.migrate import migrate
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry
from audiospective.privacy import erasure, tombstones
from audiospective.spotify import quota

sql = statements(__name__)

_SEALED: Final = ".sealed"
_PIECE: Final = 4 * 1024 * 1024
#: Nothing is asked of Spotify after a restore until somebody says so.
_PAUSED: Final = timedelta(days=365)
_ABANDONED: Final = timedelta(days=1)
#: A backup is one of now for so long.
_FRESH: Final = timedelta(hours=1)
_DAILY, _WEEKLY, _MONTHLY = 7, 4, 12


class Manifest(msgspec.Struct, frozen=True):
    """What stands beside a backup: when it was made, by which version, what is in it, and its digest."""

    made_at: datetime
    version: str
    bytes: int
    sha256: str
    is_sealed: bool
    tables: dict[str, tuple[int, str]]


class Backup(msgspec.Struct, frozen=True):
    """A backup on disk."""

    path: Path
    manifest: Manifest


class Verified(msgspec.Struct, frozen=True):
    """What a trial restore found: `differences` in words, none when all is equal; how long restoring took."""

    differences: tuple[str, ...]
    tables: int
    rows: int
    seconds: float


class Restored(msgspec.Struct, frozen=True):
    """What a restore brought: rows, people who were erased again, and that sweeps wait for `ops resume`."""

    rows: int
    erased_again: int
    seconds: float


async def make(db: Database, clock: Clock, folder: Path, *, sealer: Sealer | None = None) -> Backup:
    """Write a backup into `folder`, sealed under the instance's secret if a sealer is given. Raises Conflict while another is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = clock.now().astimezone(UTC)
    path = folder / f"audiospective-{now:%Y%m%dT%H%M%SZ}.backup{_SEALED if sealer else ''}"
    half = path.with_name(f".{path.name}.part")
    try:
        async with db.autocommit() as conn:  # a transaction that waits idle for a long dump would be ended by the server
            if not await fetch_one(conn, sql["lock"], bool):
                raise Conflict("Another backup is being made just now.")
            _sweep_halves(folder, now)
            _begun(half)
            tables = await dumping.dump(db.dsn, half)
            await fetch_one(conn, sql["unlock"], bool)  # a busy server notices only later that a connection was closed
        if sealer:
            _seal(half, sealer)
        told = {name: (one.rows, one.checksum) for name, one in tables.items()}
        manifest = Manifest(now, version("audiospective"), half.stat().st_size, _digest(half), sealer is not None, told)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    beside = _manifest_path(path)
    written = beside.with_name(f".{beside.name}.part")
    _begun(written).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    written.replace(beside)
    return Backup(path, manifest)


async def nightly(db: Database, clock: Clock, folder: Path, sealer: Sealer) -> Verified:
    """A backup, proven; only then do old ones go. All of it in the ledger. What differs is an error that a person must look at."""
    made = await make(db, clock, folder)
    found = await verify(db, clock, made, sealer)
    async with db.transaction() as conn:
        await ledger.append(conn, [entry("worker", "backup.made", made), entry("worker", "backup.verified", made, found)], clock.now())
    if found.differences:
        get_logger().error("backup.differs", tables=len(found.differences))
        return found
    prune(folder)
    get_logger().info("backup.verified", rows=found.rows, bytes=made.manifest.bytes, ms=round(found.seconds * 1000))
    return found


async def left_unproven(db: Database, folder: Path, now: datetime) -> Backup | None:
    """A plain backup of the last hour that nobody has brought back yet: a run made it and was killed. None where there is none."""
    newest = next(iter(listed(folder)), None)
    if newest is None or newest.manifest.is_sealed or now - newest.manifest.made_at > _FRESH:
        return None
    async with db.reading() as conn:
        return None if await is_on_record(conn, newest, "backup.verified") else newest


async def is_on_record(conn: Connection, one: Backup, event: str) -> bool:
    """Whether the ledger has this event of this very backup."""
    lines = await ledger.since(conn, one.manifest.made_at, event)
    return any(line.told().get("sha256") == one.manifest.sha256 for line in lines)


def entry(actor: str, event: str, one: Backup, found: Verified | None = None) -> Entry:
    """What the ledger keeps of a backup, and of its trial restore."""
    told: dict[str, object] = {"made_at": one.manifest.made_at.isoformat(), "file": one.path.name, "sha256": one.manifest.sha256}
    if found is not None:
        told |= {"differences": list(found.differences), "rows": found.rows, "seconds": round(found.seconds, 2)}
    return Entry(actor, event, "backup", told)


def listed(folder: Path) -> list[Backup]:
    """Every whole backup in a folder, the newest first."""
    files = (path for path in folder.glob("audiospective-*.backup*") if not path.name.endswith(".json"))
    found = [read(path) for path in files if _manifest_path(path).exists()]
    return sorted(found, key=lambda one: one.manifest.made_at, reverse=True)


def read(path: Path) -> Backup:
    """A backup by its file; raises NotFound, or Invalid when its manifest is missing or can't be read."""
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    try:
        return Backup(path, msgspec.json.decode(_manifest_path(path).read_bytes(), type=Manifest))
    except (OSError, msgspec.DecodeError) as error:
        raise Invalid(
            f"{path.name} has no manifest beside it ({_manifest_path(path).name}); it isn't a whole backup.", field="FILE"
        ) from error


def key_of(backup: Backup) -> str | None:
    """The id of the secret that a backup is sealed under; None when it isn't sealed."""
    if not backup.manifest.is_sealed:
        return None
    with backup.path.open("rb") as sealed:
        return sealing.key_of(sealed.read(64)[4:])


async def verify(db: Database, clock: Clock, backup: Backup, sealer: Sealer) -> Verified:
    """Restore into a scratch database and compare every table. Raises Invalid when the file isn't what was written."""
    began = clock.monotonic()
    async with _opened(backup, sealer) as file, dumping.scratch(db.dsn) as beside:
        await dumping.restore(beside, file)
        found = await dumping.fingerprints_of(beside)
    wanted = {name: Fingerprint(*told) for name, told in backup.manifest.tables.items()}
    differences = [f"{name}: {_said(found.get(name))} instead of {_said(one)}" for name, one in wanted.items() if found.get(name) != one]
    rows = sum(one.rows for one in found.values())
    return Verified(tuple(differences), len(wanted), rows, clock.monotonic() - began)


async def bring_back(db: Database, clock: Clock, backup: Backup, sealer: Sealer, *, client_id: str, replace: bool = False) -> Restored:
    """Put a backup in place of everything; whoever was deleted since is erased again, and sweeps wait. Raises Conflict, Invalid.

    The marks of the deleted are read before anything is replaced, so that a backup older than a deletion brings nobody back.
    """
    began = clock.monotonic()
    async with db.reading() as conn:
        if not replace and (await fetch_one(conn, sql["people"], int) or 0) > 0:
            raise Conflict("There is an archive here already; say --yes-replace to put the backup in its place.")
        marks = await tombstones.marks(conn)
    async with _opened(backup, sealer) as file:
        await dumping.restore(db.dsn, file)
    await migrate(db.dsn)
    erased_again = await settle_again(db, clock, sealer, marks, client_id=client_id)
    rows = sum(rows for rows, _ in backup.manifest.tables.values())
    return Restored(rows, erased_again, clock.monotonic() - began)


async def settle_again(db: Database, clock: Clock, sealer: Sealer, marks: Sequence[str], *, client_id: str) -> int:
    """What must be done after data came back, before anybody is served: whoever was deleted since (`marks`) is erased again, sweeps wait
    until an operator resumes them. How many had come back.
    """
    async with db.transaction() as conn:
        returned = await tombstones.returned(conn, sealer, [*marks, *await tombstones.marks(conn)])
        for user in returned:
            await erasure.erase(conn, sealer, user, clock.now())
        await tombstones.remember(conn, marks, clock.now())  # the next restore may bring back whom this one didn't
        for one in (client_id, *await apps.client_ids(conn)):
            await quota.pause(conn, one, clock.now() + _PAUSED)
    return len(returned)


def prune(folder: Path) -> list[Path]:
    """Remove what is no longer kept: a backup a day for a week, a week for a month, a month for a year; what was removed."""
    there = listed(folder)
    kept = set(keep([one.manifest.made_at for one in there]))
    gone = [one.path for one in there if one.manifest.made_at not in kept]
    for path in gone:
        _manifest_path(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return gone


def keep(made: Iterable[datetime]) -> list[datetime]:
    """Which backups are kept: the newest of each of the last seven days, four weeks and twelve months that have any. Pure."""
    newest_first = sorted(made, reverse=True)
    kept: set[datetime] = set(newest_first[:1])
    for spelled, most in (("%Y-%m-%d", _DAILY), ("%G-%V", _WEEKLY), ("%Y-%m", _MONTHLY)):
        kept |= set(_newest_of_each(newest_first, spelled)[:most])
    return sorted(kept, reverse=True)


def _newest_of_each(newest_first: Sequence[datetime], spelled: str) -> list[datetime]:
    found: dict[str, datetime] = {}
    for one in newest_first:
        found.setdefault(one.strftime(spelled), one)
    return list(found.values())


@asynccontextmanager
async def _opened(backup: Backup, sealer: Sealer) -> AsyncIterator[Path]:
    """The dump itself, checked against its digest and unsealed."""
    if _digest(backup.path) != backup.manifest.sha256:
        raise Invalid(f"{backup.path.name} isn't what was written: its digest differs. Use another backup.", field="FILE")
    if not backup.manifest.is_sealed:
        yield backup.path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain"
        with backup.path.open("rb") as sealed, plain.open("wb") as out:
            place = 0
            while size := sealed.read(4):
                out.write(sealer.open(sealed.read(int.from_bytes(size)), bound=b"backup %d" % place))
                place += 1
        yield plain


def _begun(path: Path) -> Path:
    """An empty file that nobody else reads from its first byte on, whatever folder and umask; no link is followed."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def _seal(path: Path, sealer: Sealer) -> None:
    """Piece by piece, each bound to its place, so that none can be left out or moved unseen."""
    beside = path.with_name(f"{path.name}.sealing")
    with path.open("rb") as plain, _begun(beside).open("wb") as out:
        place = 0
        while piece := plain.read(_PIECE):
            sealed = sealer.seal(piece, bound=b"backup %d" % place)
            out.write(len(sealed).to_bytes(4) + sealed)
            place += 1
    beside.replace(path)


def _sweep_halves(folder: Path, now: datetime) -> None:
    """What a run that was killed left behind; a day later nobody writes it any more, not even a dump that outlived its parent."""
    for path in folder.glob(".audiospective-*.part*"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - _ABANDONED:
            path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _said(one: Fingerprint | None) -> str:
    return f"{one.rows:,} rows ({one.checksum[:12]})" if one else "nothing"
