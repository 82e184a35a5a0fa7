"""Spotify's account data: the last twelve months by the minute, names only.

`endTime` is UTC, the minute cut off. Files until about 2023 mix podcasts in, show as artist and episode as title,
and nothing tells them apart.
"""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

import msgspec
import numpy as np

from audiospective.archive.plays import Kind, TrackKey
from audiospective.collect.imports.columns import Columns, ParsedFile, Reject, clean, length_problem, lengths, sift, time_problems
from audiospective.collect.imports.jsonrows import Rows, parse_rows
from audiospective.collect.imports.stamps import moments

NAME = "spotify-account"
KEYS = (b'"endTime"', b'"msPlayed"')


_TRACK, _EPISODE, _AUDIOBOOK = int(Kind.TRACK), int(Kind.EPISODE), int(Kind.AUDIOBOOK)


class Row(msgspec.Struct, gc=False, rename="camel"):
    """One stream: music, podcast or audiobook, told apart by which names it has."""

    end_time: str
    ms_played: int
    artist_name: str | None = None
    track_name: str | None = None
    podcast_name: str | None = None
    episode_name: str | None = None
    audiobook_name: str | None = None
    chapter_name: str | None = None


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every row of the file as a listen or a reject; raises Invalid when the file as a whole can't be read."""
    return parse_rows(file, name, Row, lambda columns, found: _add(columns, found, name, now))


def _add(columns: Columns, found: Rows[Row], name: str, now: datetime) -> list[Reject]:
    rows = found.rows
    stamp, readable = moments([row.end_time for row in rows], length=16)
    ms_played = lengths([row.ms_played for row in rows])
    keys = [_key(row) for row in rows]
    problems = [
        *time_problems(stamp, readable, now, "endTime", "2024-05-06 18:43"),
        length_problem(ms_played, "msPlayed"),
        (np.array([not key.name for key in keys], np.bool_), "it names neither a track nor an episode nor a chapter"),
    ]
    keep, rejected = sift(rows, found.numbers, name, problems)
    kept = [keys[i] for i in keep.tolist()]
    track = columns.tracks([(key.name, key.artist, key.kind) for key in kept], kept.__getitem__)
    nothing4, nothing2 = np.zeros(len(keep), np.int32), np.zeros(len(keep), np.int16)
    columns.add(
        ended_at=stamp[keep] * 1_000_000,
        track=track,
        ms_played=ms_played[keep].astype(np.int32),
        flags=columns.kinds(track),
        shifted_s=nothing4,
        platform=nothing4,
        country=nothing2,
        reasons=nothing2,
    )
    return rejected


def _key(row: Row) -> TrackKey:
    if row.track_name is not None:
        return TrackKey(_TRACK, "", clean(row.track_name), clean(row.artist_name), "")
    if row.episode_name is not None:
        return TrackKey(_EPISODE, "", clean(row.episode_name), clean(row.podcast_name), "")
    return TrackKey(_AUDIOBOOK, "", clean(row.chapter_name), clean(row.audiobook_name), "")
