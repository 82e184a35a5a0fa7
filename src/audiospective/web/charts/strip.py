"""The strip: a stretch of time in which what is proven is filled and what is missing is hatched."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import figure, hatched, number, text

_TALL = 28
_THIN = 10
#: Even a gap of minutes in ten years is seen.
_LEAST = 0.35


def strip(missing: Sequence[tuple[float, float]], first: str, last: str, label: str) -> Markup:
    """`missing` are parts of the whole in per cent (x, width), in order; `first` and `last` are the ends in words."""
    body = f'<rect class="q3" width="100%" height="{_TALL}" rx="3"/>'
    for x, width in missing:
        wide = max(width, _LEAST)
        place = f'x="{number(min(x, 100 - wide))}%" width="{number(wide)}%" height="{_TALL}"'
        body += f'<svg {place}><rect class="chart-gap" width="100%" height="100%"/>{hatched(100, _TALL)}</svg>'
    body += text(0, _TALL + 20, first) + text(100, _TALL + 20, last, "end")
    return figure(_TALL + 28, body, label, "chart-strip")


def thin(missing: Sequence[tuple[float, float]], label: str) -> Markup:
    """The same beside a range: a line to look at, without words."""
    body = f'<rect class="q3" width="100%" height="{_THIN}" rx="3"/>'
    for x, width in missing:
        wide = max(width, _LEAST * 2)
        place = f'x="{number(min(x, 100 - wide))}%" width="{number(wide)}%" height="{_THIN}"'
        body += f'<svg {place}><rect class="chart-gap" width="100%" height="100%"/>{hatched(100, _THIN)}</svg>'
    return figure(_THIN, body, label, "chart-thin")
