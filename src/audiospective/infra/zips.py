"""A zip that is written while it is sent: nothing of it is held but a piece, and each file's SHA-256 is known at its end."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime

_ENOUGH = 64 * 1024


class ZipStream:
    """Files one after the other; the same contents at the same time are the same bytes. `sums` has each file's SHA-256 by its name."""

    def __init__(self, now: datetime, folder: str = "") -> None:
        self._sink = _Sink()
        self._whole = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self._stamp = now.timetuple()[:6]
        self._folder = f"{folder}/" if folder else ""
        self.sums: dict[str, str] = {}

    async def add(self, name: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """One file; what of the zip has been written when it is enough to be sent. Packing is done beside the event loop."""
        said = zipfile.ZipInfo(self._folder + name, self._stamp)
        said.compress_type, said.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        digest = hashlib.sha256()
        with self._whole.open(said, "w", force_zip64=True) as file:
            async for piece in pieces:
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
                if self._sink.waits:
                    yield self._sink.take()
        self.sums[name] = digest.hexdigest()

    async def add_text(self, name: str, text: str) -> AsyncIterator[bytes]:
        """One file that is there already."""
        async for written in self.add(name, _once(text.encode())):
            yield written

    def end(self) -> bytes:
        """The rest: the list of all files, without which no zip opens, so that one that was cut short shows."""
        self._whole.close()
        return self._sink.take()


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


class _Sink(io.RawIOBase):
    """Where the zip is written: a place that can't be gone back in, emptied again and again."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def waits(self) -> bool:
        """Whether there is enough to be sent."""
        return len(self._held) >= _ENOUGH

    def take(self) -> bytes:
        """What was written since."""
        piece, self._held = bytes(self._held), bytearray()
        return piece

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a zip writes bytes alone
        self._held += data
        return len(data)
