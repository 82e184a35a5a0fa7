"""Copies of an archive that go by themselves: every day, week or month, to a folder of this instance or an S3-compatible bucket.

A file is written whole before it is moved or sent, so that nobody ever finds half of one. What came of it stands on the page.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from audiospective.archive.history import HistoryCache
from audiospective.errors import AudiospectiveError, Invalid
from audiospective.export import run
from audiospective.infra import object_store
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_one
from audiospective.infra.egress import check_address
from audiospective.infra.language import ENGLISH, language, speaking
from audiospective.infra.object_store import Credentials
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements
from audiospective.infra.telemetry import get_logger
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone

sql = statements(__name__)

EVERY: Final = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
#: Longer than any export takes; a worker that died is followed after this.
_LEASE = timedelta(hours=1)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=12)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*", re.ASCII)
_EVERYTHING = Period("all", None, None)


class Place(StrEnum):
    """Where copies go."""

    FOLDER = "folder"
    S3 = "s3"


class Bucket(msgspec.Struct, frozen=True):
    """An S3-compatible bucket, with the key that may write there; `prefix` is "" or ends with a slash."""

    endpoint: str
    region: str
    bucket: str
    prefix: str
    key_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """How somebody's copies stand."""

    user_id: int
    place: str
    target: bytes = field(repr=False)
    format: str
    every: str
    due_at: datetime
    troubles: int
    tried_at: datetime | None
    done_at: datetime | None
    outcome: str
    bytes_sent: int


class Outside(msgspec.Struct, frozen=True):
    """What a copy needs of the world: calls to public hosts, and the folder that is set for copies (None: there is none)."""

    http: aiohttp.ClientSession
    folder: Path | None


class _Of(msgspec.Struct, frozen=True):
    zone: str
    name: str
    language: str


async def find(conn: Connection, user: int) -> Schedule | None:
    """How it stands; None for somebody without."""
    return await fetch_one(conn, sql["find"], Schedule, user=user)


def bucket_of(sealer: Sealer, schedule: Schedule) -> Bucket | None:
    """The bucket of a schedule, for its owner's page; None for the folder, or when the seal is broken."""
    try:
        return msgspec.json.decode(sealer.open(schedule.target, bound=_bound(schedule.user_id)), type=Bucket) if schedule.target else None
    except BrokenSeal:
        return None


async def to_folder(conn: Connection, user: int, fmt: run.Format, every: str, *, folder: Path | None, now: datetime) -> None:
    """Copies into this instance's folder for them; raises Invalid where whoever runs it has set none."""
    if folder is None:
        raise Invalid("Whoever runs this instance has set no folder for copies (EXPORT_FOLDER); use a bucket.", field="place")
    await _set(conn, user, Place.FOLDER, b"", fmt, every=every, now=now)


async def to_bucket(
    conn: Connection, sealer: Sealer, user: int, bucket: Bucket, fmt: run.Format, *, every: str, now: datetime, local_hosts: Iterable[str]
) -> None:
    """Copies into a bucket; raises Invalid naming the field."""
    check_address(bucket.endpoint, local_hosts, field="endpoint")
    if not _BUCKET.fullmatch(bucket.bucket):
        raise Invalid("A bucket's name has 3 to 63 small letters, digits, dots and hyphens.", field="bucket")
    if not _PREFIX.fullmatch(bucket.prefix) or len(bucket.prefix) > 200:
        raise Invalid("A folder in the bucket is written like music/archive/, of plain letters, digits, dots and hyphens.", field="prefix")
    for name, text in (("region", bucket.region), ("key_id", bucket.key_id), ("secret", bucket.secret)):
        if not (0 < len(text) <= 200 and text.isascii() and text.isprintable() and " " not in text):
            raise Invalid("Copy the region, the key's id and the secret as your store shows them.", field=name)
    sealed = sealer.seal(msgspec.json.encode(bucket), bound=_bound(user))
    await _set(conn, user, Place.S3, sealed, fmt, every=every, now=now)


async def stop(conn: Connection, user: int) -> None:
    """No more copies; those that were made stay where they are."""
    await execute(conn, sql["stop"], user=user)


