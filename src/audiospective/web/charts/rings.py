"""The shape of an archive: one ring a year, January at twelve o'clock, swelling with the plays of each week. The oldest is innermost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import msgspec
from markupsafe import Markup, escape

from audiospective.web.charts.svg import relative, short

_WEEKS = 52
_QUARTER = math.pi / 2


class Ring(msgspec.Struct, frozen=True):
    """A year: plays by week, 52 of them or as many as have begun, and the class that colours it."""

    weeks: tuple[int, ...]
    kind: str


class _Geometry(msgspec.Struct, frozen=True):
    centre: float
    inner: float
    pitch: float
    rise: float
    top: int

    def outer(self, rings: int) -> float:
        return self.inner + self.pitch * (rings + self.rise - 1)


def rings(
    years: Sequence[Ring],
    label: str,
    *,
    size: int = 480,
    months: Sequence[str] = (),
    inner: float = 44,
    needle: float | None = None,
    rise: float = 1.7,
) -> Markup:
    """Ridges rise outwards over the next ring; `needle` is today as a part of the year; `months` are twelve names around it."""
    return _drawn(tuple(years), label, size, tuple(months), (inner, needle, rise))


@lru_cache(maxsize=256)
def _drawn(years: tuple[Ring, ...], label: str, size: int, months: tuple[str, ...], shaped: tuple[float, float | None, float]) -> Markup:
    """Kept, since it is the same for every range of an archive, and the dearest part of its page."""
    inner, needle, rise = shaped
    centre = size / 2
    top = max((max(ring.weeks) for ring in years if ring.weeks), default=0)
    pitch = (centre - (22 if months else 4) - inner) / (max(len(years), 1) + rise - 1)
    shape = _Geometry(centre, inner, pitch, rise, max(top, 1))
    drawn = [_ring(shape, place, ring) for place, ring in enumerate(years) if ring.weeks]
    body = (
        "".join(reversed(drawn)) + (_needle(shape, needle, len(years)) if needle is not None else "") + _months(shape, months, len(years))
    )
    return Markup(f'<svg class="chart rings" viewBox="0 0 {size} {size}" role="img" aria-label="{escape(label)}">{body}</svg>')


def _ring(shape: _Geometry, place: int, ring: Ring) -> str:
    base, whole = shape.inner + place * shape.pitch, len(ring.weeks) == _WEEKS
    points = [_point(shape, base, plays, week) for week, plays in enumerate(_smoothed(ring.weeks, whole))]
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    at = middles[-1] if whole else points[0]
    path = f"M{short(at[0])} {short(at[1])}"
    for point, middle in zip(points, middles if whole else middles[:-1], strict=False):
        path += relative("q", at, point, middle)
        at = middle
    path += _whole_floor(shape, base) if whole else _part_floor(shape, base, len(ring.weeks))
    return f'<path class="ring {escape(ring.kind)}" fill-rule="evenodd" d="{path}"/>'


def _smoothed(weeks: Sequence[int], whole: bool) -> list[float]:
    """Each week with a quarter of each neighbour; the year's ends meet where it is over."""
    last = len(weeks) - 1
    out = []
    for place, plays in enumerate(weeks):
        before = weeks[place - 1] if place or whole else plays
        after = weeks[(place + 1) % len(weeks)] if whole or place < last else plays
        out.append(before * 0.25 + plays * 0.5 + after * 0.25)
    return out


def _point(shape: _Geometry, base: float, plays: float, week: int) -> tuple[float, float]:
    radius = base + max(1.2, plays / shape.top * shape.pitch * shape.rise)
    angle = (week + 0.5) / _WEEKS * 2 * math.pi - _QUARTER
    return shape.centre + radius * math.cos(angle), shape.centre + radius * math.sin(angle)


def _whole_floor(shape: _Geometry, base: float) -> str:
    c, r = shape.centre, short(base)
    return f"z M{short(c + base)} {short(c)}A{r} {r} 0 1 0 {short(c - base)} {short(c)}A{r} {r} 0 1 0 {short(c + base)} {short(c)}z"


def _part_floor(shape: _Geometry, base: float, weeks: int) -> str:
    end, c = (weeks - 0.5) / _WEEKS * 2 * math.pi - _QUARTER, shape.centre
    start = 0.5 / _WEEKS * 2 * math.pi - _QUARTER
    edge = f"L{short(c + base * math.cos(end))} {short(c + base * math.sin(end))}"
    r = short(base)
    return f"{edge}A{r} {r} 0 {int(weeks > _WEEKS / 2)} 0 {short(c + base * math.cos(start))} {short(c + base * math.sin(start))}z"


def _needle(shape: _Geometry, part: float, count: int) -> str:
    angle, c = part * 2 * math.pi - _QUARTER, shape.centre
    near, far = shape.inner - 12, shape.outer(count)
    ends = [short(c + r * f) for r in (near, far) for f in (math.cos(angle), math.sin(angle))]
    return f'<line class="ring-needle" x1="{ends[0]}" y1="{ends[1]}" x2="{ends[2]}" y2="{ends[3]}"/>'


def _months(shape: _Geometry, months: Sequence[str], count: int) -> str:
    radius, c, out = shape.outer(count) + 12, shape.centre, ""
    for place, name in enumerate(months):
        angle = (place + 0.5) / 12 * 2 * math.pi - _QUARTER
        x, y = short(c + radius * math.cos(angle)), short(c + radius * math.sin(angle) + 4)
        out += f'<text class="chart-text" x="{x}" y="{y}" text-anchor="middle">{escape(name)}</text>'
    return out
