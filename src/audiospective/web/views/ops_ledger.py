"""The operators' ledger, a page at a time, and whether its chain is whole."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from audiospective.operations.ledger import Line
from audiospective.web.views.ops import BAD, GOOD, StateView
from audiospective.web.views.words import counted


class LineView(msgspec.Struct, frozen=True):
    """A line."""

    seq: int
    when: str
    actor: str
    what: str
    said: str
    hash: str


class LedgerView(msgspec.Struct, frozen=True):
    """The page."""

    sentence: str
    chain: StateView
    title: str
    lines: tuple[LineView, ...]
    newer: str
    older: str


#: What a line says before all else.
_FIRST = ("status", "gate")


def ledger_view(page: Sequence[Line], count: int, broken: int | None, *, size: int) -> LedgerView:
    """`page` newest first, of so many lines; `broken` is the first line that isn't what was written."""
    newest, oldest = (page[0].seq, page[-1].seq) if page else (0, 0)
    return LedgerView(
        sentence=_sentence(count, broken),
        chain=StateView("the chain is whole", "good", GOOD) if broken is None else StateView("the chain is broken", "bad", BAD),
        title=f"Lines {newest:,} to {oldest:,}" if page else "Why so empty?",
        lines=tuple(_line(one) for one in page),
        newer=f"/ops/ledger?before={newest + size + 1}" if newest < count else "",
        older=f"/ops/ledger?before={oldest}" if oldest > 1 else "",
    )


def _sentence(count: int, broken: int | None) -> str:
    if broken is not None:
        return f"Line {broken} isn’t what was written."
    return f"{counted(count, 'line', 'lines')}, and not one was changed." if count else "Nothing is written yet."


def _line(one: Line) -> LineView:
    told = {name: value for name, value in one.told().items() if value not in ("", None, [])}
    said = ", ".join(f"{name}: {_worded(told[name])}" for name in sorted(told, key=lambda name: name not in _FIRST))
    return LineView(one.seq, f"{one.at:%Y-%m-%d %H:%M:%S}", one.actor, f"{one.event} {one.subject}", said[:400], one.hash[:12])


def _worded(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