async def copy_due(db: Database, sealer: Sealer, clock: Clock, outside: Outside) -> int:
    """Make every copy that is due, one after the other; how many were tried."""
    tried = 0
    while True:
        now = clock.now()
        async with db.transaction() as conn:
            schedule = await fetch_one(conn, sql["take"], Schedule, now=now, until=now + _LEASE)
        if schedule is None:
            return tried
        await _copy(db, sealer, clock, outside, schedule)
        tried += 1


async def _copy(db: Database, sealer: Sealer, clock: Clock, outside: Outside, schedule: Schedule) -> None:
    try:
        name, size = await _made(db, sealer, clock, outside, schedule)
    except (AudiospectiveError, OSError) as error:
        said = error.message if isinstance(error, AudiospectiveError) else f"The folder can't be written ({os.strerror(error.errno or 0)})."
        due = clock.now() + min(_FIRST_PAUSE * (1 << min(schedule.troubles, 8)), _LONGEST_PAUSE)
        async with db.transaction() as conn:
            await execute(conn, sql["failed"], user=schedule.user_id, lease=schedule.due_at, due=due, outcome=said)
        get_logger().warning("copy.failed", place=schedule.place, troubles=schedule.troubles + 1)
        return
    now = clock.now()
    async with db.transaction() as conn:
        due = now + EVERY[schedule.every]
        await execute(
            conn, sql["done"], user=schedule.user_id, lease=schedule.due_at, due=due, now=now, outcome=f"{name} arrived.", bytes=size
        )
    get_logger().info("copy.made", place=schedule.place, bytes=size)


async def _made(db: Database, sealer: Sealer, clock: Clock, outside: Outside, schedule: Schedule) -> tuple[str, int]:
    """The name of the file that arrived, and its bytes."""
    now, fmt = clock.now(), run.Format(schedule.format)
    place = Place(schedule.place)
    if place is Place.FOLDER and outside.folder is None:
        raise Invalid("Whoever runs this instance has taken its folder for copies away.", field="place")
    with tempfile.TemporaryDirectory(prefix="audiospective-copy-") as near:
        async with db.reading() as conn:
            of = await fetch_one(conn, sql["zone"], _Of, user=schedule.user_id) or _Of("UTC", "nobody", "")
            zone = Zone.named(of.zone)
            path = Path(near) / run.file_name(fmt, zone.today(now))
            asked = run.Asked(schedule.user_id, zone, _EVERYTHING, fmt, now)
            with path.open("wb") as file, speaking(language(of.language) or ENGLISH):
                async for piece in (await run.begin(conn, HistoryCache(), asked)).pieces:
                    await asyncio.to_thread(file.write, piece)
        if place is Place.FOLDER and outside.folder is not None:
            await asyncio.to_thread(_move, path, outside.folder / of.name)
        else:
            await _send(sealer, outside.http, schedule, path, now)
        return path.name, path.stat().st_size if path.exists() else (outside.folder or Path()).joinpath(of.name, path.name).stat().st_size


def _move(path: Path, folder: Path) -> None:
    """Into the folder, whole or not at all, readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise OSError(40, "a link")
    half = folder / f".{path.name}.part"
    with path.open("rb") as source, os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as target:
        while block := source.read(1024 * 1024):
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    half.replace(folder / path.name)


async def _send(sealer: Sealer, http: aiohttp.ClientSession, schedule: Schedule, path: Path, now: datetime) -> None:
    bucket = bucket_of(sealer, schedule)
    if bucket is None:
        raise Invalid("The bucket's key can't be opened any more; set it anew.", field="secret")
    there = Credentials(bucket.endpoint.rstrip("/"), bucket.region, bucket.bucket, bucket.key_id, bucket.secret)
    await object_store.put(http, there, bucket.prefix + path.name, path, now)


async def _set(conn: Connection, user: int, place: Place, target: bytes, fmt: run.Format, *, every: str, now: datetime) -> None:
    if every not in EVERY:
        raise Invalid(f"“{every[:20]}” is no rhythm; use day, week or month.", field="every")
    await execute(conn, sql["set"], user=user, place=place.value, target=target, format=fmt.value, every=every, now=now)


def _bound(user: int) -> bytes:
    return f"scheduled export {user}".encode()
