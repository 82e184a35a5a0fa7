"""The picture beside a shared link: 1200 × 630, numbers and a pattern of hours, no name and no title (those are in the page's own tags)."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from audiospective.infra.language import ENGLISH, speaking
from audiospective.reports.share import Report
from audiospective.web.assets import STATIC
from audiospective.web.views.words import number, span

_SIZE = (1200, 630)
_DECK, _INK, _SOFT, _EMBER = "#06272d", "#eaf4f2", "#9fc0c1", "#ff7a4f"
#: From nothing heard to most; the dark ramp of static/css/tokens.css.
_RAMP = ("#0f343b", "#1b444a", "#226971", "#37939a", "#70c9cb", "#cff3ec")
_QUANTILES = (0.4, 0.62, 0.8, 0.93)
_LEFT, _TOP, _CELL = 64, 376, 44


def card(report: Report) -> bytes:
    """A PNG of some 20 kB, in English: whoever fetches it for a messenger says nothing of who will look at it."""
    with speaking(ENGLISH):
        return _card(report)


def _card(report: Report) -> bytes:
    image = Image.new("RGB", _SIZE, _DECK)
    draw = ImageDraw.Draw(image)
    _mark(draw, 96, 92)
    draw.text((150, 64), "Audiospective", font=_font(44, 700, 112), fill=_INK)
    if report.first_day and report.last_day:
        draw.text((1136, 76), span(report.first_day, report.last_day), font=_font(30, 500, 100), fill=_SOFT, anchor="ra")
    _numbers(draw, report)
    if report.heatmap:
        _hours(draw, [*report.heatmap[1:], report.heatmap[0]])
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _numbers(draw: ImageDraw.ImageDraw, report: Report) -> None:
    if report.numbers is None:
        draw.text((_LEFT, 180), "What was played", font=_font(104, 800, 125), fill=_INK)
        return
    numbers = report.numbers
    draw.text((_LEFT, 146), f"{number(numbers.plays)} plays", font=_font(124, 800, 125), fill=_INK)
    hours = round(numbers.listened_ms / 3_600_000)
    said = f"{number(hours)} hours  ·  {number(numbers.tracks)} tracks  ·  {number(numbers.artists)} artists"
    draw.text((_LEFT, 296), said, font=_font(40, 500, 108), fill=_SOFT)


def _hours(draw: ImageDraw.ImageDraw, grid: list[list[int]]) -> None:
    played = sorted(plays for row in grid for plays in row if plays) or [1]
    cuts = [0, *(played[min(int(len(played) * q), len(played) - 1)] for q in _QUANTILES)]
    most = max(max(row) for row in grid)
    height = (_SIZE[1] - _TOP - 44) // 7
    for day, row in enumerate(grid):
        for hour, plays in enumerate(row):
            left, top = _LEFT + hour * (_CELL + 0.66), _TOP + day * height
            colour = _EMBER if plays == most and most else _RAMP[sum(plays > cut for cut in cuts)]
            draw.rounded_rectangle((left, top, left + _CELL - 4, top + height - 4), 3, fill=colour)


def _mark(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Two grooves and a needle, as in the icon."""
    for radius in (16, 30):
        draw.arc((x - radius, y - radius, x + radius, y + radius), -60, 270, fill=_INK, width=6)
    draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_INK)
    draw.line((x, y - 34, x, y - 10), fill=_EMBER, width=6)


@cache
def _font(size: int, weight: int, width: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(STATIC / "fonts" / "archivo-var.woff2", size)
    font.set_variation_by_axes([weight, width])
    return font
