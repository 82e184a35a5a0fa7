"""Files that are one JSON document, or a document a line: read whole or by the line, as typed structs, bad rows set aside."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO, Generic, TypeVar

import msgspec

from audiospective.collect.imports.columns import Reject
from audiospective.collect.imports.jsonrows import lenient, utf8, whole_letters
from audiospective.errors import Invalid, TooLarge

Row = TypeVar("Row")

#: A document is held in memory; a million scrobbles of the wordiest tracker take 400 MB.
MAX_DOCUMENT = 512 * 1024**2


class Lines(Generic[Row]):
    """Numbered rows of a file with a document a line."""

    def __init__(self, kind: type[Row]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._lenient = lenient(kind)

    def of(self, file: BinaryIO, name: str) -> Iterator[tuple[int, Row] | Reject]:
        """The rows with their numbers from 1; a line that can't be read is set aside. Blank lines are none."""
        number = 0
        for line in _lines(file):
            if not line.strip():
                continue
            number += 1
            yield self._read(line, name, number)

    def _read(self, line: bytes, name: str, number: int) -> tuple[int, Row] | Reject:
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            return number, self._decoder.decode(line)
        try:
            return number, self._lenient.decode(whole_letters(line))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return unread(name, number, error, line)


def document(file: BinaryIO, name: str, kind: type[Row]) -> Row:
    """The whole file as `kind`; raises Invalid that names the place, or TooLarge."""
    whole = io.BytesIO()
    for block in utf8(file):
        whole.write(block)
        if whole.tell() > MAX_DOCUMENT:
            raise TooLarge(f"{name} is larger than {MAX_DOCUMENT >> 20} MB, which is the most that one document may have.")
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.json.decode(whole.getbuffer(), type=kind)
    try:
        return msgspec.json.decode(whole_letters(whole.getvalue()), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{name} isn't the JSON that it seems to be ({str(error).rstrip('.')}); export it again and import it as it came.", field=name
        ) from error


def rows(found: list[msgspec.Raw], name: str, kind: type[Row]) -> Iterator[tuple[int, Row] | Reject]:
    """A document's rows with their numbers from 1; one of the wrong types is set aside."""
    decoder = lenient(kind)
    for number, raw in enumerate(found, start=1):
        try:
            yield number, decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield unread(name, number, error, bytes(raw))


def unread(name: str, number: int, error: Exception, raw: bytes) -> Reject:
    """A row that can't be read, as far as it can be shown; Postgres holds no NUL."""
    shown = raw[:2_000].decode("utf-8", "replace").replace("\0", "")[:500]
    return Reject(name, number, f"the row can't be read: {str(error).rstrip('.')}", shown)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    for block in utf8(file):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    yield rest
