"""How much, of how many?"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import numpy as np

from audiospective.insights.listening import Listening


class Stats(msgspec.Struct, frozen=True):
    """Totals of a period; `listened_ms` adds what was heard, times are UTC and None without plays."""

    total_plays: int
    unique_tracks: int
    unique_artists: int
    unique_albums: int
    listened_ms: int
    first_play_at: datetime | None
    last_play_at: datetime | None


def stats(listening: Listening) -> Stats:
    """Totals (contract §4 stats). Tracks count by address, artists by first artist; nameless artists and missing albums aren't counted."""
    table = listening.history
    tracks = listening.tracks
    artists, albums = table.artist_ids[tracks], table.album_ids[tracks]
    return Stats(
        total_plays=len(listening),
        unique_tracks=len(tracks),
        unique_artists=len(np.unique(artists[artists > 0])),
        unique_albums=len(np.unique(albums[albums > 0])),
        listened_ms=int(listening.ms.sum(dtype=np.int64)),
        first_play_at=moment(listening.ended_at[0]) if len(listening) else None,
        last_play_at=moment(listening.ended_at[-1]) if len(listening) else None,
    )


def moment(us: np.int64 | int) -> datetime:
    """µs since 1970 as an aware time in UTC."""
    return datetime.fromtimestamp(int(us) // 1_000_000, UTC).replace(microsecond=int(us) % 1_000_000)
