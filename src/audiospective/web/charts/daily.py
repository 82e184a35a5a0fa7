"""How much, day by day: a bar a day, weekends paler, a seven-day mean over it, the year before dashed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.infra.language import say
from audiospective.web.charts.svg import below, count, curve, figure, hatched, marks, number, scale, short, side, text, ticks, width_of


def daily(
    plays: Sequence[int],
    before: Sequence[int],
    weekend: frozenset[int],
    labels: Sequence[tuple[int, str]],
    label: str,
    *,
    height: int = 300,
    peak: tuple[int, str] | None = None,
    unknown: int = 0,
) -> Markup:
    """`plays` by day; `before` ends with them and may be shorter or empty; `weekend` and `labels` by place, `peak` a place and its words.

    The first `unknown` days lie before the archive: they are hatched, not drawn as nothing.
    """
    if not plays:
        return figure(height, "", label, "chart-daily")
    floor, top = height - 30, (max(*plays, 1)) * 1.14
    lines = _mean_line(("chart-before",), before, len(plays), top) + _mean_line(
        ("chart-halo", "chart-mean"), plays[unknown:], len(plays), top
    )
    body = hatched(unknown / len(plays) * 100, floor) if unknown else ""
    place = ((peak[0] + 0.5) / len(plays) * 100, floor - plays[peak[0]] / top * floor - 8) if peak else None
    lined, scaled = _grid(floor, top, place)
    body += lined + marks(len(plays), 100, _bars(plays, weekend, top) + lines, shown_height=number(floor)) + scaled
    body += f'<line class="chart-base" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>'
    body += below([((at + 0.5) / len(plays) * 100, words) for at, words in labels], floor + 20)
    if peak and place:
        across, at = side(place[0], width_of(peak[1]))
        body += text(across, place[1], peak[1], at, "chart-text chart-strong")
    return figure(height, body, label, "chart-daily")


def _grid(floor: int, top: float, peak: tuple[float, float] | None) -> tuple[str, str]:
    """Lines, which lie under the bars, and their numbers, which lie over them."""
    values = ticks(top)
    lines, numbers = "", ""
    for value in values:
        y = number(floor - value / top * floor)
        words = say("{count} plays", count=count(value)) if value == values[-1] else count(value)
        lines += f'<line class="chart-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        numbers += scale(floor - value / top * floor - 5, words, peak)
    return lines, numbers


def _bars(plays: Sequence[int], weekend: frozenset[int], top: float) -> str:
    paths = {"chart-day": "", "chart-weekend": "", "chart-today": ""}
    for place, value in enumerate(plays):
        kind = "chart-today" if place == len(plays) - 1 else "chart-weekend" if place in weekend else "chart-day"
        paths[kind] += f"M{number(place + 0.14)} 100v-{short(value / top * 100)}h.72V100z" if value else ""
    return "".join(f'<path class="{kind}" d="{path}"/>' for kind, path in paths.items() if path)


def _mean_line(kinds: Sequence[str], values: Sequence[int], total: int, top: float) -> str:
    """The seven-day mean of the last days of `total`, drawn in each kind, one over the other."""
    if not values:
        return ""
    windows = (values[max(0, place - 3) : place + 4] for place in range(len(values)))
    heights = (max(100 - sum(window) / len(window) / top * 100, -20.0) for window in windows)
    begin = total - len(values) + 0.5
    path = curve([(begin + place, y) for place, y in enumerate(heights)])
    return "".join(f'<path class="{kind}" d="{path}"/>' for kind in kinds)
