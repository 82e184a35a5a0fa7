"""Last.fm's history by the exporters that people use: CSV with and without a header, and JSON pages of its API.

The time is when the listening began, UTC; CSV without a header has minutes. Columns are known by the header, else by the date at the end.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final

import msgspec

from audiospective.collect.imports.columns import ParsedFile, Reject
from audiospective.collect.imports.documents import document, unread
from audiospective.collect.imports.scrobbled import Scrobble, parsed
from audiospective.collect.imports.tables import table

NAME = "lastfm"

_TIMES: Final = ("uts", "date", "utc_time", "time")
_TITLES: Final = ("track", "name", "title")
_FORMATS: Final = ("%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d{2}:\d{2}")
#: What people's exporters leave out of a row without a header: nothing, or the album.
_BARE: Final = {4: ("artist", "album", "track", "date"), 3: ("artist", "track", "date")}


def is_table(text: str) -> bool:
    """Whether the first lines are one of these CSV files."""
    lines = list(csv.reader(io.StringIO(text)))[:3]
    return bool(lines) and (_columns(lines[0]) is not None or any(_is_bare(line) for line in lines[:-1] or lines))


def parse_table(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A CSV file, every row of it."""
    return parsed(_rows(file, name), name, now)


class Text(msgspec.Struct, gc=False):
    """A name, as the API wraps it."""

    text: str = msgspec.field(name="#text", default="")


class Date(msgspec.Struct, gc=False):
    """A time, seconds since 1970."""

    uts: str | int = ""


class Track(msgspec.Struct, gc=False):
    """A scrobble; the one playing just then has no date."""

    name: str = ""
    artist: Text | None = None
    album: Text | None = None
    date: Date | None = None


class Page(msgspec.Struct, gc=False):
    """A page of the API's answer."""

    track: msgspec.Raw
    """A list; where the page has a single scrobble, the API gives that one itself."""


def parse_pages(file: BinaryIO, name: str, now: datetime) -> ParsedFile:
    """A JSON file of pages, every scrobble of them."""
    return parsed(_paged(file, name), name, now)


def _paged(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    decoder = msgspec.json.Decoder(Track)
    many = msgspec.json.Decoder(list[msgspec.Raw])
    raws = [raw for page in document(file, name, list[Page]) for raw in (many.decode(page.track) if _is_list(page.track) else [page.track])]
    for number, raw in enumerate(raws, start=1):
        try:
            one = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield unread(name, number, error, bytes(raw))
            continue
        artist, album = one.artist or Text(), one.album or Text()
        yield Scrobble(number, _seconds(str(one.date.uts)) if one.date else None, one.name, artist.text, album.text)


def _is_list(raw: msgspec.Raw) -> bool:
    return bytes(raw)[:1] == b"["


def _rows(file: BinaryIO, name: str) -> Iterator[Scrobble | Reject]:
    columns: Sequence[str] | None = None
    number = 0
    for cells in table(file, name):
        if number == 0 and columns is None and (columns := _columns(cells)) is not None:
            continue
        number += 1
        shape = columns or _BARE.get(len(cells))
        if shape is None or len(cells) < len(shape):
            yield Reject(name, number, f"the row has {len(cells)} columns", ",".join(cells)[:500])
        else:
            yield _scrobble(number, dict(zip(shape, cells, strict=False)), cells)


def _scrobble(number: int, row: dict[str, str], cells: list[str]) -> Scrobble:
    at_us = next((found for column in _TIMES if (found := _time(row.get(column, ""))) is not None), None)
    title = next((row[column] for column in _TITLES if column in row), "")
    return Scrobble(number, at_us, title, row.get("artist", ""), row.get("album", ""), raw=cells)


def _columns(cells: Sequence[str]) -> list[str] | None:
    """The names in a header; None when the row isn't one."""
    names = [cell.strip().lower() for cell in cells]
    is_header = "artist" in names and not set(_TITLES).isdisjoint(names) and not set(_TIMES).isdisjoint(names)
    return names if is_header else None


def _is_bare(cells: Sequence[str]) -> bool:
    return len(cells) in _BARE and _DATE.fullmatch(cells[-1].strip()) is not None


def _time(text: str) -> int | None:
    """µs since 1970 of a number of seconds or a date."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return _seconds(text)
    for shape in _FORMATS:
        try:
            return int(datetime.strptime(text, shape).replace(tzinfo=UTC).timestamp()) * 1_000_000
        except ValueError:
            continue
    return None


def _seconds(text: str) -> int | None:
    return int(text) * 1_000_000 if text.isascii() and text.isdecimal() and len(text) < 12 else None
