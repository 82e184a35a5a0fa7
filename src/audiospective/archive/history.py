"""The only reader of plays: one person's counted plays as columns, cached by version."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import Evidence, History, UserId
from audiospective.archive.rows import unix_us
from audiospective.errors import NotFound
from audiospective.infra.arrays import IntArray
from audiospective.infra.database import Connection, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

_PLAY = np.dtype([("ended_at", ">i8"), ("track", ">i4"), ("ms_played", ">i4"), ("flags", ">i2"), ("source", ">i2")])
_TRACK = np.dtype([("id", ">i4"), ("recording", ">i4"), ("artist", ">i4"), ("album", ">i4"), ("duration_ms", ">i4")])


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


@dataclass(frozen=True, slots=True)
class _Word:
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


async def load(conn: Connection, user: UserId) -> History:
    """The whole history, oldest first; two statements, whatever its size."""
    current = await version(conn, user)
    plays = _in_order(np.frombuffer(await fetch_one(conn, sql["counted_plays"], bytes, user=user) or b"", _PLAY))
    ids, track = np.unique(plays["track"].astype(np.int32), return_inverse=True)
    table = np.frombuffer(await fetch_one(conn, sql["track_table"], bytes, ids=IntArray(ids.tolist())) or b"", _TRACK)
    return History(
        user=user,
        version=current,
        ended_at=unix_us(plays["ended_at"]),
        track=track.astype(np.int32),
        ms_played=plays["ms_played"].astype(np.int32),
        flags=plays["flags"].astype(np.uint8),
        source=plays["source"].astype(np.uint8),
        track_ids=table["id"].astype(np.int32),
        recording=np.searchsorted(table["id"], table["recording"]).astype(np.int32),
        artist_ids=table["artist"].astype(np.int32),
        album_ids=table["album"].astype(np.int32),
        duration_ms=table["duration_ms"].astype(np.int32),
    )


async def evidence(conn: Connection, user: UserId) -> Evidence:
    """What sources told besides, of the plays of `load` in its order; both are asked for in one reading transaction."""
    rows = _in_order(np.frombuffer(await fetch_one(conn, sql["evidence"], bytes, user=user) or b"", _TOLD))
    return Evidence(
        shifted_s=rows["shifted_s"].astype(np.int32),
        platform=rows["platform"].astype(np.int32),
        country=rows["country"].astype(np.int16),
        reasons=rows["reasons"].astype(np.int16),
        platforms={row.id: row.word for row in await fetch_all(conn, sql["platforms"], _Word)},
        words={row.id: row.word for row in await fetch_all(conn, sql["reasons"], _Word)},
    )


def _in_order(plays: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Oldest first; plays that end at one moment by track, so that the order is always the same."""
    ended_at = plays["ended_at"].astype(np.int64)
    if (ended_at[1:] > ended_at[:-1]).all():
        return plays
    return plays[np.lexsort((plays["source"], plays["ms_played"], plays["track"].astype(np.int32), ended_at))]


async def longest_pause(conn: Connection, user: UserId, *, since: datetime, till: datetime, least: int) -> timedelta | None:
    """How long this person was silent at the most between two plays of that time; None where fewer than `least` are known."""
    seconds = await fetch_one(conn, sql["longest_pause"], float, user=user, since=since, till=till, least=least)
    return None if seconds is None else timedelta(seconds=seconds)


class HistoryCache:
    """Histories of the people seen last, up to a number of bytes; each is asked for its version before it is believed."""

    def __init__(self, max_bytes: int = 512 * 1024 * 1024) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[UserId, History] = OrderedDict()

    async def get(self, conn: Connection, user: UserId) -> History:
        """The history as it is stored now, from memory when nothing has changed."""
        held = self._held.get(user)
        if held is None or held.version != await version(conn, user):
            held = await load(conn, user)
        self._held[user] = held
        self._held.move_to_end(user)
        self._shrink()
        return held

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
