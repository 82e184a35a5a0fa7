"""The cast: people with a life, and their listening, as tests need them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from audiospective.archive.plays import History, Kind, Source, UserId


@dataclass(frozen=True, slots=True)
class Played:
    """One stored play as tests write it: when it ended (UTC), which track by number, how long, who said so."""

    at: datetime
    track: int = 1
    ms: int = 200_000
    source: Source = Source.EXTENDED
    kind: Kind = Kind.TRACK


def artist_of(track: int) -> int:
    """Three tracks share an artist; the artist of track 0 has no name."""
    return track // 3 + 1 if track else 0


def album_of(track: int) -> int:
    """Two tracks share an album; every fifth track has none."""
    return track // 2 + 1 if track % 5 else 0


def history_of(played: Sequence[Played], *, version: int = 1, duration_ms: int = 180_000) -> History:
    """A history of these plays, in the order of time; track numbers become ids a hundred higher."""
    rows = sorted(played, key=lambda one: one.at)
    tracks = sorted({one.track for one in rows})
    places = {track: place for place, track in enumerate(tracks)}
    return History(
        user=UserId(1),
        version=version,
        ended_at=np.array([round(one.at.timestamp() * 1_000_000) for one in rows], np.int64),
        track=np.array([places[one.track] for one in rows], np.int32),
        ms_played=np.array([one.ms for one in rows], np.int32),
        flags=np.array([one.kind for one in rows], np.uint8),
        source=np.array([one.source for one in rows], np.uint8),
        track_ids=np.array([track + 100 for track in tracks], np.int32),
        recording=np.arange(len(tracks), dtype=np.int32),
        artist_ids=np.array([artist_of(track) for track in tracks], np.int32),
        album_ids=np.array([album_of(track) for track in tracks], np.int32),
        duration_ms=np.full(len(tracks), duration_ms, np.int32),
    )


def veteran_history(plays: int = 20_000, *, seed: int = 1, until: datetime = datetime(2026, 3, 18, 19, 0, tzinfo=UTC)) -> History:
    """Somebody who has listened for years; the same for the same seed."""
    chance = random.Random(seed)
    rows, at = [], until
    for _ in range(plays):
        at -= timedelta(seconds=chance.randint(60, 300) if chance.random() < 0.9 else chance.randint(3_600, 40_000))
        rows.append(Played(at, int(chance.paretovariate(0.8)) % 3_000, chance.choice([5_000, 180_000, 240_000])))
    return history_of(rows)
