"""How much, day by day: a bar a day, weekends paler, a seven-day mean over it, the year before dashed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import count, curve, figure, marks, number, short, text, ticks


def daily(
    plays: Sequence[int],
    before: Sequence[int],
    weekend: frozenset[int],
    labels: Sequence[tuple[int, str]],
    label: str,
    *,
    height: int = 300,
    peak: tuple[int, str] | None = None,
) -> Markup:
    """`plays` and `before` per day (`before` may be empty), `weekend` and `labels` by place, `peak` a place and its words."""
    if not plays:
        return figure(height, "", label, "chart-daily")
    floor, top = height - 30, (max(*plays, 1)) * 1.14
    body = _grid(floor, top) + marks(len(plays), 100, _bars(plays, weekend, top) + _means(plays, before, top), shown_height=number(floor))
    body += f'<line class="chart-base" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>'
    body += "".join(text((at + 0.5) / len(plays) * 100, floor + 20, words, _anchor(at, len(plays))) for at, words in labels)
    if peak:
        across = (peak[0] + 0.5) / len(plays) * 100
        anchor = "end" if across > 85 else "start" if across < 12 else "middle"
        body += text(across, floor - plays[peak[0]] / top * floor - 8, peak[1], anchor, "chart-text chart-strong")
    return figure(height, body, label, "chart-daily")


def _grid(floor: int, top: float) -> str:
    values = ticks(top)
    out = ""
    for value in values:
        y = number(floor - value / top * floor)
        words = f"{count(value)} plays" if value == values[-1] else count(value)
        out += f'<line class="chart-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>' + text(0, floor - value / top * floor - 5, words)
    return out


def _bars(plays: Sequence[int], weekend: frozenset[int], top: float) -> str:
    paths = {"chart-day": "", "chart-weekend": "", "chart-today": ""}
    for place, value in enumerate(plays):
        kind = "chart-today" if place == len(plays) - 1 else "chart-weekend" if place in weekend else "chart-day"
        paths[kind] += f"M{number(place + 0.14)} 100v-{short(value / top * 100)}h.72V100z" if value else ""
    return "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items() if path)


def _means(plays: Sequence[int], before: Sequence[int], top: float) -> str:
    line = curve(_mean(plays, top))
    earlier = f'<path class="chart-before" d="{curve(_mean(before, top))}"/>' if before else ""
    return f'{earlier}<path class="chart-halo" d="{line}"/><path class="chart-mean" d="{line}"/>'


def _mean(values: Sequence[int], top: float) -> list[tuple[float, float]]:
    windows = (values[max(0, place - 3) : place + 4] for place in range(len(values)))
    return [(place + 0.5, max(100 - sum(window) / len(window) / top * 100, -20.0)) for place, window in enumerate(windows)]


def _anchor(place: int, total: int) -> str:
    return "start" if place < 3 else "end" if place > total - 4 else "middle"
