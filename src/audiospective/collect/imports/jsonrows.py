"""Rows out of a JSON list of flat objects, a few megabytes at a time, however long the list is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar

import msgspec

from audiospective.collect.imports.columns import Columns, ParsedFile, Reject
from audiospective.errors import Invalid

Row = TypeVar("Row")
_BLOCK = 16 * 1024 * 1024
#: A quote after the brace, a name and a colon: inside a text the quote would stand behind a backslash, or end it without a colon.
_BETWEEN_ROWS = re.compile(rb'\}\s*,\s*(?=\{\s*"[A-Za-z_]+"\s*:)')
#: No single row is longer than this; without a row's end for so long it isn't a list of plays.
_LONGEST_GAP = 64 * 1024 * 1024
#: A letter outside the first plane as two halves, half of one, or anything else behind a backslash.
_HALVES = re.compile(rb"(\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w)|(\\u[dD][89a-fA-F]\w\w)|\\.")
_raw_rows = msgspec.json.Decoder(list[msgspec.Raw])


def chunks(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The list in pieces, each a JSON list of whole rows. Raises Invalid with the place where the file stops being one."""
    blocks = utf8(file)
    first = _opening(blocks, name)
    if len(first) < _BLOCK and first[-64:].rstrip().endswith(b"]"):
        yield first  # the usual file is read whole, and nothing is copied
        return
    buffer = bytearray(first[first.index(b"[") + 1 :])
    for block in blocks:
        buffer += block
        cut = _last_cut(buffer)
        if cut is not None:
            yield b"[" + bytes(buffer[: cut[0]]) + b"]"
            del buffer[: cut[1]]
        elif len(buffer) > _LONGEST_GAP:
            raise Invalid(f"{name} isn't a list of plays: no row ends within {_LONGEST_GAP >> 20} MB.", field=name)
    rest = bytes(buffer).rstrip()
    if not rest.endswith(b"]"):
        raise Invalid(f"{name} breaks off before its end, so rows are missing; download it again and import it whole.", field=name)
    yield b"[" + rest


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """The rows of one piece: those of the right types with their numbers from 1, and those set aside."""

    numbers: list[int]
    rows: list[Row]
    rejected: list[Reject]


def parse_rows(file: BinaryIO, name: str, kind: type[Row], add: Callable[[Columns, Rows[Row]], list[Reject]]) -> ParsedFile:
    """A whole file: each piece of its rows is handed to `add`, which fills the columns and gives back what it set aside."""
    columns = Columns()
    rejected: list[Reject] = []
    for found in rows_of(file, name, kind):
        rejected += found.rejected + add(columns, found)
    return columns.parsed(name, rejected)


def rows_of(file: BinaryIO, name: str, kind: type[Row]) -> Iterator[Rows[Row]]:
    """The rows of a list, a piece at a time, typed as `kind`; a row of the wrong types is set aside, broken JSON raises Invalid."""
    many, one = msgspec.json.Decoder(list[kind]), lenient(kind)  # type: ignore[valid-type]  # a type at run time
    before = 0
    for chunk in chunks(file, name):
        try:
            rows = many.decode(chunk)
            found = Rows(list(range(before + 1, before + 1 + len(rows))), rows, [])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            found = _one_by_one(whole_letters(chunk), name, before, one)
        before += len(found.rows) + len(found.rejected)
        yield found


def lenient(kind: type[Row]) -> msgspec.json.Decoder[Row]:
    """Reads what programs in between do to a row: numbers and truths as text, whole numbers with a point."""
    return msgspec.json.Decoder(kind, strict=False)


def whole_letters(text: bytes) -> bytes:
    """JSON without halves of letters, where a name was cut in the middle of one; JSON that has them isn't read at all."""
    return _HALVES.sub(lambda found: rb"\ufffd" if found[2] else found[0], text)


def _one_by_one(chunk: bytes, name: str, before: int, decoder: msgspec.json.Decoder[Row]) -> Rows[Row]:
    found: Rows[Row] = Rows([], [], [])
    for number, raw in enumerate(_undecoded(chunk, name), start=before + 1):
        try:
            found.rows.append(decoder.decode(raw))
            found.numbers.append(number)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            found.rejected.append(Reject(name, number, f"the row can't be read: {str(error).rstrip('.')}"))
    return found


def _undecoded(chunk: bytes, name: str) -> list[msgspec.Raw]:
    try:
        return _raw_rows.decode(chunk)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{name} isn't valid JSON ({str(error).rstrip('.')}); download it again and import it as it came.", field=name
        ) from error


def _opening(blocks: Iterator[bytes], name: str) -> bytes:
    """The first block that has more than blank space in it; it opens a list."""
    for block in blocks:
        head = block[:256].lstrip() or block.lstrip()[:256]
        if not head:
            break
        if not head.startswith(b"["):
            raise Invalid(f"{name} isn't a list of plays: it begins with {head[:20]!r} instead of “[”.", field=name)
        return block
    raise Invalid(f"{name} has nothing in it; an export without plays still holds “[]”.", field=name)


def _last_cut(buffer: bytearray) -> tuple[int, int] | None:
    """End of the last whole row and start of the next, looking back from the end."""
    for reach in (64 * 1024, 1024 * 1024, len(buffer)):
        start = max(0, len(buffer) - reach)
        ends = [match.span() for match in _BETWEEN_ROWS.finditer(bytes(buffer[start:]))]
        if ends:
            return start + ends[-1][0] + 1, start + ends[-1][1]
    return None


def utf8(file: BinaryIO) -> Iterator[bytes]:
    """Blocks in UTF-8 whatever an editor made of the file: a byte order mark tells UTF-16."""
    first = file.read(_BLOCK)
    blocks: Iterable[bytes] = iter(lambda: file.read(_BLOCK), b"")
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
        yield decoder.decode(first).encode()
        for block in blocks:
            yield decoder.decode(block).encode()
        return
    yield first.removeprefix(codecs.BOM_UTF8)
    yield from blocks
