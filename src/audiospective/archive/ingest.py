"""The only writer of plays. Whoever brings listens (sweep, import, scrobble) hands batches to `store`; it is
idempotent, atomic with the caller's transaction, and free of order: what was said decides what is a play, not when it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive import catalog, changes, repeats
from audiospective.archive.matching import REACH_S, Claims, representatives
from audiospective.archive.plays import I2, I4, I8, REASONS, Batch, Bools, Flag, Source, Stored, UserId
from audiospective.archive.portions import portions
from audiospective.archive.register import Known, identity, register
from audiospective.archive.rows import copy_chunks, said, unix_us
from audiospective.infra.database import Connection, copy_in, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

_REACH_US = REACH_S * 1_000_000


_SILENCE_SEARCH_US = 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """Listens of one person in the archive's own ids: columns of equal length."""

    ended_at: I8
    track: I4
    ms_played: I4
    shifted_s: I4
    source: I2
    flags: I2

    def __len__(self) -> int:
        return len(self.ended_at)

    def __getitem__(self, rows: Bools | npt.NDArray[np.intp]) -> _Said:
        return _Said(self.ended_at[rows], self.track[rows], self.ms_played[rows], self.shifted_s[rows], self.source[rows], self.flags[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """What is stored with a listen and takes no part in matching."""

    import_id: I4
    platform: I4
    country: I2
    reasons: I2

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> _Beside:
        return _Beside(self.import_id[rows], self.platform[rows], self.country[rows], self.reasons[rows])


class _Word(msgspec.Struct, frozen=True):
    id: int
    word: str


async def store(conn: Connection, batches: Sequence[Batch], known: Known | None = None) -> list[Stored]:
    """Store every batch, or none if it raises; what became of each, in order, with `listens = new + duplicates`.

    `new` counts plays that the archive didn't have. A further report of a listening that it had is a duplicate; it is kept where it comes
    from another source. A person who is no longer there is skipped: (0, 0, 0). `known` carries track ids between the calls of one run.
    """
    found: Known = {} if known is None else known
    alive = set(await fetch_all(conn, sql["lock_people"], int, users=sorted({batch.user for batch in batches})))
    live = [batch for batch in batches if batch.user in alive]
    facts = {address: fact for batch in live for address, fact in batch.facts.items()}
    await register(conn, (key for batch in live for key in batch.listens.keys), facts, found)
    words = _Words(await _platform_ids(conn, live), await _reason_ids(conn, live))
    stored = [Stored(0, 0, 0) for _ in live]
    changed: dict[UserId, int] = {}
    for portion in portions(live):
        outcome, froms_us = await _store_portion(conn, [batch for _, batch in portion], found, words)
        changed |= {user: min(from_us, changed.get(user, from_us)) for user, from_us in froms_us.items()}
        for (place, _), one in zip(portion, outcome, strict=True):
            stored[place] = stored[place].and_also(one)
    if changed:
        await changes.tell(conn, changed)
    told = {id(batch): one for batch, one in zip(live, stored, strict=True)}
    return [told.get(id(batch), Stored(0, 0, 0)) for batch in batches]


async def _store_portion(conn: Connection, batches: Sequence[Batch], known: Known, words: _Words) -> tuple[list[Stored], dict[UserId, int]]:
    """What became of each batch, and whose archive has changed, from when on (µs)."""
    outcome: dict[int, Stored] = {}
    fresh: list[_Rows] = []
    for user, mine, before in await _with_said_before(conn, batches, known):
        stored, rows = await _settle_person(conn, user, mine, before, words)
        outcome.update(zip(map(id, mine.batches), stored, strict=True))
        fresh += [rows] if len(rows.said) else []
    if fresh:
        await copy_in(conn, sql["copy_plays"], copy_chunks(_columns(fresh)))
    return [outcome.get(id(batch), Stored(0, 0, 0)) for batch in batches], {rows.user: rows.from_us for rows in fresh}


async def rematch(conn: Connection, user: UserId, first_us: int, last_us: int) -> int:
    """Settles anew who stands for whom between two moments, after listens there have gone; from when on (µs) the archive is another."""
    said = await _to_silence(conn, user, first_us, last_us)
    restated = await _restate(conn, user, said, representatives(await _claims(conn, said))) if len(said) else said.ended_at
    return int(restated.min(initial=first_us))


class _Words(msgspec.Struct, frozen=True):
    platforms: Mapping[str, int]
    reasons: Mapping[str, int]


async def _platform_ids(conn: Connection, batches: Sequence[Batch]) -> dict[str, int]:
    words = sorted({word for batch in batches for word in batch.listens.platforms if word})
    if words:
        await execute(conn, sql["add_platforms"], words=words)
    rows = await fetch_all(conn, sql["platforms"], _Word, words=words) if words else []
    return {"": 0} | {row.word: row.id for row in rows}


async def _reason_ids(conn: Connection, batches: Sequence[Batch]) -> dict[str, int]:
    words = sorted({word for batch in batches for pair in batch.listens.reason_pairs for word in pair if word})
    rows = await fetch_all(conn, sql["reasons"], _Word, words=words) if words else []
    if len(rows) < len(words):
        await fetch_all(conn, sql["lock_reasons"], bool)
        await execute(conn, sql["add_reasons"], words=words)
        rows = await fetch_all(conn, sql["reasons"], _Word, words=words)
    return {"": 0} | {row.word: row.id for row in rows}


@dataclass(frozen=True, slots=True, eq=False)
class _Brought:
    """One person's batches in the archive's own ids; `brought_by` has for each listen the index of its batch."""

    batches: list[Batch]
    said: _Said
    brought_by: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What is to be written of one person; `flags` say who is merged; `from_us`: nothing of the archive changes earlier."""

    user: UserId
    said: _Said
    flags: I2
    beside: _Beside
    from_us: int


class _Packed(msgspec.Struct, frozen=True):
    user_id: int
    packed: bytes


async def _with_said_before(conn: Connection, live: Sequence[Batch], known: Known) -> list[tuple[UserId, _Brought, _Said]]:
    """Everyone's batches, and what was known of the time that they speak of: one statement for all."""
    by_user: dict[UserId, list[Batch]] = {}
    for batch in live:
        if len(batch.listens):
            by_user.setdefault(batch.user, []).append(batch)
    brought = {user: _Brought(batches, *_in_our_ids(batches, known)) for user, batches in by_user.items()}
    froms = [int(one.said.ended_at.min()) - _REACH_US for one in brought.values()]
    tills = [int(one.said.ended_at.max()) + _REACH_US for one in brought.values()]
    rows = await fetch_all(conn, sql["said_before"], _Packed, users=list(brought), froms_us=froms, tills_us=tills) if brought else []
    before = {row.user_id: row.packed for row in rows}
    return [(user, one, _unpacked(before.get(user, b""))) for user, one in brought.items()]


async def _settle_person(
    conn: Connection, user: UserId, brought: _Brought, said_before: _Said, words: _Words
) -> tuple[list[Stored], _Rows]:
    """Settles who stands for whom now; what became of each batch, and the rows that are to be written."""
    said_now, batches = brought.said, brought.batches
    fresh = np.flatnonzero(_unsaid(said_before, said_now))
    if len(fresh) and _is_matched(said_before, said_now):
        said_before = await _to_silence(conn, user, int(said_now.ended_at.min()), int(said_now.ended_at.max()))
        fresh = np.flatnonzero(_unsaid(said_before, said_now))
    everything = _joined(said_before, said_now[fresh])
    stands = representatives(await _claims(conn, everything))
    restated = await _restate(conn, user, said_before, stands) if len(fresh) else said_before.ended_at[:0]
    merged = stands[len(said_before) :] != np.arange(len(said_before), len(everything))
    flags = said_now.flags[fresh] | np.where(merged, np.int16(Flag.MERGED), np.int16(0))
    new = np.bincount(brought.brought_by[fresh[_adds_a_play(said_before, stands, merged)]], minlength=len(batches))
    await repeats.keep(conn, _repeated(brought, fresh))
    counts = zip(map(len, (batch.listens for batch in batches)), new.tolist(), strict=True)
    stored = [Stored(total, added, total - added) for total, added in counts]
    from_us = int(np.concatenate((said_now.ended_at[fresh], restated)).min(initial=changes.NOWHERE))
    return stored, _Rows(user, said_now[fresh], flags, _beside(batches, words)[fresh], from_us)


def _is_matched(before: _Said, now: _Said) -> bool:
    """Whether several sources spoke, or one is merged with another that may lie just outside of what was looked at."""
    sources = np.union1d(before.source, now.source)
    return len(sources) > 1 or bool((before.flags & Flag.MERGED).any())


def _repeated(brought: _Brought, fresh: npt.NDArray[np.intp]) -> dict[int, repeats.Keys]:
    """By import, the keys of what it said and somebody said before."""
    again = np.ones(len(brought.said), np.bool_)
    again[fresh] = False
    found: dict[int, repeats.Keys] = {}
    for place, batch in enumerate(brought.batches):
        rows = np.flatnonzero(again & (brought.brought_by == place)) if batch.import_id else np.zeros(0, np.intp)
        if len(rows):
            one = brought.said[rows]
            keys = repeats.keys_of(one.ended_at, one.track, one.ms_played, one.source)
            found[batch.import_id] = np.concatenate((found.get(batch.import_id, keys[:0]), keys))
    return found


def _in_our_ids(batches: Sequence[Batch], known: Known) -> tuple[_Said, npt.NDArray[np.intp]]:
    """All listens of the batches, and for each the index of its batch."""
    tracks = [np.array([known[identity(key)] for key in b.listens.keys], np.int32)[b.listens.track] for b in batches]
    sizes = [len(batch.listens) for batch in batches]
    together = _Said(
        ended_at=np.concatenate([batch.listens.ended_at for batch in batches]),
        track=np.concatenate(tracks),
        ms_played=np.concatenate([batch.listens.ms_played for batch in batches]),
        shifted_s=np.concatenate([batch.listens.shifted_s for batch in batches]),
        source=np.repeat(np.array([batch.source for batch in batches], np.int16), sizes),
        flags=np.concatenate([batch.listens.flags for batch in batches]),
    )
    return together, np.repeat(np.arange(len(batches)), sizes)


def _beside(batches: Sequence[Batch], words: _Words) -> _Beside:
    platforms, reasons = [], []
    for batch in batches:
        listens = batch.listens
        ids = np.array([words.platforms[word] for word in listens.platforms], np.int32)
        pairs = [words.reasons.get(a, 0) * REASONS + words.reasons.get(b, 0) for a, b in listens.reason_pairs]
        platforms.append(ids[listens.platform])
        reasons.append(np.array(pairs, np.int16)[listens.reasons])
    sizes = [len(batch.listens) for batch in batches]
    return _Beside(
        import_id=np.repeat(np.array([batch.import_id for batch in batches], np.int32), sizes),
        platform=np.concatenate(platforms),
        country=np.concatenate([batch.listens.country for batch in batches]),
        reasons=np.concatenate(reasons),
    )


async def _said_before(conn: Connection, user: UserId, from_us: int, till_us: int) -> _Said:
    rows = await fetch_all(conn, sql["said_before"], _Packed, users=[user], froms_us=[from_us], tills_us=[till_us])
    return _unpacked(rows[0].packed if rows else b"")


def _unpacked(packed: bytes) -> _Said:
    rows = said(packed)
    return _Said(
        unix_us(rows["ended_at"]),
        rows["track"].astype(np.int32),
        rows["ms_played"].astype(np.int32),
        rows["shifted_s"].astype(np.int32),
        rows["source"].astype(np.int16),
        rows["flags"].astype(np.int16),
    )


async def _to_silence(conn: Connection, user: UserId, first: int, last: int) -> _Said:
    """All that was said from one silence longer than any rule reaches to the next, with [first, last] between.

    Nothing beyond such a silence can change who stands for whom within, so the answer is that of the whole archive.
    """
    margin = _SILENCE_SEARCH_US
    while True:
        wide = await _said_before(conn, user, first - margin, last + margin)
        times = np.sort(np.concatenate((wide.ended_at, [first - margin, first, last, last + margin])))
        breaks = times[:-1][np.diff(times) > _REACH_US]
        starts, ends = breaks[breaks < first], breaks[breaks >= last]
        if len(starts) and len(ends):
            return wide[(wide.ended_at > starts.max()) & (wide.ended_at <= ends.min())]
        margin *= 8


def _unsaid(before: _Said, now: _Said) -> Bools:
    """True for each listen of `now` that nobody said before, nor an earlier row of `now`, to the letter."""
    both = _joined(before, now)
    order = np.lexsort((both.source, both.ms_played, both.track, both.ended_at))
    fresh = np.ones(len(both), np.bool_)
    same = np.ones(max(len(both) - 1, 0), np.bool_)
    for column in (both.ended_at, both.track, both.ms_played, both.source):
        same &= column[order[1:]] == column[order[:-1]]
    fresh[order[1:][same]] = False
    return fresh[len(before) :]


def _joined(one: _Said, other: _Said) -> _Said:
    return _Said(
        np.concatenate((one.ended_at, other.ended_at)),
        np.concatenate((one.track, other.track)),
        np.concatenate((one.ms_played, other.ms_played)),
        np.concatenate((one.shifted_s, other.shifted_s)),
        np.concatenate((one.source, other.source)),
        np.concatenate((one.flags, other.flags)),
    )


async def _claims(conn: Connection, everything: _Said) -> Claims:
    """What matching looks at; titles and lengths are asked for only where more than one source spoke, or a scrobbler, whom titles join."""
    song, length = everything.track, np.zeros(len(everything), np.int32)
    if len(np.unique(everything.source)) > 1 or (everything.source == Source.SCROBBLE).any():
        ids, place = np.unique(everything.track, return_inverse=True)
        found = await catalog.songs(conn, ids.tolist())
        known = [found[one] for one in ids.tolist()]
        codes = {title: code for code, title in enumerate(dict.fromkeys(one.title for one in known))}
        song = np.array([codes[one.title] for one in known], np.int32)[place]
        length = np.array([one.duration_ms for one in known], np.int32)[place]
    return Claims(everything.ended_at, everything.track, song, everything.ms_played, everything.source, everything.shifted_s, length)


def _adds_a_play(before: _Said, stands: I4, merged: Bools) -> npt.NDArray[np.intp]:
    """Of the fresh listens those that stand for a listening which no counted play stood for."""
    counted = np.flatnonzero((before.flags & Flag.MERGED) == 0)
    taken = np.zeros(len(stands), np.bool_)
    taken[stands[counted]] = True
    return np.flatnonzero(~merged & ~taken[len(before) :])


async def _restate(conn: Connection, user: UserId, before: _Said, stands: I4) -> I8:
    """Writes who is merged now and wasn't, or was; when those ended."""
    merged = stands[: len(before)] != np.arange(len(before))
    flags = (before.flags & ~np.int16(Flag.MERGED)) | np.where(merged, np.int16(Flag.MERGED), np.int16(0))
    changed = before[flags != before.flags]
    if not len(changed):
        return changed.ended_at
    await execute(
        conn,
        sql["restate"],
        user=user,
        ended_us=changed.ended_at.tolist(),
        tracks=changed.track.tolist(),
        mss=changed.ms_played.tolist(),
        sources=changed.source.tolist(),
        flags=flags[flags != before.flags].tolist(),
    )
    return changed.ended_at


def _columns(everyone: Sequence[_Rows]) -> dict[str, npt.NDArray[Any]]:
    """What is to be written, person by person and by time, as the table has it."""
    whole: list[dict[str, npt.NDArray[Any]]] = []
    for rows in everyone:
        order = np.lexsort((rows.said.track, rows.said.ended_at))
        fresh, beside = rows.said[order], rows.beside[order]
        whole.append(
            {
                "played_at": fresh.ended_at,
                "user_id": np.full(len(fresh), rows.user, np.int32),
                "track_id": fresh.track,
                "ms_played": fresh.ms_played,
                "import_id": beside.import_id,
                "shifted_s": fresh.shifted_s,
                "platform_id": beside.platform,
                "source": fresh.source,
                "flags": rows.flags[order],
                "country": beside.country,
                "reasons": beside.reasons,
            }
        )
    return {name: np.concatenate([one[name] for one in whole]) for name in whole[0]}
