"""CSV files, a row at a time, in whatever an editor left them: a byte order mark tells UTF-16."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, Final

from audiospective.collect.imports.jsonrows import utf8
from audiospective.errors import Invalid

#: No cell is longer; a file with an open quote would otherwise be read as one.
_LONGEST_CELL: Final = 1024**2


def table(file: BinaryIO, name: str) -> Iterator[list[str]]:
    """The rows, blank ones left out. Raises Invalid when the file stops being a table."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        yield from (row for row in csv.reader(_lines(file)) if row)
    except csv.Error as error:
        raise Invalid(f"{name} isn't a whole table ({error}); export it again and import it as it came.", field=name) from error


def _lines(file: BinaryIO) -> Iterator[str]:
    rest = b""
    for block in utf8(file):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").replace("\0", "") + "\n"
    if rest:
        yield rest.decode("utf-8", "replace").replace("\0", "")
