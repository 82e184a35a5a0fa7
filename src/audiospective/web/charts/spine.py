"""The spine: the whole archive by month in one thin strip, each year a link."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from audiospective.infra.language import say_many
from audiospective.web.charts.svg import marks, number

_TALL = 36
_COLOURS = 7
#: How much of the strip a year's name takes, on a small desk and on a phone; from so many years on a phone names every second.
_NAME, _NAME_ON_A_PHONE, _MANY = 0.04, 0.11, 7


def spine(months: Sequence[tuple[int, int]], shown: tuple[float, float] | None, current: int | None, label: str) -> Markup:
    """`months` are (year, plays) in order; `shown` is the part of the strip that the page is about, in per cent (x, width)."""
    if not months:
        return Markup("")
    top = max(plays for _, plays in months) or 1
    paths: dict[int, str] = {}
    for place, (year, plays) in enumerate(months):
        if not plays:
            continue
        tall, kind = max(1, round(plays / top * _TALL)), (year - months[0][0]) % _COLOURS + 1
        paths[kind] = paths.get(kind, "") + f"M{number(place + 0.1)} {_TALL}v-{tall}h.8v{tall}z"
    drawn = marks(len(months), _TALL, "".join(f'<path class="k{k}" d="{d}"/>' for k, d in paths.items()), shown_height=str(_TALL))
    window = f'<rect class="spine-window" x="{number(shown[0])}%" width="{number(shown[1])}%" y="-4" height="44" rx="3"/>' if shown else ""
    svg = f'<svg width="100%" height="62">{drawn}{window}{_years(months, current)}</svg>'
    return Markup(f'<nav class="spine" aria-label="{escape(label)}"><div class="spine-in">{svg}</div></nav>')


def _years(months: Sequence[tuple[int, int]], current: int | None) -> str:
    out, x = "", 0
    years = sorted({year for year, _ in months})
    counts = [sum(1 for one, _ in months if one == year) for year in years]
    step = 2 if len(years) >= _MANY else 1
    for place, (year, count) in enumerate(zip(years, counts, strict=True)):
        plays = sum(plays for one, plays in months if one == year)
        mark = ' aria-current="true"' if year == current else ""
        room = sum(counts[place : place + step]) / len(months) if year != years[-1] else count / len(months) * 2
        odd = " spine-odd" if year % step or room < _NAME_ON_A_PHONE else ""
        left, wide = number(x / len(months) * 100), number(count / len(months) * 100)
        hit = f'<rect class="spine-hit" x="{left}%" width="{wide}%" y="-6" height="68"/>'
        fits = count / len(months) >= _NAME or year == years[-1]
        name = f'<text class="spine-year{odd}" x="{left}%" dx="3" y="56">{year}</text>' if fits else ""
        told = say_many(plays, "{year}, {n} play", "{year}, {n} plays", year=year)
        out += f'<a href="/dashboard?range={year}" aria-label="{escape(told)}"{mark}>{hit}{name}</a>'
        x += count
    return out
