"""The only reader of plays: one person's counted plays as columns, cached by version."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from weakref import WeakValueDictionary

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I4, Evidence, History, UserId
from audiospective.archive.rows import EPOCH_2000_US
from audiospective.errors import NotFound
from audiospective.infra.arrays import IntArray, distinct
from audiospective.infra.database import Connection, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

_PLAY = np.dtype([("ended_at", ">i8"), ("track", ">i4"), ("ms_played", ">i4"), ("flags", ">i2"), ("source", ">i2")])
_TRACK = np.dtype([("id", ">i4"), ("duration_ms", ">i4"), ("artist", ">i4"), ("album", ">i4"), ("isrc", ">i8")])


_TOLD = np.dtype(
    [
        ("ended_at", ">i8"),
        ("track", ">i4"),
        ("ms_played", ">i4"),
        ("source", ">i2"),
        ("shifted_s", ">i4"),
        ("platform", ">i4"),
        ("country", ">i2"),
        ("reasons", ">i2"),
    ]
)


_Kind: TypeAlias = type[np.signedinteger[Any]] | type[np.unsignedinteger[Any]]
#: The columns that are made of what comes packed, in native order.
_PLAYS: Final[Mapping[str, _Kind]] = {"ended_at": np.int64, "track": np.int32, "ms_played": np.int32, "flags": np.uint8, "source": np.uint8}
_EVIDENCE: Final[Mapping[str, _Kind]] = {"shifted_s": np.int32, "platform": np.int32, "country": np.int16, "reasons": np.int16}

_STRETCH_US: Final = 3 * 365 * 86_400_000_000


class _Extent(msgspec.Struct, frozen=True):
    """What `load` begins with: the version, since which one only a tail has changed (changes.py), when the first and last listen ended."""

    version: int
    tail_after: int | None
    tail_from_us: int
    first_us: int | None
    last_us: int | None


class _Word(msgspec.Struct, frozen=True):
    id: int
    word: str


async def version(conn: Connection, user: UserId) -> int:
    """Grows with every change of this person's plays; raises NotFound for nobody."""
    found = await fetch_one(conn, sql["version"], int, user=user)
    if found is None:
        raise NotFound("There is no such listener here.")
    return found


async def count(conn: Connection, user: UserId) -> int:
    """How many plays `load` would give, in the same transaction."""
    return await fetch_one(conn, sql["count"], int, user=user) or 0


async def load(conn: Connection, user: UserId, held: History | None = None) -> History:
    """The whole history, oldest first; three statements, and one more for each three years.

    Of plays that are in `held`, an earlier state of the same history, only those are read again that may have changed since.
    """
    known = await fetch_one(conn, sql["extent"], _Extent, user=user)
    if known is None:
        raise NotFound("There is no such listener here.")
    kept = _unchanged(held, known)
    begun_us = known.first_us if kept is None else known.tail_from_us
    parts = [await _plays(conn, user, *span) for span in _stretches(begun_us, known.last_us)]
    ended_at, track, ms_played, flags, source = _joined(parts if kept is None else [kept, *parts], _PLAYS)
    ids, track = distinct(track)
    table = _table(await fetch_one(conn, sql["track_table"], bytes, ids=IntArray(ids.tolist())))
    return History(
        user=user,
        version=known.version,
        ended_at=ended_at,
        track=track,
        ms_played=ms_played,
        flags=flags,
        source=source,
        track_ids=table["id"].astype(np.int32),
        recording=_recording(table),
        artist_ids=table["artist"].astype(np.int32),
        album_ids=table["album"].astype(np.int32),
        duration_ms=table["duration_ms"].astype(np.int32),
    )


async def evidence(conn: Connection, of: History) -> Evidence:
    """What sources told besides, row by row of a history that was read in the same transaction, or is of the same version."""
    spans = _stretches(int(of.ended_at[0]), int(of.ended_at[-1])) if len(of) else []
    shifted_s, platform, country, reasons = _joined([await _evidence(conn, of.user, *span) for span in spans], _EVIDENCE)
    return Evidence(
        shifted_s=shifted_s,
        platform=platform,
        country=country,
        reasons=reasons,
        platforms={row.id: row.word for row in await fetch_all(conn, sql["platforms"], _Word)},
        words={row.id: row.word for row in await fetch_all(conn, sql["reasons"], _Word)},
    )


def _unchanged(held: History | None, known: _Extent) -> list[npt.NDArray[Any]] | None:
    """Columns, as `_plays` gives them, of what is held and hasn't changed since; None where that isn't known."""
    if held is None or known.tail_after is None or not known.tail_after <= held.version <= known.version:
        return None
    rows = slice(0, int(np.searchsorted(held.ended_at, known.tail_from_us)))
    return [held.ended_at[rows], held.track_ids[held.track[rows]], held.ms_played[rows], held.flags[rows], held.source[rows]]


