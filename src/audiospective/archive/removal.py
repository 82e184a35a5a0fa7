"""The only remover of plays: take back an import, forget a person."""

from __future__ import annotations

import msgspec
import numpy as np

from audiospective.archive import changes, coverage, playlists, repeats
from audiospective.archive.ingest import rematch
from audiospective.archive.plays import Source, UserId
from audiospective.archive.rows import said, unix_us
from audiospective.infra.arrays import IntArray
from audiospective.infra.database import Connection, execute, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)


class _Span(msgspec.Struct, frozen=True):
    first_us: int
    last_us: int


async def undo_import(conn: Connection, user: UserId, import_id: int) -> int:
    """Removes the listens that this import alone brought; where it stood for other sources, theirs stand again. How many listens went.

    What another import repeated to the letter stays, as that one's.
    """
    await fetch_one(conn, sql["lock_person"], int, user=user)
    span = await fetch_one(conn, sql["span_of_import"], _Span, user=user, import_id=import_id)
    await execute(conn, sql["mark_undone"], user=user, import_id=import_id)
    await coverage.forget_import(conn, user, import_id)
    if span is None:
        return 0
    await _hand_over(conn, user, import_id)
    removed = await execute(conn, sql["remove_import"], user=user, import_id=import_id)
    await repeats.forget(conn, import_id)
    await changes.tell(conn, {user: await rematch(conn, user, span.first_us, span.last_us)})
    return removed


async def _hand_over(conn: Connection, user: UserId, import_id: int) -> None:
    """What other imports repeated to the letter is theirs from now on."""
    others = await repeats.of_others(conn, user, import_id)
    if not others:
        return
    packed = await fetch_one(conn, sql["brought"], bytes, user=user, import_id=import_id)
    rows = said(packed or b"")
    left = np.arange(len(rows))
    tracks, heard, sources = rows["track"].astype(np.int32), rows["ms_played"].astype(np.int32), rows["source"].astype(np.int16)
    keys = repeats.keys_of(unix_us(rows["ended_at"]), tracks, heard, sources)
    for heir, claimed in others:
        theirs = np.isin(keys[left], claimed)
        given, left = rows[left[theirs]], left[~theirs]
        await execute(
            conn,
            sql["hand_over"],
            user=user,
            import_id=import_id,
            heir=heir,
            ended_us=unix_us(given["ended_at"]).tolist(),
            tracks=IntArray(given["track"].tolist()),
            mss=IntArray(given["ms_played"].tolist()),
        )


async def forget_polled(conn: Connection, user: UserId) -> int:
    """Removes what Spotify's call told of this person, with what sweeps proved and missed; other sources' claims stand."""
    await fetch_one(conn, sql["lock_person"], int, user=user)
    await coverage.forget_sweeps(conn, user)
    await playlists.forget(conn, user)
    span = await fetch_one(conn, sql["span_of_polled"], _Span, user=user, source=int(Source.API))
    if span is None:
        return 0
    removed = await execute(conn, sql["remove_polled"], user=user, source=int(Source.API))
    await changes.tell(conn, {user: await rematch(conn, user, span.first_us, span.last_us)})
    return removed


async def forget_scrobble(conn: Connection, user: UserId, *, began_s: int, track: int) -> int:
    """Removes what scrobblers told of this track at that second; other sources' claims of the same stand. How many listens went."""
    await fetch_one(conn, sql["lock_person"], int, user=user)
    which = {"user": user, "track": track, "source": int(Source.SCROBBLE), "began_s": began_s}
    span = await fetch_one(conn, sql["span_of_scrobble"], _Span, **which)
    if span is None:
        return 0
    removed = await execute(conn, sql["remove_scrobble"], **which)
    await changes.tell(conn, {user: await rematch(conn, user, span.first_us, span.last_us)})
    return removed


async def forget(conn: Connection, user: UserId) -> int:
    """Removes every listen of one person; how many there were."""
    await fetch_one(conn, sql["lock_person"], int, user=user)
    return await execute(conn, sql["forget"], user=user)
