"""The rows of an export: every play of a range that somebody stands for, skips and podcasts included, with names put to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import UNKNOWN_MS, History, Source
from audiospective.infra.database import Connection
from audiospective.insights.period import Period
from audiospective.insights.stats import moment
from audiospective.insights.zones import Zone, ordinal

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class ExportedPlay:
    """One play: end in UTC and on the listener's clock, the track, ms heard (None: not told), who said so."""

    played_at: datetime
    local_time: datetime
    track: TrackCard
    ms_played: int | None
    source: str


def rows_within(history: History, zone: Zone, period: Period) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Indexes of the history's rows in a period, oldest first; skips and podcasts are there too."""
    if period.first_day is None or period.last_day is None:
        return np.arange(len(history))
    day = zone.days(history.ended_at)
    return np.flatnonzero((day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day)))


async def exported(
    conn: Connection, history: History, zone: Zone, rows: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> AsyncIterator[list[ExportedPlay]]:
    """The plays in portions; a track's names are asked for once in a while, so that memory stays small."""
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        ids = history.track_ids[history.track[part]].tolist()
        cards = await catalog.tracks(conn, ids)
        times, heard, sources = history.ended_at[part].tolist(), history.ms_played[part].tolist(), history.source[part].tolist()
        yield [
            ExportedPlay(at, zone.local(at), cards[track], None if ms == UNKNOWN_MS else ms, Source(source).label)
            for at, track, ms, source in zip(map(moment, times), ids, heard, sources, strict=True)
        ]
