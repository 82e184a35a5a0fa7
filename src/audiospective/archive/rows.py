"""How a listen lies in Postgres, as numpy record types: packed rows read, COPY rows written. No query, no decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I8

#: Postgres counts microseconds from 2000-01-01.
EPOCH_2000_US = 946_684_800_000_000

#: One listen as `said_before` packs it.
SAID = np.dtype(
    [
        ("ended_at", ">i8"),
        ("track", ">i4"),
        ("ms_played", ">i4"),
        ("shifted_s", ">i4"),
        ("source", ">i2"),
        ("flags", ">i2"),
    ]
)

#: The columns of `copy_plays` in order: name and width in bytes.
_COLUMNS = (
    ("played_at", 8),
    ("user_id", 4),
    ("track_id", 4),
    ("ms_played", 4),
    ("import_id", 4),
    ("shifted_s", 4),
    ("platform_id", 4),
    ("source", 2),
    ("flags", 2),
    ("country", 2),
    ("reasons", 2),
)

#: One row of COPY BINARY: a field count, then each field behind its length (Postgres manual, COPY, "Binary Format").
COPY_ROW = np.dtype([("fields", ">i2"), *(f for name, width in _COLUMNS for f in ((f"{name}_length", ">i4"), (name, f">i{width}")))])
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_CHUNK_ROWS = 32_768


def said(packed: bytes) -> npt.NDArray[np.void]:
    """The rows of `said_before`; times still count from 2000 (see `unix_us`)."""
    return np.frombuffer(packed, dtype=SAID)


def unix_us(postgres_us: npt.NDArray[np.int64]) -> I8:
    """Microseconds since 1970 in native order."""
    return postgres_us.astype(np.int64) + EPOCH_2000_US


def copy_chunks(columns: dict[str, npt.NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """The bytes of a whole COPY: header, rows, trailer; `played_at` in µs since 1970."""
    yield _HEADER
    total = len(columns["played_at"])
    for start in range(0, total, _CHUNK_ROWS):
        part = slice(start, start + _CHUNK_ROWS)
        rows = np.empty(min(_CHUNK_ROWS, total - start), dtype=COPY_ROW)
        rows["fields"] = len(_COLUMNS)
        for name, width in _COLUMNS:
            rows[f"{name}_length"] = width
            rows[name] = columns[name][part]
        rows["played_at"] -= EPOCH_2000_US
        yield rows.view(np.uint8).data
    yield _TRAILER
