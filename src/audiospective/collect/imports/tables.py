"""CSV files, a row at a time, in whatever an editor left them: a byte order mark tells UTF-16."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from audiospective.collect.imports.jsonrows import utf8
from audiospective.errors import Invalid

#: No cell is longer; a file with an open quote would otherwise be read as one.
_LONGEST_CELL: Final = 1024**2
_LONGEST_LINE: Final = 16 * 1024**2
_PART: Final = 256 * 1024


def table(file: BinaryIO, name: str) -> Iterator[list[str]]:
    """The rows, blank ones left out. Raises Invalid when the file stops being a table."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from (row for row in csv.reader(_lines(file)) if row)
    except csv.Error as error:
        raise Invalid(f"{name} isn't a whole table ({error}); export it again and import it as it came.", field=name) from error


def _lines(file: BinaryIO) -> Iterator[str]:
    """Lines with the line feeds that end them, decoded some at a time; a carriage return alone ends none. Raises csv.Error."""
    rest = b""
    for block in utf8(file):
        for start in range(0, len(block), _PART):
            whole, end, rest = (rest + block[start : start + _PART]).rpartition(b"\n")
            yield from io.StringIO(_text(whole + end), newline="\n")
            if len(rest) > _LONGEST_LINE:
                raise csv.Error(f"no line ends within {_LONGEST_LINE >> 20} MB")
    if rest:
        yield _text(rest)


def _text(part: bytes) -> str:
    return part.decode("utf-8", "replace").replace("\0", "")
