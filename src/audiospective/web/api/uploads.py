"""A multipart body → files in a folder, piece by piece: memory stays small whatever the size."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from litestar.exceptions import InternalServerException
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from audiospective.errors import Invalid, TooLarge, Unavailable
from audiospective.web.visitor import Asked

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: All files of one upload together.
MAX_UPLOAD = 2 * 1024**3
#: What lies between the files: boundaries, headers, small fields.
OVERHEAD = 1024**2

_MOST_FILES = 1000
#: Files, and the small fields of a form around them; each part costs more to read than its bytes do.
_MOST_PARTS = 2 * _MOST_FILES
_UNSAFE = re.compile(r"[^\w.,()+ -]")
_LONGEST_NAME = 120


class _Part(msgspec.Struct):
    name: bytes = b""
    value: bytes = b""
    headers: dict[str, bytes] = msgspec.field(default_factory=dict)
    file: BinaryIO | None = None


async def save(request: Asked, folder: Path) -> list[Path]:
    """The files of the upload, each in a numbered folder of its own so that equal names don't meet.

    Raises Invalid for what is no upload or holds no file, TooLarge beyond MAX_UPLOAD.
    """
    if int(request.headers.get("content-length", "0") or 0) > MAX_UPLOAD + OVERHEAD:
        raise TooLarge(f"An upload may have {MAX_UPLOAD >> 30} GB at most; import larger ones with “audiospective import”.")
    receiver = _Receiver(folder)
    parser = MultipartParser(_boundary(request), receiver.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except (MultipartParseError, InternalServerException) as error:  # the latter says that the sender has left
        raise Invalid("The upload broke off or isn't a form with files; send it again.", field="file") from error
    except OSError as error:
        raise Unavailable(f"The upload can't be kept ({os.strerror(error.errno or 0)}); tell whoever runs this instance.") from error
    finally:
        receiver.close()
    if not receiver.is_whole:
        raise Invalid("The upload broke off before its end; send it again.", field="file")
    if not receiver.paths:
        raise Invalid("No file was sent; choose the zip that Spotify sent you, or its JSON files.", field="file")
    return receiver.paths


def safe_name(given: str) -> str:
    """A file name without path or surprises; what people see in counts and messages."""
    name = _UNSAFE.sub("_", PurePosixPath(given.replace("\\", "/")).name)[-_LONGEST_NAME:]
    return name.lstrip(". ") or "file"


class _Receiver:
    """Takes the parser's pieces; parts without a file name are passed over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._part = _Part()
        self._size = self._parts = 0
        self.paths: list[Path] = []
        self.is_whole = False

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def close(self) -> None:
        if self._part.file is not None:
            self._part.file.close()
            self._part.file = None

    def _begin(self) -> None:
        self._part = _Part()
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise TooLarge(f"An upload may have {_MOST_FILES:,} files at most; send them as one zip.")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _header_end(self) -> None:
        self._part.headers[self._part.name.decode("latin-1").lower()] = self._part.value
        self._part.name, self._part.value = b"", b""

    def _open(self) -> None:
        _, options = parse_options_header(self._part.headers.get("content-disposition", b""))
        given = options.get(b"filename", b"").decode("utf-8", "replace")
        if not given:
            return
        if len(self.paths) >= _MOST_FILES:
            raise TooLarge(f"An upload may have {_MOST_FILES:,} files at most; send them as one zip.")
        path = self._folder / f"{len(self.paths) + 1:03}" / safe_name(given)
        path.parent.mkdir(mode=0o700)
        self._part.file = path.open("xb")
        self.paths.append(path)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file is None:
            return
        self._size += end - start
        if self._size > MAX_UPLOAD:
            raise TooLarge(f"An upload may have {MAX_UPLOAD >> 30} GB at most; import larger ones with “audiospective import”.")
        self._part.file.write(data[start:end])

    def _end(self) -> None:
        self.is_whole = True


def _boundary(request: Asked) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid("Send the files as multipart/form-data, as a form with <input type=file> does.", field="file")
    return boundary
