"""A year of days: a column a week, a row a weekday; what nobody can prove is hatched, never drawn as nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from audiospective.web.charts.svg import figure, text

_QUANTILES = (0.3, 0.55, 0.78, 0.93)
_ROW, _HEAD = 17, 22
_WEEKS = 54


def cuts_of(plays: Sequence[int]) -> list[int]:
    """Above which numbers of plays a day is a shade darker, so that years beside each other share them."""
    played = sorted(one for one in plays if one) or [1]
    return [0, *(played[min(int(len(played) * part), len(played) - 1)] for part in _QUANTILES)]


def yeardays(
    year: int,
    plays: Sequence[int | None],
    cuts: Sequence[int],
    months: Sequence[str],
    label: str,
    *,
    unproven: frozenset[int] = frozenset(),
) -> Markup:
    """`plays` by day from 1 January, None for a day outside the archive (not drawn); days `unproven` without a play are hatched."""
    lead = date(year, 1, 1).weekday()
    paths: dict[str, str] = {}
    for place, count in enumerate(plays):
        if count is None:
            continue
        week, row = divmod(place + lead, 7)
        if not count and place in unproven:
            paths["chart-hatch"] = paths.get("chart-hatch", "") + f"M{week} {row + 0.88}l.88-.88M{week} {row + 0.44}l.44-.44"
        else:
            kind = f"q{sum(count > cut for cut in cuts)}"
            paths[kind] = paths.get(kind, "") + f"M{week} {row}h.88v.88h-.88z"
    box = f'y="{_HEAD}" width="100%" height="{7 * _ROW}" viewBox="0 0 {_WEEKS} 7" preserveAspectRatio="none"'
    body = f'<svg class="chart-marks" {box}>' + "".join(f'<path class="{kind}" d="{d}"/>' for kind, d in sorted(paths.items())) + "</svg>"
    for month, name in enumerate(months, start=1):
        week = ((date(year, month, 1) - date(year, 1, 1)).days + lead) // 7
        body += text(week / _WEEKS * 100, 14, name, kind="chart-text" if month % 2 else "chart-text chart-odd")
    return figure(_HEAD + 7 * _ROW, body, label, "chart-yeardays")
