"""A log of our own on disk: lines of several processes in one bounded file, written in the background.

Whoever leaves a line never waits for the disk: a full or slow one costs lines, which are counted, and nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

#: So large does a file grow before it is put aside, and so many are kept beside it.
LIMIT: Final = 5_000_000
KEPT: Final = 3

_MOST_WAITING = 10_000
_EVERY_S = 0.5
_BLOCK = 65_536


class LogFile:
    """Lines on their way to `path`; older ones stand in `path.1`, `path.2`, …"""

    def __init__(self, path: Path, *, limit: int = LIMIT, most_waiting: int = _MOST_WAITING) -> None:
        self.path = path
        self.dropped = 0
        self._limit = limit
        self._waiting: deque[str] = deque(maxlen=most_waiting)
        self._ending = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Leave a line; of too many the oldest are dropped."""
        if len(self._waiting) == self._waiting.maxlen:
            self.dropped += 1
        self._waiting.append(line.replace("\n", "\\n"))

    def start(self) -> None:
        """Write what waits twice a second, in a thread that ends with the process."""
        self._thread = threading.Thread(target=self._run, name="log file", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what still waits."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(2)
        self.flush()

    def flush(self) -> None:
        """Write what waits, now. A disk that won't take it costs the lines."""
        with self._writing:
            lines = list(self._taken())
            if not lines:
                return
            try:
                self._append("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
            except OSError:
                self.dropped += len(lines)

    def _taken(self) -> Iterator[str]:
        while self._waiting:
            yield self._waiting.popleft()

    def _run(self) -> None:
        while not self._ending.wait(_EVERY_S):
            self.flush()

    def _append(self, text: bytes) -> None:
        """Opened anew each time, since another process may have put the file aside."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0) as file:
            file.write(text)
            size = file.tell()
        if size > self._limit:
            self._put_aside()

    def _put_aside(self) -> None:
        """One process at a time; whoever comes second finds a small file and leaves it."""
        with (self.path.parent / f"{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.path.stat().st_size <= self._limit:
                return
            for number in range(KEPT, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    before = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
                    before.rename(self.path.with_name(f"{self.path.name}.{number}"))


def tail(path: Path, *, most: int) -> list[str]:
    """The newest lines, oldest of them first, also from files that were put aside; [] where there is no log."""
    return list(islice(backwards(path), most))[::-1]


def backwards(path: Path) -> Iterator[str]:
    """Every line, the newest first, also of files that were put aside; no more is read than is asked for."""
    for one in (path, *(path.with_name(f"{path.name}.{number}") for number in range(1, KEPT + 1))):
        with contextlib.suppress(FileNotFoundError), one.open("rb") as file:
            yield from _backwards(file)


def _backwards(file: BinaryIO) -> Iterator[str]:
    place, begun = file.seek(0, os.SEEK_END), b""
    while place:
        size = min(_BLOCK, place)
        place -= size
        file.seek(place)
        begun, *whole = (file.read(size) + begun).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in reversed(whole) if line)
    if begun:
        yield begun.decode("utf-8", "replace")
