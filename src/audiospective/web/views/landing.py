"""The front page's pictures: ten made-up years, the same for everybody."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

import msgspec
from markupsafe import Markup

from audiospective.infra.language import say, spoken
from audiospective.operations.notices import Board, Place
from audiospective.web.charts.dots import dots
from audiospective.web.charts.rings import Ring, rings
from audiospective.web.views.words import months, number

_YEARS = 10


class LandingView(msgspec.Struct, frozen=True):
    """`next` is where to go after signing in; `session_ended` says so."""

    next: str
    session_ended: bool
    rings: Markup
    dots: Markup
    notice: str = ""
    """What operators tell everybody, with the stamp by which a program knows it."""
    stamp: str = ""
    incident: str = ""


def landing_view(next_path: str, session_ended: bool, today: date, board: Board | None = None) -> LandingView:
    """The front page on this day, with what is told to everybody."""
    notice = board.notices.get(Place.LANDING.value) if board else None
    said, stamp = (notice.said, f"{notice.published_at:%Y-%m-%dT%H:%M:%SZ}") if notice else ("", "")
    return LandingView(next_path, session_ended, *_pictures(today, spoken().tag), said, stamp, board.incident if board else "")


@lru_cache(maxsize=16)
def _pictures(today: date, _tongue: str) -> tuple[Markup, Markup]:
    begun = min(52, today.timetuple().tm_yday // 7 + 1)
    years = [Ring(_weeks(year, 52), f"y{1 + round(year / _YEARS * 9)}") for year in range(_YEARS)]
    years.append(Ring(_weeks(_YEARS, begun), "ring-now"))
    drawn = rings(
        years,
        say("Ten years of listening as rings, one a year"),
        size=640,
        months=months(),
        inner=64,
        needle=today.timetuple().tm_yday / 366,
        rise=2,
    )
    runs = [(round(sum(ring.weeks) / 50), f"k{place % 7 + 1}") for place, ring in enumerate(years)]
    total = sum(count for count, _ in runs)
    return drawn, dots(runs, 70, say("{count} dots, one of them lit", count=number(total)), say("Spotify’s 50"))


def _weeks(year: int, count: int) -> tuple[int, ...]:
    """A year that swells and ebbs: winters, summers, and a mood of its own."""
    level = (34, 39, 58, 66, 74, 70, 52, 61, 83, 90, 96)[year]

    def plays(week: int) -> int:
        season = 1 + 0.28 * math.cos((week - 3) / 52 * 2 * math.pi)
        mood = 0.8 + 0.3 * math.sin(week / (5 + year) + year * 2.1) + 0.12 * math.sin(week * 1.7 + year)
        return max(3, round(level * 2.4 * season * mood))

    return tuple(plays(week) for week in range(count))
