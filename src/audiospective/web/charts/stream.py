"""Streams over time: what there is most of is widest; they lie on each other around a middle."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import below, curve, cut, figure, marks, number, side, text, width_of

_TALL, _LINE = 260, 16
#: A name takes no more of a narrow chart's width than this, in per cent.
_WIDEST = 60


def stream(streams: Sequence[tuple[str, str, Sequence[int]]], labels: Sequence[tuple[int, str]], label: str) -> Markup:
    """`streams` are (class, name, values), the first lies lowest, all of one length; `labels` are (place, words) below."""
    size = len(streams[0][2]) if streams else 0
    if size < 2:
        return figure(_TALL + 28, "", label, "chart-stream")
    totals = [sum(values[place] for _, _, values in streams) for place in range(size)]
    top = max(*totals, 1)
    low = [50 + total / top * 46 for total in totals]
    body, names = "", _Names()
    for kind, name, values in streams:
        high = [floor - value / top * 92 for floor, value in zip(low, values, strict=True)]
        body += f'<path class="stream {kind}" d="{_band(low, high, size)}"/>'
        names.add(name, low, high)
        low = high
    body = marks(100, 100, body, shown_height=str(_TALL)) + names.drawn
    body += below([(at / (size - 1) * 100, words) for at, words in labels], _TALL + 22)
    return figure(_TALL + 28, body, label, "chart-stream")


def _band(low: Sequence[float], high: Sequence[float], size: int) -> str:
    step = 100 / (size - 1)
    there = curve([(place * step, y) for place, y in enumerate(high)])
    back = curve([(place * step, low[place]) for place in range(size - 1, -1, -1)])
    return f"{there}L{back[1:]}z"


class _Names:
    """Each name where its stream is widest, if it is wide enough to hold one; where the chart is narrow, none over another."""

    def __init__(self) -> None:
        self.drawn = ""
        self._taken: list[tuple[float, float, float]] = []

    def add(self, name: str, low: Sequence[float], high: Sequence[float]) -> None:
        """The name of the stream between these edges, in per cent of the height."""
        widest = max(range(len(low)), key=lambda place: low[place] - high[place])
        if not name or (low[widest] - high[widest]) / 100 * _TALL < 20:
            return
        name = cut(name, _WIDEST)
        y, wide = (low[widest] + high[widest]) / 200 * _TALL + 4, width_of(name)
        across, at = side(min(max(widest / (len(low) - 1) * 100, 1), 99), wide)
        left = across - {"start": 0, "middle": wide / 2, "end": wide}[at]
        hit = any(abs(y - line) < _LINE and left < end and begin < left + wide for line, begin, end in self._taken)
        if not hit:
            self._taken.append((y, left, left + wide))
        self.drawn += text(float(number(across)), y, name, at, "chart-text chart-name chart-odd" if hit else "chart-text chart-name")
