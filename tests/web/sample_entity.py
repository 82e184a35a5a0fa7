"""One track, artist or album as its page shows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import Source
from audiospective.insights.ranks import YearRank
from audiospective.insights.recent import Recent
from audiospective.insights.stats import Stats
from audiospective.reports.entity import Counted, Entity, EntityKind


def an_entity(kind: EntityKind, card: TrackCard | ArtistCard | AlbumCard, counted: tuple[Counted, ...], now: datetime) -> Entity:
    """Twelve years of it; `counted` are tracks around it."""
    return Entity(
        kind=kind,
        card=card,
        stats=Stats(274, 12, 1, 3, 44_460_000, now - timedelta(days=3000), now),
        rank=3,
        of=6564,
        years=tuple(YearRank(year, 20 * (year % 4), 1 + year % 7 if year % 4 else None) for year in range(2015, 2027)),
        months=tuple((date(2015 + place // 12, place % 12 + 1, 1), (place * 7) % 31) for place in range(140)),
        heatmap=tuple(tuple((day * 3 + hour) % 11 for hour in range(24)) for day in range(7)),
        tracks=counted if kind is EntityKind.ARTIST else (),
        before=counted[:3],
        after=(),
        recent=tuple((Recent("1", now, one.card.id, None, Source.API), one.card) for one in counted),
    )
