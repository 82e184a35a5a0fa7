"""A reading copy: one zip that a browser opens from the disk, without us and without a network, for ever.

`index.html` answers by itself (numbers, charts and lists are drawn into it) and, with scripts, searches every play; `plays/*.jsonl` is the
archive again, a file for each source, which this program takes back without loss; `plays.csv` is for spreadsheets. `schema.json` says what
each field means, `SHA256SUMS` what each file must be.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from audiospective.archive import history
from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import History, Source
from audiospective.export import to_csv, to_lines
from audiospective.export.plays import Portion, Rows, exported
from audiospective.export.reading_page import page
from audiospective.infra.database import Connection
from audiospective.infra.zips import ZipStream
from audiospective.insights.lens import Lens
from audiospective.insights.listening import see
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone

_SCHEMA: Final = (Path(__file__).parent / "reading" / "schema.json").read_text("utf-8")
_README: Final = (Path(__file__).parent / "reading" / "README.txt").read_text("utf-8")

#: Plays of one file of the page's data; a browser reads each in some milliseconds.
_SHARD: Final = 50_000

_encoder = msgspec.json.Encoder()


class Copied(msgspec.Struct, frozen=True):
    """What is copied: a history in a zone, its rows that lie in the period, and the day."""

    seen: History
    zone: Zone
    period: Period
    rows: Rows
    now: datetime


async def pieces(conn: Connection, copied: Copied) -> AsyncIterator[bytes]:
    """The zip as it is made; each file reads the plays again, so that no more than a portion is ever held.

    The page is drawn first, before names are held, and what its answers need is let go: it is small, and waits for its place.
    """
    local_day = copied.zone.local(copied.now)
    whole = ZipStream(local_day, f"spotify-archive-{local_day.date()}")
    drawn = await _page(conn, copied)
    async for written in _lines(conn, copied, whole):
        yield written
    async for written in whole.add("plays.csv", _table(conn, copied)):
        yield written
    async for written in _shards(conn, copied, whole):
        yield written
    async for written in whole.add_text("index.html", drawn):
        yield written
    for name, text in (("schema.json", _SCHEMA), ("README.txt", _README), ("SHA256SUMS", "")):
        async for written in whole.add_text(name, text or "".join(f"{digest}  {file}\n" for file, digest in whole.sums.items())):
            yield written
    yield whole.end()


async def _lines(conn: Connection, copied: Copied, whole: ZipStream) -> AsyncIterator[bytes]:
    evidence = await history.evidence(conn, copied.seen)
    for source in Source:
        part = copied.rows[copied.seen.source[copied.rows] == source]
        if len(part):
            lines = to_lines.lines(exported(conn, copied.seen, copied.zone, part), evidence, part)
            async for written in whole.add(f"plays/{source.label}.jsonl", lines):
                yield written


async def _table(conn: Connection, copied: Copied) -> AsyncIterator[bytes]:
    yield to_csv.HEAD
    async for piece in to_csv.lines(exported(conn, copied.seen, copied.zone, copied.rows)):
        yield piece


async def _page(conn: Connection, copied: Copied) -> str:
    listening = see(copied.seen, copied.zone, copied.period, Lens(), copied.now)
    return await page(conn, listening, _names(copied), copied.rows)


def _names(copied: Copied) -> list[str]:
    return [f"data/{start // _SHARD:04}.js" for start in range(0, len(copied.rows), _SHARD)]


async def _shards(conn: Connection, copied: Copied, whole: ZipStream) -> AsyncIterator[bytes]:
    known: set[int] = set()
    for number, name in enumerate(_names(copied)):
        part = copied.rows[number * _SHARD : (number + 1) * _SHARD]
        async for written in whole.add(name, _shard(exported(conn, copied.seen, copied.zone, part), known)):
            yield written


async def _shard(portions: AsyncIterator[Portion], known: set[int]) -> AsyncIterator[bytes]:
    """A script that hands the page some plays: tracks when they are first met, then columns of local seconds, track numbers and ms."""
    async for portion in portions:
        fresh = {card.id: card for card in portion.tracks if card.id not in known}
        known |= fresh.keys()
        columns = {
            "tracks": [_named(card) for card in fresh.values()],
            "first": int(portion.local_s[0]),
            "steps": np.diff(portion.local_s, prepend=portion.local_s[:1]).tolist(),
            "of": [card.id for card in portion.tracks],
            "ms": [-1 if ms is None else ms for ms in portion.ms_played],
        }
        yield b"archive(" + _encoder.encode(columns).replace(b"</", b"<\\/") + b");\n"


def _named(card: TrackCard) -> list[object]:
    artists = ", ".join(artist.name for artist in card.artists)
    return [card.id, card.name, artists, card.album.name if card.album else "", int(card.kind), card.duration_ms]
