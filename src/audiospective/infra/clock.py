"""What time is it? The only place that asks the machine; everything below an entrypoint is handed a `now`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from audiospective.settings import Settings

_A_TURN_S: Final = 0.03


class Clock(Protocol):
    """Time as a part that one hands in; a test's clock jumps."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow; for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long, as this clock goes."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only ever grow; for durations."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(seconds)


class RehearsalClock(SystemClock):
    """The machine's clock, moved by as many seconds as a file says: all processes that read it live in one time.

    For rehearsals: where others wait an hour, it moves the file's number by an hour. How long things take isn't moved.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The present moment of the rehearsal."""
        return super().now() + timedelta(seconds=self._moved())

    async def sleep(self, seconds: float) -> None:
        """Move on at once; a little is waited for, so that others get their turn."""
        self.move(seconds)
        await asyncio.sleep(min(seconds, _A_TURN_S))

    def move(self, seconds: float) -> None:
        """Go on by so many seconds, in every process."""
        half = self._file.with_suffix(".new")
        half.write_text(f"{self._moved() + seconds:.3f}", encoding="utf-8")
        half.replace(self._file)

    def _moved(self) -> float:
        try:
            return float(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0.0


def clock_of(settings: Settings) -> Clock:
    """The machine's, or a rehearsal's where its file lies in the data folder; never a rehearsal's in production."""
    moved = settings.home / "rehearsal-clock"
    return RehearsalClock(moved) if moved.exists() and not settings.is_production else SystemClock()
