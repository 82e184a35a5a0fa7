"""Comparisons: one's own, and one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from audiospective.insights.zones import Zone
from audiospective.reports.compare import Pair, Together
from audiospective.web.views.deck import Deck
from audiospective.web.views.words import long_day, number


class PairView(msgspec.Struct, frozen=True):
    """A row of one's own; `other` is "" while nobody has said yes."""

    id: str
    other: str
    since: str


class ComparisonsView(msgspec.Struct, frozen=True):
    """The page where one asks; `base` is where links begin."""

    deck: Deck
    pairs: tuple[PairView, ...]
    base: str


class ComparisonView(msgspec.Struct, frozen=True):
    """One comparison; `state` is asked (by oneself), invited (by another) or agreed."""

    deck: Deck
    id: str
    state: str
    other: str
    url: str
    overlap: str
    shared: tuple[str, ...]
    to_try: tuple[tuple[str, str | None], ...]
    is_silent: bool


def comparisons_view(deck: Deck, pairs: Sequence[Pair], user: int, zone: Zone, base: str) -> ComparisonsView:
    """The page for one person."""
    rows = (PairView(one.id, _other(one, user), long_day(zone.local(one.created_at).date())) for one in pairs)
    return ComparisonsView(deck, tuple(rows), base)


def comparison_view(deck: Deck, pair: Pair, user: int, url: str, seen: Together | None) -> ComparisonView:
    """What one person sees of it."""
    if seen is None:
        state = "asked" if pair.user_id == user else "invited"
        return ComparisonView(deck, pair.id, state, pair.asker if state == "invited" else "", url, "", (), (), is_silent=False)
    return ComparisonView(
        deck,
        pair.id,
        "agreed",
        _other(pair, user),
        url,
        number(seen.overlap if seen.overlap < 1 else round(seen.overlap)),
        seen.shared,
        seen.to_try,
        seen.is_silent,
    )


def _other(pair: Pair, user: int) -> str:
    return pair.other if pair.user_id == user else pair.asker
