"""This program's own CSV and JSON, so that a person can move; and those of the program that bore the same name before it.

Exports tell when a listening ended, to the millisecond. A cell that a spreadsheet would take for a formula stands behind an apostrophe
(export/to_csv.py), of which reading takes exactly one away.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

import msgspec

from audiospective.archive.plays import UNKNOWN_MS, Kind
from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.documents import document, rows
from audiospective.collect.imports.scrobbled import Scrobble, parsed
from audiospective.collect.imports.tables import table

NAME = "audiospective"

HEADER: Final = "played_at,local_time,track,artists,album,ms_played,duration_ms,spotify_track_id,source"
OLD_HEADER: Final = "Date,Time,Track,Artists,Album,Duration (min)"
_KINDS: Final = {name: int(kind) for name, kind in Kind.__members__.items()}
_SEMICOLONS: Final = re.compile(";+(?= |$)")
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_OLD_TIMES: Final = ("%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S")


def is_table(text: str) -> bool:
    """Whether the first lines are such a CSV file; the older program put a warning above, and offices quote every cell."""
    lines = [line for line in text.splitlines()[:3] if not line.startswith("# ")]
    return ",".join(next(csv.reader(lines), [])).strip() in {HEADER, OLD_HEADER}


def parse_table(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A CSV file, every row of it."""
    return parsed(_rows(file, name), name, now)


class Artist(msgspec.Struct, gc=False):
    """An artist of a track."""

    name: str = ""


class Album(msgspec.Struct, gc=False):
    """Its album."""

    name: str = ""


class Track(msgspec.Struct, gc=False, rename="camel"):
    """What was played."""

    name: str = ""
    kind: str = "track"
    spotify_id: str | None = None
    duration_ms: int | None = None
    album: Album | None = None
    artists: list[Artist] = []


class Row(msgspec.Struct, gc=False, rename="camel"):
    """A play."""

    played_at: datetime
    track: Track
    ms_played: int | None = None


class Whole(msgspec.Struct, rename="camel"):
    """The document."""

    plays: list[msgspec.Raw]


def parse_document(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A JSON file, every play of it."""
    return parsed(_plays(file, name), name, now)


def _plays(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    for one in rows(document(file, name, Whole).plays, name, Row):
        yield one if isinstance(one, Reject) else _play(*one)


def _play(number: int, row: Row) -> Scrobble:
    track = row.track
    return Scrobble(
        row=number,
        at_us=_us(row.played_at),
        title=track.name,
        artist=track.artists[0].name if track.artists else "",
        album=track.album.name if track.album else "",
        spotify_id=track.spotify_id or "",
        heard_ms=UNKNOWN_MS if row.ms_played is None else row.ms_played,
        at_end=True,
        kind=_kind(track.kind),
        needs_names=False,
    )


def _rows(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    header: Sequence[str] | None = None
    number = 0
    for cells in table(file, name):
        if header is None:
            header = None if cells[0].startswith("# ") else cells
            read = _of_ours if header and header[0] == "played_at" else _of_before
            continue
        number += 1
        if len(cells) < len(header):
            yield Reject(name, number, f"the row has {len(cells)} of {len(header)} columns", ",".join(cells)[:500])
        else:
            yield read(number, cells)


def _of_ours(number: int, cells: list[str]) -> Scrobble:
    played_at, _, title, artists, album, heard, _, spotify_id, source = cells[:9]
    return Scrobble(
        row=number,
        at_us=_us(_moment(played_at)),
        title=plain(title),
        artist=_first(plain(artists)),
        album=plain(album),
        spotify_id=plain(spotify_id),
        heard_ms=_ms(heard),
        at_end=True,
        kind=_kind(source.partition(":")[2]),
        raw=cells,
        needs_names=False,
    )


def _of_before(number: int, cells: list[str]) -> Scrobble:
    day, hour, title, artists, album = cells[:5]
    at = next((found for shape in _OLD_TIMES if (found := _shaped(f"{day} {hour}", shape)) is not None), None)
    return Scrobble(number, _us(at), title, artists.partition("; ")[0], album, at_end=True, raw=cells)


def plain(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    return cell.removeprefix("'")


def _first(artists: str) -> str:
    """The first of the artists; semicolons that stand twice belong to a name (export/to_csv.py)."""
    end = next(
        (found.end() - 1 for found in _SEMICOLONS.finditer(artists) if len(found[0]) % 2 and found.end() < len(artists)), len(artists)
    )
    return _SEMICOLONS.sub(lambda found: found[0][len(found[0]) // 2 :] if len(found[0]) % 2 == 0 else found[0], artists[:end])


def _kind(word: str) -> int:
    return _KINDS.get(word.upper(), int(Kind.TRACK))


def _ms(heard: str) -> int:
    """What was heard; an empty cell tells nothing, a number beyond all lengths stays beyond them."""
    return int(heard[:20]) if heard.isdecimal() else UNKNOWN_MS


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _shaped(text: str, shape: str) -> datetime | None:
    try:
        return datetime.strptime(text.replace("\u202f", " "), shape).replace(tzinfo=UTC)
    except ValueError:
        return None


def _us(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
