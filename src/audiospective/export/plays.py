"""The rows of an export: every play of a range that somebody stands for, skips and podcasts included, with names put to it.

They come in portions of columns: writers format whole columns at once, and each track's names only once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import I4, I8, REASONS, UNKNOWN_MS, Evidence, History, Source, country_of
from audiospective.infra.database import Connection
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone, ordinal

_CHUNK = 2_000
_LABELS = {int(source): source.label for source in Source}

Rows: TypeAlias = I4

#: Labels of the sources whose own stamp is a beginning.
BEGINNERS = frozenset(source.label for source in Source.beginners())


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """Columns of equal length, oldest play first: end in µs UTC, and in seconds on the listener's clock; the track, ms heard (None: not
    told), flags (archive/plays.py Flag), who said so.
    """

    ended_us: I8
    local_s: I8
    tracks: list[TrackCard]
    ms_played: list[int | None]
    flags: list[int]
    sources: list[str]

    def times(self, unit: str) -> list[str]:
        """Ends as `2026-03-18T19:03:20.417`, cut to `s`, `ms` or `us`."""
        return [str(one) for one in np.datetime_as_string(self.ended_us.astype("datetime64[us]"), unit=unit).tolist()]  # type: ignore[call-overload]  # numpy's stubs want a literal

    @property
    def local_times(self) -> list[str]:
        """`2026-03-18T19:03:20` on the listener's clock."""
        return [str(one) for one in np.datetime_as_string(self.local_s.astype("datetime64[s]")).tolist()]


class Told(msgspec.Struct, frozen=True):
    """What the source of a play told besides; "" for what it didn't, `shifted_s` 0 where its own stamp is the play's end."""

    shifted_s: int
    platform: str
    country: str
    reason_start: str
    reason_end: str


def rows_within(history: History, zone: Zone, period: Period) -> Rows:
    """Indexes of the history's rows in a period, oldest first; skips and podcasts are there too."""
    if period.first_day is None or period.last_day is None:
        return np.arange(len(history), dtype=np.int32)
    day = zone.days(history.ended_at)
    return np.flatnonzero((day >= ordinal(period.first_day)) & (day <= ordinal(period.last_day))).astype(np.int32)


async def exported(conn: Connection, history: History, zone: Zone, rows: Rows) -> AsyncIterator[Portion]:
    """The plays in portions; a track's names are asked for once, since a history has far fewer tracks than plays."""
    cards: dict[int, TrackCard] = {}
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        ids = history.track_ids[history.track[part]].tolist()
        if missing := set(ids) - cards.keys():
            cards |= await catalog.tracks(conn, missing)
        ended = history.ended_at[part]
        yield Portion(
            ended_us=ended,
            local_s=zone.local_seconds(ended),
            tracks=[cards[one] for one in ids],
            ms_played=[None if ms == UNKNOWN_MS else ms for ms in history.ms_played[part].tolist()],
            flags=history.flags[part].tolist(),
            sources=[_LABELS[source] for source in history.source[part].tolist()],
        )


def told(evidence: Evidence, part: Rows) -> list[Told]:
    """What sources told besides of these rows."""
    pairs = [divmod(pair, REASONS) for pair in evidence.reasons[part].tolist()]
    columns = (evidence.shifted_s[part].tolist(), evidence.platform[part].tolist(), evidence.country[part].tolist())
    return [
        Told(shifted, evidence.platforms[platform], country_of(country), evidence.words[start], evidence.words[end])
        for shifted, platform, country, (start, end) in zip(*columns, pairs, strict=True)
    ]
