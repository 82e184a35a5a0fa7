"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Time as a test wants it; starts on a Wednesday evening in March."""

    def __init__(self, now: datetime = datetime(2026, 3, 18, 19, 30, tzinfo=UTC)) -> None:
        self._start = now
        self._now = now

    def now(self) -> datetime:
        """The present moment of this clock, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Jump ahead instead of waiting."""
        self.forward(seconds=seconds)

    def forward(self, **by: float) -> datetime:
        """Jump ahead, as in `clock.forward(days=180)`; gives the time then."""
        self._now += timedelta(**by)
        return self._now
