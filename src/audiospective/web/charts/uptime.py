"""Ninety days of a service, a bar each: well, partly, badly, or not looked at."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import figure, number

_TALL = 34
_WELL, _PARTLY = 0.999, 0.95


def uptime(shares: Sequence[float | None], label: str) -> Markup:
    """`shares` of each day's looks that found it well, 0 to 1, oldest first; None: nobody looked."""
    width = 100 / max(len(shares), 1)
    bars = "".join(
        f'<rect class="{_kind(share)}" x="{number(place * width)}%" width="{number(width * 0.72)}%" height="{_TALL}" rx="1.5"/>'
        for place, share in enumerate(shares)
    )
    return figure(_TALL, bars, label, "chart-uptime")


def _kind(share: float | None) -> str:
    if share is None:
        return "up-unknown"
    return "up-well" if share >= _WELL else "up-partly" if share >= _PARTLY else "up-badly"
