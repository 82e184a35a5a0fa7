"""Listens as tests like to write them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from audiospective.archive.plays import UNKNOWN_MS, ArtistFacts, Batch, Kind, Listens, Source, TrackFacts, TrackKey, UserId

#: A Wednesday evening; tests count seconds from here.
EVENING = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heard:
    """One listen: seconds after EVENING at which it ended, which song, how long."""

    second: float
    song: str
    ms: int = UNKNOWN_MS
    address: bool = True
    artist: str = "Marrow Coast"
    kind: Kind = Kind.TRACK

    @property
    def key(self) -> TrackKey:
        """How a source names it."""
        return TrackKey(
            int(self.kind), f"id-{self.song}" if self.address else "", self.song, self.artist, "Estuary" if self.address else ""
        )


def listens(heard: Sequence[Heard]) -> Listens:
    """Columns of these."""
    keys = list(dict.fromkeys(one.key for one in heard))
    start = int(EVENING.timestamp()) * 1_000_000
    empty4, empty2 = np.zeros(len(heard), np.int32), np.zeros(len(heard), np.int16)
    return Listens(
        ended_at=np.array([start + round(one.second * 1_000_000) for one in heard], np.int64),
        track=np.array([keys.index(one.key) for one in heard], np.int32),
        ms_played=np.array([one.ms for one in heard], np.int32),
        flags=np.array([int(one.kind) for one in heard], np.int16),
        shifted_s=empty4,
        platform=empty4,
        country=empty2,
        reasons=empty2,
        keys=keys,
        platforms=[""],
        reason_pairs=[("", "")],
    )


def batch(user: UserId, source: Source, *heard: Heard, import_id: int = 0) -> Batch:
    """A batch of these from one source; the Web API also describes its tracks."""
    facts = {one.key.spotify_id: facts_of(one) for one in heard} if source is Source.API else {}
    return Batch(user, source, listens(heard), import_id, facts)


def facts_of(one: Heard) -> TrackFacts:
    """What the Web API would tell of it."""
    artist = ArtistFacts(f"artist-{one.artist}", one.artist)
    return TrackFacts(
        200_000, f"PT{zlib.crc32(one.song.encode()):010}", (artist,), "album-Estuary", "Estuary", "https://i.scdn.co/image/estuary"
    )
