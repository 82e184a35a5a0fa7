"""Parquet for data frames: the CSV's columns, with the clock's distance from UTC instead of the local time; packed by zstd."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import IO

import numpy as np
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet

from audiospective.export.plays import Portion

_PIECE = 256 * 1024
#: A group is held packed until it is whole.
_GROUP_ROWS = 250_000
#: What packs hard holds a megabyte more for each column; one of a few values gains nothing by it.
_HARD, _LIGHT = "zstd(16)", "zstd(3)"
_FEW_VALUES = ("utc_offset_s", "source", "kind")

_UTC = DataType.timestamp("us", tz="UTC")
_TEXT, _NUMBER = DataType.string(), DataType.int32()
SCHEMA = Schema(
    [
        Field("played_at", _UTC, nullable=False),
        Field("utc_offset_s", _NUMBER, nullable=False),
        Field("track", _TEXT, nullable=False),
        Field("artists", _TEXT, nullable=False),
        Field("album", _TEXT, nullable=True),
        Field("ms_played", _NUMBER, nullable=True),
        Field("duration_ms", _NUMBER, nullable=True),
        Field("spotify_track_id", _TEXT, nullable=True),
        Field("source", _TEXT, nullable=False),
        Field("kind", _TEXT, nullable=False),
    ]
)


async def pieces(portions: AsyncIterator[Portion]) -> AsyncIterator[bytes]:
    """The file; it is written to a temporary one first, since what it holds is listed at its end."""
    with tempfile.TemporaryFile() as file:
        batches = _batches(portions, asyncio.get_running_loop())
        await asyncio.to_thread(_write, batches, file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write(batches: Iterator[RecordBatch], file: IO[bytes]) -> None:
    reader = RecordBatchReader.from_batches(SCHEMA, batches)
    write_parquet(
        reader,
        file,
        compression=_HARD,
        column_compression=dict.fromkeys(_FEW_VALUES, _LIGHT),
        max_row_group_size=_GROUP_ROWS,
        column_dictionary_enabled={"played_at": False, "ms_played": False},
        column_encoding={"played_at": "delta_binary_packed", "ms_played": "delta_binary_packed"},
        created_by="Audiospective",
    )


def _batches(portions: AsyncIterator[Portion], loop: asyncio.AbstractEventLoop) -> Iterator[RecordBatch]:
    """Portions as the writing thread asks for them."""

    async def following() -> Portion | None:
        return await anext(portions, None)

    while (portion := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield _batch(portion)


def _batch(portion: Portion) -> RecordBatch:
    cards = portion.tracks
    columns = [
        Array(portion.ended_us).cast(_UTC),
        Array((portion.local_s - portion.ended_us // 1_000_000).astype(np.int32)),
        Array([card.name for card in cards], type=_TEXT),
        Array(["; ".join(artist.name for artist in card.artists) for card in cards], type=_TEXT),
        Array([card.album.name if card.album else None for card in cards], type=_TEXT),
        Array(portion.ms_played, type=_NUMBER),
        Array([card.duration_ms or None for card in cards], type=_NUMBER),
        Array([card.spotify_id for card in cards], type=_TEXT),
        Array(portion.sources, type=_TEXT),
        Array([card.kind.name.lower() for card in cards], type=_TEXT),
    ]
    return RecordBatch.from_arrays(columns, schema=SCHEMA)
