"""What is a listen, a batch of listens, a history? Types only: no query, no file, no network.

A *listen* is what one source said. A *play* is one listening, counted once. The table `plays` keeps every listen; where
several sources report one listening, the richest stands for it and the others are marked MERGED (matching.py).
Times are int64 microseconds since 1970 UTC and mean the *end* of the listening.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, IntFlag
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

#: A person's number; accounts/people.py gives them out.
UserId: TypeAlias = int

I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
I2 = npt.NDArray[np.int16]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

#: ms_played of a source that only reports finished plays and no length (the recently-played call).
UNKNOWN_MS = -1


class Source(IntEnum):
    """Who said it; the lower the number, the richer the report, and the richest stands for the play."""

    EXTENDED = 1
    """Spotify's extended streaming history: seconds, ms heard, track address."""
    API = 2
    """Spotify's recently-played call: milliseconds, track address, nothing about how long."""
    ACCOUNT = 3
    """Spotify's account data: minutes, ms heard, names only."""
    OWN = 4
    """This program's own CSV or JSON."""
    SCROBBLE = 5
    """Submitted over the ListenBrainz-compatible API."""
    TRACKER = 6
    """Another tracker's file, taken in when it wasn't yet written down whose."""
    YOUR_SPOTIFY = 7
    LISTENBRAINZ = 8
    KOITO = 9
    MALOJA = 10
    LASTFM = 11
    """Each tracker is a source of its own, so that what several of them tell of one listening is one play."""

    @property
    def tells_begin(self) -> bool:
        """Whether it tells when a listening began; Spotify, and your_spotify after it, tell when it ended."""
        return self >= Source.SCROBBLE and self is not Source.YOUR_SPOTIFY

    @property
    def label(self) -> str:
        """How it is called in answers and exports."""
        return _LABELS[self]

    @classmethod
    def labelled(cls, label: str) -> Source | None:
        """The source of that label; None for none of ours."""
        return next((source for source, name in _LABELS.items() if name == label), None)

    @classmethod
    def beginners(cls) -> list[Source]:
        """Those that tell when a listening began."""
        return [source for source in cls if source.tells_begin]


_LABELS = {
    Source.EXTENDED: "spotify-extended",
    Source.API: "spotify-api",
    Source.ACCOUNT: "spotify-account",
    Source.OWN: "audiospective",
    Source.SCROBBLE: "scrobble",
    Source.TRACKER: "tracker",
    Source.LISTENBRAINZ: "listenbrainz",
    Source.KOITO: "koito",
    Source.YOUR_SPOTIFY: "your_spotify",
    Source.MALOJA: "maloja",
    Source.LASTFM: "lastfm",
}


class Kind(IntEnum):
    """What was played; podcasts and audiobooks are stored and shown apart (contract.md §7)."""

    TRACK = 0
    EPISODE = 1
    AUDIOBOOK = 2


class Flag(IntFlag):
    """What a source told about one listen; the two lowest bits hold its Kind."""

    KIND = 0b11
    SKIPPED = 1 << 2
    NOT_SKIPPED = 1 << 3
    """Said to be played through; neither bit: the source doesn't tell (null in 84–98 % of old rows)."""
    SHUFFLE = 1 << 4
    OFFLINE = 1 << 5
    INCOGNITO = 1 << 6
    VIDEO = 1 << 7
    MERGED = 1 << 8
    """Another listen stands for this listening; kept, not counted."""


class TrackKey(NamedTuple):
    """How a source names what was played. `spotify_id` is the bare 22-character id, or "" when the source has none.

    A tuple, since an import hashes hundreds of thousands of them; `kind` is the plain number of a Kind for the same reason.
    """

    kind: int
    spotify_id: str
    name: str
    artist: str
    album: str


def country_code(country: str | None) -> int:
    """Two letters as a number from 1 to 676; 0 for none or anything else."""
    if country is None or len(country) != 2 or not (country.isascii() and country.isalpha()):
        return 0
    letters = country.upper()
    return (ord(letters[0]) - 65) * 26 + ord(letters[1]) - 64