def _table(packed: bytes | None) -> npt.NDArray[np.void]:
    rows = np.frombuffer(packed or b"", _TRACK)
    return rows[np.argsort(rows["id"])]


def _recording(table: npt.NDArray[np.void]) -> I4 | None:
    """Tracks of one ISRC are one recording to whoever listens (relinked, or another region's): the lowest id among these stands for it."""
    named = np.flatnonzero(table["isrc"])
    _, first, which = np.unique(table["isrc"][named], return_index=True, return_inverse=True)
    if len(first) == len(named):
        return None
    stands = np.arange(len(table), dtype=np.int32)
    stands[named] = named[first[which]]
    return stands


def _stretches(first_us: int | None, last_us: int | None) -> list[tuple[int, int]]:
    """Three years at a time, from and before which moments: what is read packed takes up to four times its size on the way."""
    if first_us is None or last_us is None:
        return []
    return [(start, start + _STRETCH_US) for start in range(first_us, last_us + 1, _STRETCH_US)]


async def _plays(conn: Connection, user: UserId, from_us: int, before_us: int) -> list[npt.NDArray[Any]]:
    packed = await fetch_one(conn, sql["counted_plays"], bytes, user=user, from_us=from_us, before_us=before_us)
    rows = np.frombuffer(packed or b"", _PLAY)
    order = _order(rows)
    columns = [_column(rows, name, kind, order) for name, kind in _PLAYS.items()]
    columns[0] += EPOCH_2000_US
    return columns


async def _evidence(conn: Connection, user: UserId, from_us: int, before_us: int) -> list[npt.NDArray[Any]]:
    packed = await fetch_one(conn, sql["evidence"], bytes, user=user, from_us=from_us, before_us=before_us)
    rows = np.frombuffer(packed or b"", _TOLD)
    order = _order(rows)
    return [_column(rows, name, kind, order) for name, kind in _EVIDENCE.items()]


def _joined(parts: list[list[npt.NDArray[Any]]], kinds: Mapping[str, _Kind]) -> list[npt.NDArray[Any]]:
    """Whole columns; the parts of each are let go as soon as it is made."""
    return [np.concatenate([np.zeros(0, kind), *(part.pop(0) for part in parts)]) for kind in kinds.values()]


def _column(rows: npt.NDArray[np.void], name: str, kind: _Kind, order: npt.NDArray[np.intp] | None) -> npt.NDArray[Any]:
    column = rows[name].astype(kind)
    return column if order is None else column[order]


def _order(plays: npt.NDArray[np.void]) -> npt.NDArray[np.intp] | None:
    """Oldest first; plays that end at one moment by track, so that the order is always the same. None where they lie so already."""
    ended_at = plays["ended_at"].astype(np.int64)
    if (ended_at[1:] > ended_at[:-1]).all():
        return None
    return np.lexsort((plays["source"], plays["ms_played"], plays["track"].astype(np.int32), ended_at))


async def longest_pause(conn: Connection, user: UserId, *, since: datetime, till: datetime, least: int) -> timedelta | None:
    """How long this person was silent at the most between two plays of that time; None where fewer than `least` are known."""
    seconds = await fetch_one(conn, sql["longest_pause"], float, user=user, since=since, till=till, least=least)
    return None if seconds is None else timedelta(seconds=seconds)


class HistoryCache:
    """Histories of the people seen last, up to a number of bytes; each is asked for its version before it is believed."""

    def __init__(self, max_bytes: int = 512 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[UserId, History] = OrderedDict()
        self._reading: WeakValueDictionary[UserId, asyncio.Lock] = WeakValueDictionary()

    async def get(self, conn: Connection, user: UserId) -> History:
        """The history as it is stored now, from memory when nothing has changed; what has is read once, however many ask for it at once."""
        current = await self.held(conn, user)
        if current is None:
            async with self._reading.setdefault(user, asyncio.Lock()):
                current = await self.held(conn, user)
                current = await load(conn, user, self._held.get(user)) if current is None else current
        self._held[user] = current
        self._held.move_to_end(user)
        self._shrink()
        return current

    async def held(self, conn: Connection, user: UserId) -> History | None:
        """The history as it is stored now, if memory has it; None where it would have to be read."""
        kept = self._held.get(user)
        return kept if kept is not None and kept.version == await version(conn, user) else None

    def forget(self, user: UserId) -> None:
        """Drop one person's history from memory."""
        self._held.pop(user, None)

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return sum(history.nbytes for history in self._held.values())

    def _shrink(self) -> None:
        while len(self._held) > 1 and self.nbytes > self._max_bytes:
            self._held.popitem(last=False)
