"""How much made-up people listen."""

from __future__ import annotations

import math
from datetime import date


def plays_on(day: date) -> int:
    """Fewer at weekends; the same for the same day."""
    swing = math.sin(day.toordinal() * 1.3) + math.sin(day.toordinal() * 0.21)
    return max(0, round(34 + 14 * swing - 9 * (day.weekday() > 4)))


def in_hour(day: int, hour: int) -> int:
    """Most in the evening, next to nothing at night."""
    return max(0, round(24 * math.sin((hour - 5) / 19 * math.pi) + 9 * math.sin(hour * 2.1 + day) - 2)) if hour > 5 else hour % 2