def country_of(code: int) -> str:
    """The two letters of a code, "" for 0."""
    return chr(65 + (code - 1) // 26) + chr(65 + (code - 1) % 26) if code else ""


class ArtistFacts(msgspec.Struct, frozen=True):
    """An artist as the Web API names it."""

    spotify_id: str
    name: str


class TrackFacts(msgspec.Struct, frozen=True):
    """What the Web API tells of a track, beyond its key; covers and lengths come from here."""

    duration_ms: int
    isrc: str | None
    artists: tuple[ArtistFacts, ...]
    album_spotify_id: str
    album_name: str
    album_image_url: str | None
    album_released: int = 0
    """The year; 0: not told."""


@dataclass(frozen=True, slots=True, eq=False)
class Listens:
    """Columns of equal length `n`, one entry a listen, in the source's order.

    `ended_at` int64 µs UTC · `track` int32 index into `keys` · `ms_played` int32 ms or UNKNOWN_MS · `flags` int16 (Flag)
    · `shifted_s` int32 seconds by which the source's own stamp lies after `ended_at` (offline plays) · `platform` int32
    index into `platforms` · `country` int16 (country_code) · `reasons` int16 index into `reason_pairs`, (start, end).
    Index 0 of `platforms` is "" and of `reason_pairs` ("", ""): not told.
    """

    ended_at: I8
    track: I4
    ms_played: I4
    flags: I2
    shifted_s: I4
    platform: I4
    country: I2
    reasons: I2
    keys: list[TrackKey]
    platforms: list[str]
    reason_pairs: list[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.ended_at)

    def at(self, rows: npt.NDArray[np.intp]) -> Listens:
        """Those rows, in that order."""
        return replace(
            self,
            ended_at=self.ended_at[rows],
            track=self.track[rows],
            ms_played=self.ms_played[rows],
            flags=self.flags[rows],
            shifted_s=self.shifted_s[rows],
            platform=self.platform[rows],
            country=self.country[rows],
            reasons=self.reasons[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one source said of one person, to be stored whole or not at all."""

    user: UserId
    source: Source
    listens: Listens
    import_id: int = 0
    """The import that brought it; 0 for a sweep or a scrobble."""
    facts: Mapping[str, TrackFacts] = field(default_factory=dict)
    """By the track's spotify_id; only the Web API knows them."""


class Stored(msgspec.Struct, frozen=True):
    """What became of a batch: `listens = new + duplicates`, always."""

    listens: int
    new: int
    duplicates: int

    def and_also(self, other: Stored) -> Stored:
        """Both together."""
        return Stored(self.listens + other.listens, self.new + other.new, self.duplicates + other.duplicates)


#: How many reasons there can be, so that a pair fits a smallint.
REASONS = 181


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What sources told besides, a row for each play of a History: `shifted_s` int32 seconds by which the source's own stamp lies later,
    `platform` int32 and `reasons` int16 (start × REASONS + end) by `platforms` and `words`, `country` int16 (country_code).
    """

    shifted_s: I4
    platform: I4
    country: I2
    reasons: I2
    platforms: Mapping[int, str]
    words: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class History:
    """One person's counted plays, oldest first, as columns: 18 bytes a play beside the track table.

    `ended_at` int64 µs UTC, ascending · `track` int32 index into the track table · `ms_played` int32, UNKNOWN_MS where
    the source doesn't tell · `flags` uint8 (Flag; what is merged isn't here) · `source` uint8 (Source).
    Track table, one entry for each distinct track, ascending by id: `track_ids`, `artist_ids`, `album_ids` int32, `duration_ms` int32
    (0 = not known), `recording` int32 index of the track that stands for all of one ISRC; None where each stands for itself.
    """

    user: UserId
    version: int
    ended_at: I8
    track: I4
    ms_played: I4
    flags: Bytes
    source: Bytes
    track_ids: I4
    recording: I4 | None
    artist_ids: I4
    album_ids: I4
    duration_ms: I4

    def __len__(self) -> int:
        return len(self.ended_at)

    def recorded(self, tracks: I4) -> I4:
        """For each of some tracks, by index, the one that stands for its recording."""
        return tracks if self.recording is None else self.recording[tracks]

    @property
    def nbytes(self) -> int:
        """Bytes held by the columns, and by the index of four bytes a play that a lens makes of them; the cache's bound counts these."""
        columns = (self.ended_at, self.track, self.ms_played, self.flags, self.source)
        table = (self.track_ids, self.recording, self.artist_ids, self.album_ids, self.duration_ms)
        return sum(column.nbytes for column in (*columns, *table) if column is not None) + 4 * len(self)
