"""The board: a mark for each box, by chapter; filled where it holds, ember where it failed, hollow where it waits."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audiospective.web.charts.svg import figure, marks, text

#: Marks in a line, pixels of a line, pixels between chapters.
_WIDE, _LINE, _BETWEEN = 30, 18, 9
#: Where the names of chapters end, in per cent.
_NAMES = 22


def board(chapters: Sequence[tuple[str, Sequence[str]]], label: str) -> Markup:
    """Each chapter's name and the kinds of its boxes: done, bad, odd (couldn't be read), sign (waits for a name), wait."""
    paths: dict[str, str] = {}
    names, top = "", 0
    for name, kinds in chapters:
        names += text(0, top + 13, name)
        for place, kind in enumerate(kinds):
            x, y = place % _WIDE, top + place // _WIDE * _LINE
            paths[kind] = paths.get(kind, "") + f"M{x}.1 {y + 2}h.8v13h-.8z"
        top += (len(kinds) - 1) // _WIDE * _LINE + _LINE + _BETWEEN
    drawn = "".join(f'<path class="bx-{kind}" d="{path}"/>' for kind, path in paths.items())
    body = names + marks(_WIDE, top, drawn, shown_height=str(top), x=f"{_NAMES}%", shown_width=f"{100 - _NAMES}%")
    return figure(top, body, label, "chart-boxes")
