"""What Spotify's list of 50 is beside an archive: a field of dots, one of them alight."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape


def dots(runs: Sequence[tuple[int, str]], across: int, label: str, note: str) -> Markup:
    """`runs` are (how many dots, class); the last dot is lit and named by `note`. Zero-length dashes with round caps, one path a run."""
    total = sum(count for count, _ in runs)
    at, body = 0, ""
    for run, kind in runs:
        path, left = "", run
        while left:
            x, y = at % across, at // across
            width = min(left, across - x)
            path += f"M{x + 0.5} {y + 0.5}h{width - 1 + 0.01}"
            at, left = at + width, left - width
        body += f'<path class="dot {kind}" d="{path}"/>'
    column, row = (total - 1) % across + 0.5, (total - 1) // across + 0.5
    body += f'<circle class="dot-glow" cx="{column}" cy="{row}" r="1.5"/><circle class="dot-lit" cx="{column}" cy="{row}" r=".62"/>'
    aside, anchor = (column - 2.2, "end") if column > across / 2 else (column + 2.2, "start")
    words = f'<text class="dot-text" x="{aside}" y="{row + 0.55}" text-anchor="{anchor}">{escape(note)}</text>'
    box = f'viewBox="0 0 {across} {math.ceil(total / across) + 0.6}"'
    return Markup(f'<svg class="chart dots" {box} role="img" aria-label="{escape(label)}">{body}{words}</svg>')
