"""Listens by the hundred thousand, made up in memory."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from audiospective.archive.plays import Flag, Kind, Listens, TrackKey

_TRACKS = 20_000
#: A pause between songs, and one between evenings, which come after 6 of 100 plays: s.
_SONG, _EVENING, _EVENINGS = (60, 320), (3_600, 60_000), 0.06
#: Nobody's history is longer; who has more plays pauses for less.
_LONGEST_S = 19.9 * 365.25 * 86_400


def made_up(plays: int, until: datetime, seed: int = 1) -> Listens:
    """`plays` listens of 20 years at most that end at `until`: favourites among 20,000 tracks, evenings with pauses, a sixth skipped."""
    chance = np.random.default_rng(seed)
    shorter = min(1.0, (_LONGEST_S / plays - (1 - _EVENINGS) * sum(_SONG) / 2) / (_EVENINGS * sum(_EVENING) / 2))
    evening = chance.random(plays) < _EVENINGS
    pauses = np.where(evening, (chance.integers(*_EVENING, plays) * shorter).astype(np.int64), chance.integers(*_SONG, plays))
    ended = int(until.timestamp()) - np.cumsum(pauses)[::-1]
    skipped = chance.random(plays) < 0.16
    zeros4, zeros2 = np.zeros(plays, np.int32), np.zeros(plays, np.int16)
    return Listens(
        ended_at=ended.astype(np.int64) * 1_000_000,
        track=((chance.pareto(0.7, plays) * 25).astype(np.int64) % _TRACKS).astype(np.int32),
        ms_played=np.where(skipped, chance.integers(0, 29_000, plays), chance.integers(90_000, 320_000, plays)).astype(np.int32),
        flags=np.where(skipped, int(Flag.SKIPPED), int(Flag.NOT_SKIPPED)).astype(np.int16),
        shifted_s=zeros4,
        platform=zeros4,
        country=zeros2,
        reasons=zeros2,
        keys=[TrackKey(int(Kind.TRACK), f"bench{n:017}", f"Track {n}", f"Artist {n // 7}", f"Album {n // 3}") for n in range(_TRACKS)],
        platforms=[""],
        reason_pairs=[("", "")],
    )
