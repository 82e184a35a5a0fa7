"""Spotify's extended streaming history: `ts`, `ms_played`, an address, names; a whole life in it.

Shapes and oddities of all eras (2020 without addresses, random order, offline rows stamped at upload):
https://support.spotify.com/article/understanding-my-data/ and docs/decisions/0004.
"""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO
from urllib.parse import unquote_plus

import msgspec
import numpy as np

from audiospective.archive.plays import I2, I4, I8, Flag, Kind, TrackKey, country_code
from audiospective.collect.imports.columns import EARLIEST, Columns, ParsedFile, Reject, clean, length_problem, lengths, sift, time_problems
from audiospective.collect.imports.jsonrows import Rows, parse_rows
from audiospective.collect.imports.stamps import moments

NAME = "spotify-extended"
#: Of the keys that every row has, those that no other format has.
KEYS = (b'"ts"', b'"ms_played"')
#: offline_timestamp comes in seconds and in milliseconds, mixed in one file.
_MILLISECONDS_FROM = 100_000_000_000
_LOCAL = "spotify:local:"
_SANE_FROM_S = int(datetime(2008, 1, 1, tzinfo=EARLIEST.tzinfo).timestamp())


_TRACK, _EPISODE, _AUDIOBOOK = int(Kind.TRACK), int(Kind.EPISODE), int(Kind.AUDIOBOOK)


class Row(msgspec.Struct, gc=False):
    """One stream as exported; addresses of people, names of users and their devices' agents are never even read."""

    ts: str
    ms_played: int
    platform: str | None = None
    conn_country: str | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_title: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_chapter_title: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None
    offline_timestamp: int | None = None
    incognito_mode: bool | None = None


def parse(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """Every row of the file as a listen or a reject; raises Invalid when the file as a whole can't be read."""
    return parse_rows(file, name, Row, lambda columns, found: _add(columns, found, name, now))


def _add(columns: Columns, found: Rows[Row], name: str, now: datetime) -> list[Reject]:
    rows = found.rows
    for row in [row for row in rows if row.spotify_track_uri and not row.master_metadata_track_name]:
        _name_local(row)
    stamp, readable = moments([row.ts for row in rows], length=20)
    ms_played = lengths([row.ms_played for row in rows])
    identities = [row.spotify_track_uri or row.spotify_episode_uri or row.audiobook_chapter_uri or _names(row) for row in rows]
    problems = [
        *time_problems(stamp, readable, now, "ts", "2024-05-06T18:43:11Z"),
        length_problem(ms_played, "ms_played"),
        (np.array([identity is None for identity in identities], np.bool_), "it names neither a track nor an episode nor a chapter"),
    ]
    keep, rejected = sift(rows, found.numbers, name, problems)
    if len(keep) < len(rows):
        kept = keep.tolist()
        rows, identities, stamp, ms_played = [rows[i] for i in kept], [identities[i] for i in kept], stamp[keep], ms_played[keep]
    _add_columns(columns, rows, columns.tracks(identities, lambda i: _key(rows[i])), stamp, ms_played.astype(np.int32))
    return rejected


def _name_local(row: Row) -> None:
    """A local file's address is its names, `spotify:local:artist:album:title:seconds`; where they are empty, it addresses nothing."""
    if row.spotify_track_uri is None or not row.spotify_track_uri.startswith(_LOCAL):
        return
    artist, album, title, *_ = [*map(unquote_plus, row.spotify_track_uri.removeprefix(_LOCAL).split(":")), "", "", ""]
    row.master_metadata_track_name = title or None
    row.master_metadata_album_artist_name = row.master_metadata_album_artist_name or artist or None
    row.master_metadata_album_album_name = row.master_metadata_album_album_name or album or None
    row.spotify_track_uri = row.spotify_track_uri if title else None


def _names(row: Row) -> tuple[str | None, ...] | None:
    """What stands for an address where there is none: the export of 2020, local files."""
    title = row.master_metadata_track_name or row.episode_name or row.audiobook_chapter_title
    return (title, row.master_metadata_album_artist_name, row.episode_show_name, row.audiobook_title) if title else None


def _add_columns(columns: Columns, rows: list[Row], track: I4, stamp: I8, ms_played: I4) -> None:
    ended_at = _ends(rows, stamp, ms_played)
    columns.add(
        ended_at=ended_at,
        track=track,
        ms_played=ms_played,
        flags=columns.kinds(track) | _flags(rows),
        shifted_s=np.clip((stamp * 1_000_000 - ended_at) // 1_000_000, -(2**31), 2**31 - 1).astype(np.int32),
        platform=columns.platforms([row.platform for row in rows]),
        country=_countries([row.conn_country for row in rows]),
        reasons=columns.reasons([(row.reason_start, row.reason_end) for row in rows]),
    )


def _key(row: Row) -> TrackKey:
    if row.spotify_track_uri or (row.master_metadata_track_name and not row.spotify_episode_uri):
        artist, album = clean(row.master_metadata_album_artist_name), clean(row.master_metadata_album_album_name)
        return TrackKey(_TRACK, _bare(row.spotify_track_uri), clean(row.master_metadata_track_name), artist, album)
    if row.spotify_episode_uri or row.episode_name:
        return TrackKey(_EPISODE, _bare(row.spotify_episode_uri), clean(row.episode_name), clean(row.episode_show_name), "")
    return TrackKey(_AUDIOBOOK, _bare(row.audiobook_chapter_uri), clean(row.audiobook_chapter_title), clean(row.audiobook_title), "")


def _bare(uri: str | None) -> str:
    """The id at the end of `spotify:track:…`; "" for none, and for local files, which have names but no id."""
    if not uri or uri.startswith(_LOCAL):
        return ""
    return clean(uri.rpartition(":")[2])[:64]


def _countries(countries: list[str | None]) -> I2:
    codes = {country: country_code(country) for country in set(countries)}
    return np.fromiter(map(codes.__getitem__, countries), np.int16, len(countries))


def _flags(rows: list[Row]) -> I2:
    said = [(row.skipped, row.shuffle, row.offline, row.incognito_mode) for row in rows]
    bits = {one: _bits(*one) for one in set(said)}
    return np.fromiter(map(bits.__getitem__, said), np.int16, len(said))


def _bits(skipped: bool | None, shuffle: bool | None, offline: bool | None, incognito: bool | None) -> int:
    told = Flag(0) if skipped is None else Flag.SKIPPED if skipped else Flag.NOT_SKIPPED
    others = ((shuffle, Flag.SHUFFLE), (offline, Flag.OFFLINE), (incognito, Flag.INCOGNITO))
    return int(told) | sum(int(flag) for said, flag in others if said)


def _ends(rows: list[Row], stamp: I8, ms_played: I4) -> I8:
    """End of each listening in µs: `ts`; but rows heard offline carry the time of upload there and began at offline_timestamp."""
    ended_at: I8 = stamp * 1_000_000
    for i, told in [(i, row.offline_timestamp) for i, row in enumerate(rows) if row.offline and row.offline_timestamp]:
        start_ms = told if told > _MILLISECONDS_FROM else told * 1000
        if _SANE_FROM_S * 1000 < start_ms <= int(stamp[i]) * 1000:
            ended_at[i] = (start_ms + int(ms_played[i])) * 1000
    return ended_at
