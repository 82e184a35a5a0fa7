"""Who said that this was heard? Every listen that one play stands for, with the sweep, client or import that brought it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from audiospective.archive import repeats
from audiospective.archive.matching import Claims, representatives
from audiospective.archive.plays import Flag, Source, UserId
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Witness(msgspec.Struct, frozen=True):
    """One source's word: when the listening ended by it, how long was heard (None: untold), on what and where ("" and 0: untold).

    `import_id` is 0 for a sweep or a client; `again` are further imports that said it to the letter. `stands` for the play, or is beside.
    """

    source: Source
    ended_at: datetime
    ms_played: int | None
    platform: str
    country: int
    import_id: int
    import_name: str
    again: tuple[str, ...]
    stands: bool


class _Row(msgspec.Struct, frozen=True):
    ended_us: int
    track_id: int
    ms_played: int
    source: int
    flags: int
    shifted_s: int
    duration_ms: int
    import_id: int
    import_name: str
    platform: str
    country: int
    is_recording: bool


class _Import(msgspec.Struct, frozen=True):
    id: int
    name: str


async def witnesses(conn: Connection, user: UserId, ended_us: int, track: int, again: int = 0) -> tuple[Witness, ...]:
    """The listens of the play that ended at this moment (µs UTC), the one that stands for it first; empty for none such.

    Of several plays of a track at one moment, the one that `again` others stand before, in the order of a history.
    """
    at = _EPOCH + timedelta(microseconds=ended_us)
    rows = await fetch_all(conn, sql["around"], _Row, user=user, at=at, track=track)
    plays = [place for place, row in enumerate(rows) if row.ended_us == ended_us and not row.flags & Flag.MERGED and row.is_recording]
    if again >= len(plays):
        return ()
    stand = sorted(plays, key=lambda place: (rows[place].track_id, rows[place].ms_played, rows[place].source))[again]
    stands = representatives(_claims(rows))
    mine = [stand, *(place for place in np.flatnonzero(stands == stands[stand]).tolist() if place != stand)]
    repeated = await _again(conn, user, [rows[place] for place in mine])
    return tuple(_witness(rows[place], place == stand, said) for place, said in zip(mine, repeated, strict=True))


def _claims(rows: Sequence[_Row]) -> Claims:
    """All are of one song, so that one code does."""
    return Claims(
        np.array([row.ended_us for row in rows], np.int64),
        np.array([row.track_id for row in rows], np.int32),
        np.zeros(len(rows), np.int32),
        np.array([row.ms_played for row in rows], np.int32),
        np.array([row.source for row in rows], np.int16),
        np.array([row.shifted_s for row in rows], np.int32),
        np.array([row.duration_ms for row in rows], np.int32),
    )


async def _again(conn: Connection, user: UserId, rows: Sequence[_Row]) -> list[tuple[str, ...]]:
    """For each row the names of imports that repeated it."""
    keys = repeats.keys_of(
        np.array([row.ended_us for row in rows], np.int64),
        np.array([row.track_id for row in rows], np.int32),
        np.array([row.ms_played for row in rows], np.int32),
        np.array([row.source for row in rows], np.int16),
    )
    held = [(import_id, np.isin(keys, said)) for import_id, said in await repeats.of_others(conn, user, 0)]
    ids = sorted({import_id for import_id, found in held if found.any()})
    names = {one.id: one.name for one in await fetch_all(conn, sql["import_names"], _Import, user=user, ids=ids)} if ids else {}
    told = [dict.fromkeys(import_id for import_id, found in held if found[place]) for place in range(len(rows))]
    return [tuple(names[one] for one in those if one in names and one != row.import_id) for those, row in zip(told, rows, strict=True)]


def _witness(row: _Row, stands: bool, again: tuple[str, ...]) -> Witness:
    return Witness(
        Source(row.source),
        _EPOCH + timedelta(microseconds=row.ended_us),
        row.ms_played if row.ms_played >= 0 else None,
        row.platform,
        row.country,
        row.import_id,
        row.import_name,
        again,
        stands,
    )
