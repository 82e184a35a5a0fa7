"""SVG as text. No inline style and no script: colour comes from classes, so that themes and the strict CSP just work.

Three rules make every chart responsive without JavaScript:

1. the outer `<svg>` has no viewBox: its text and hairlines are placed in % across and px down, so type never stretches;
2. marks live in a nested `<svg viewBox preserveAspectRatio="none">` and stretch, with strokes that don't;
3. equal marks are one `<path>` per colour class (a week's heatmap is six paths, 4 KB).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from audiospective.infra.language import number as number_in_words

#: Strokes of the hatch are so many pixels apart, on so many pixels at most; what is too much is cut off.
_HATCH, _WIDEST = 12, 1_800


#: Pixels of a chart on a phone, of a letter, of one of a script whose letters are squares, and between two words; of a line of text.
_NARROW, _LETTER, _WIDE_LETTER, _GAP, _LINE = 270, 6.6, 12.0, 3.0, 16
_LAST_SLIM = 0x2E7F
#: What says something of the letter beside it, and nothing alone.
_JOINING = " \u200d\ufe0f"


def number(value: float) -> str:
    """Two decimals at most, no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def short(value: float) -> str:
    """One decimal at most, no zero before the point: half the bytes of a path."""
    return _tenths(round(value * 10))


@lru_cache(maxsize=20_000)
def _tenths(count: int) -> str:
    """Kept, since a page has a thousand and most are small."""
    whole, rest = divmod(abs(count), 10)
    sign = "-" if count < 0 else ""
    return f"{sign}{whole or ''}.{rest}" if rest else f"{sign}{whole}"


def marks(
    width: float, height: float, body: str, *, y: float = 0, shown_height: str = "100%", x: str = "0", shown_width: str = "100%"
) -> str:
    """Marks in units of their own that stretch to the chart's width."""
    place = f'x="{x}" y="{number(y)}" width="{shown_width}" height="{shown_height}"'
    box = f'viewBox="0 0 {number(width)} {number(height)}" preserveAspectRatio="none" overflow="visible"'
    return f'<svg class="chart-marks" {place} {box}>{body}</svg>'


def text(x_percent: float, y: float, words: str, anchor: str = "start", kind: str = "chart-text") -> str:
    """A label; `words` are escaped here."""
    return f'<text class="{kind}" x="{number(x_percent)}%" y="{number(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def side(across: float, wide: float) -> tuple[float, str]:
    """Where words that should stand at this per cent of the width, and take so many, are anchored so that they stay inside."""
    if not 12 <= across <= 85:
        return across, "start" if across < 12 else "end"
    if not wide / 2 < across < 100 - wide / 2:
        return (1, "start") if across < 50 else (99, "end")
    return across, "middle"


def below(labels: Sequence[tuple[float, str]], y: float) -> str:
    """Words under a chart, each at its per cent of the width; where the chart is narrow every second, third … alone is left."""
    spans = [_span(across, words) for across, words in labels]
    every = next((step for step in range(1, len(spans)) if _apart(spans[::step])), max(len(spans), 1))
    out = ""
    for place, (across, words) in enumerate(labels):
        half = width_of(words) / 2
        x, anchor = (0.0, "start") if across < half else (100.0, "end") if across > 100 - half else (across, "middle")
        out += text(x, y, words, anchor, "chart-text" if place % every == 0 else "chart-text chart-odd")
    return out


def _span(across: float, words: str) -> tuple[float, float]:
    wide = width_of(words)
    left = min(max(across - wide / 2, 0), 100 - wide)
    return left, left + wide


def _apart(spans: Sequence[tuple[float, float]]) -> bool:
    return all(after[0] - before[1] > _GAP for before, after in itertools.pairwise(spans))


def width_of(words: str) -> float:
    """How much of a narrow chart's width some words take, in per cent, more or less."""
    return sum(_WIDE_LETTER if ord(letter) > _LAST_SLIM else _LETTER for letter in words) / _NARROW * 100


def cut(words: str, wide: float) -> str:
    """What of the words takes no more than so many per cent of a narrow chart's width."""
    if width_of(words) <= wide:
        return words
    while words and width_of(f"{words}…") > wide:
        words = words[:-1]
    return f"{words.rstrip(_JOINING)}…"


def scale(y: float, words: str, peak: tuple[float, float] | None, *, is_left_full: bool = False) -> str:
    """A grid line's number above its left end; above its right one where a peak (per cent across, pixels down) is in the way."""
    is_beside = peak is not None and peak[0] < 50 and abs(peak[1] - y) < _LINE
    is_in_the_way = is_left_full or is_beside or (peak is not None and peak[0] < width_of(words) and peak[1] < y)
    return text(*((100, y, words, "end") if is_in_the_way else (0, y, words, "start")), "chart-text chart-scale")


def figure(height: int, body: str, label: str, kind: str = "") -> Markup:
    """The whole chart; `label` says in one sentence what it shows."""
    return Markup(f'<svg class="chart {kind}" width="100%" height="{height}" role="img" aria-label="{escape(label)}">{body}</svg>')


def hatched(width_percent: float, height: int) -> str:
    """A stretch from the left of which nothing is known: ember strokes, never bars of height 0."""
    strokes = f"M{_HATCH - height} {height}" + f"l{height}-{height}m{_HATCH - height} {height}" * (_WIDEST // _HATCH)
    place = f'width="{number(width_percent)}%" height="{height}"'
    return f'<svg class="chart-unknown" {place}><path class="chart-hatch" d="{strokes}"/></svg>'


def ticks(top: float) -> list[float]:
    """Few round values above 0, up to `top`."""
    if top < 1:
        return []
    step = 10 ** math.floor(math.log10(top))
    for factor in (0.2, 0.25, 0.5, 1, 2, 2.5, 5):
        if top / (step * factor) <= 4:
            return [t for t in (round(step * factor * n, 3) for n in range(1, int(top / (step * factor)) + 1)) if top < 4 or t == int(t)]
    return [round(top)]


def count(value: float) -> str:
    """A tick's number: thousands apart, no needless decimals."""
    return number_in_words(round(value, 3))


def curve(points: Sequence[tuple[float, float]]) -> str:
    """A monotone cubic through the points, which never overshoots the data (Fritsch and Carlson, 1980)."""
    if len(points) < 2:
        return f"M{short(points[0][0])} {short(points[0][1])}" if points else ""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(points)]
    inner = [0.0 if p * q <= 0 else 2 * p * q / (p + q) for p, q in itertools.pairwise(slopes)]
    tangents = [slopes[0], *inner, slopes[-1]]
    at = points[0]
    path = [f"M{short(at[0])} {short(at[1])}"]
    for ((x0, y0), (x1, y1)), (leaves, arrives) in zip(itertools.pairwise(points), itertools.pairwise(tangents), strict=True):
        third = (x1 - x0) / 3
        path.append(relative("c", at, (x0 + third, y0 + leaves * third), (x1 - third, y1 - arrives * third), (x1, y1)))
        at = (x1, y1)
    return "".join(path)


def relative(command: str, origin: tuple[float, float], *points: tuple[float, float]) -> str:
    """One relative path command. Whole tenths are set against each other, so that what is cut off doesn't add up along a path."""
    ox, oy = round(origin[0] * 10), round(origin[1] * 10)
    written = " ".join([f"{_tenths(round(x * 10) - ox)} {_tenths(round(y * 10) - oy)}" for x, y in points])
    return command + written.replace(" -", "-")
