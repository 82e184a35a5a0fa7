"""Collects rows of one file into the typed columns of `Listens`; every parser ends here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I2, I4, I8, Bools, Listens, Source, TrackFacts, TrackKey

#: No listening is older than the company that reports it; rows stamped 1970 exist.
EARLIEST = datetime(2006, 1, 1, tzinfo=UTC)
#: Names longer than this are cut: an index entry in Postgres ends at 2,704 bytes.
_LONGEST_NAME = 600
_LONGEST_PLATFORM = 200
#: An index of pairs is a smallint. Spotify's files have some sixty of them; past this many they are taken as untold.
_MOST_PAIRS = 32_000


class Reject(msgspec.Struct, frozen=True):
    """A row that was set aside: file, row from 1, why, and the row as it came without private fields."""

    file: str
    row: int
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ParsedFile:
    """What one file holds: `rows = len(listens) + len(rejected)`. `source` and `facts` are what a file of this program's own remembers of
    where its plays came from, and of their tracks.
    """

    name: str
    rows: int
    listens: Listens
    rejected: tuple[Reject, ...]
    source: Source | None = None
    facts: Mapping[str, TrackFacts] = field(default_factory=dict)


class Columns(msgspec.Struct):
    """Columns that grow by a chunk of rows at a time."""

    _tracks: dict[Hashable, int] = msgspec.field(default_factory=dict)
    _keys: list[TrackKey] = msgspec.field(default_factory=list)
    _platforms: dict[str, int] = msgspec.field(default_factory=lambda: {"": 0})
    _reasons: dict[tuple[str, str], int] = msgspec.field(default_factory=lambda: {("", ""): 0})
    _chunks: list[tuple[I8, I4, I4, I2, I4, I4, I2, I2]] = msgspec.field(default_factory=list)

    def tracks(self, identities: Sequence[Hashable], naming: Callable[[int], TrackKey]) -> I4:
        """Index of the track of each row; rows of one identity are one track, named by `naming(row)` when first met."""
        index = self._tracks
        found = np.empty(len(identities), np.int32)
        for row, identity in enumerate(identities):
            place = index.get(identity)
            if place is None:
                place = index[identity] = len(self._keys)
                self._keys.append(naming(row))
            found[row] = place
        return found

    def kinds(self, track: I4) -> I2:
        """Kind of each row's track, as the lowest bits of its flags."""
        return np.array([key.kind for key in self._keys] or [0], np.int16)[track]

    def platforms(self, words: Sequence[str | None]) -> I4:
        """Index of each platform text."""
        index = self._platforms
        places = {word: index.setdefault(clean(word)[:_LONGEST_PLATFORM], len(index)) for word in set(words)}
        return np.fromiter(map(places.__getitem__, words), np.int32, len(words))

    def reasons(self, pairs: Sequence[tuple[str | None, str | None]]) -> I2:
        """Index of each (start, end) pair."""
        index = self._reasons
        places = dict[tuple[str | None, str | None], int]()
        for pair in set(pairs):
            told = (clean(pair[0]), clean(pair[1]))
            places[pair] = index.setdefault(told, len(index)) if len(index) < _MOST_PAIRS else index.get(told, 0)
        return np.fromiter(map(places.__getitem__, pairs), np.int16, len(pairs))

    def add(self, *, ended_at: I8, track: I4, ms_played: I4, flags: I2, shifted_s: I4, platform: I4, country: I2, reasons: I2) -> None:
        """A chunk of rows, columns of equal length as `Listens` describes them."""
        self._chunks.append((ended_at, track, ms_played, flags, shifted_s, platform, country, reasons))

    def parsed(self, name: str, rejected: Sequence[Reject]) -> ParsedFile:
        """The file as a whole, when its last row has been added."""
        listens = self.listens()
        return ParsedFile(name, len(listens) + len(rejected), listens, tuple(sorted(rejected, key=lambda reject: reject.row)))

    def listens(self) -> Listens:
        """All rows so far."""
        return Listens(
            ended_at=self._column(0, np.int64),
            track=self._column(1, np.int32),
            ms_played=self._column(2, np.int32),
            flags=self._column(3, np.int16),
            shifted_s=self._column(4, np.int32),
            platform=self._column(5, np.int32),
            country=self._column(6, np.int16),
            reasons=self._column(7, np.int16),
            keys=self._keys,
            platforms=list(self._platforms),
            reason_pairs=list(self._reasons),
        )

    def _column(self, place: int, kind: type[np.integer[Any]]) -> npt.NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *(chunk[place] for chunk in self._chunks)])


def sift(
    rows: Sequence[msgspec.Struct], numbers: Sequence[int], name: str, problems: Sequence[tuple[Bools, str]]
) -> tuple[npt.NDArray[np.intp], list[Reject]]:
    """Indexes of the rows without a problem, and the others set aside, each for the first of its problems."""
    bad = np.zeros(len(rows), np.bool_)
    rejected: list[Reject] = []
    for mask, reason in problems:
        places = np.flatnonzero(mask & ~bad).tolist()
        rejected += [Reject(name, numbers[i], reason, clean_json(rows[i])) for i in places]
        bad |= mask
    return np.flatnonzero(~bad), rejected


def clean_json(row: msgspec.Struct) -> str:
    """The row as JSON, without what Postgres can't hold."""
    return msgspec.json.encode(row).decode().replace("\\u0000", "")


def time_problems(stamp: I8, readable: Bools, now: datetime, field_name: str, example: str) -> list[tuple[Bools, str]]:
    """What can be wrong with a row's time; `stamp` in seconds since 1970."""
    return [
        (~readable, f"`{field_name}` isn't a time like {example}"),
        (readable & (stamp < EARLIEST.timestamp()), f"`{field_name}` lies before Spotify existed"),
        (readable & (stamp > now.timestamp() + 86_400), f"`{field_name}` lies in the future"),
    ]


def lengths(told: Sequence[int]) -> npt.NDArray[np.float64]:
    """What was heard, in ms, ready to be judged; a number beyond all others is as long as none can be."""
    try:
        return np.fromiter(told, np.float64, len(told))
    except OverflowError:
        return np.array([min(max(ms, -1), 2**53) for ms in told], np.float64)


def length_problem(ms_played: npt.NDArray[np.float64], field_name: str) -> tuple[Bools, str]:
    """Heard for less than nothing, or for longer than a column holds (24 days)."""
    return (ms_played < 0) | (ms_played > 2**31 - 1), f"`{field_name}` isn't a possible length"


def clean(text: str | None) -> str:
    """Without NUL, which Postgres can't hold, and not longer than an index takes."""
    return "" if text is None else text.replace("\0", "")[:_LONGEST_NAME]
