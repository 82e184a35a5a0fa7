"""A week or a month in a few lines: how much, against the one before, what was played most, what was new."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from audiospective.archive import catalog
from audiospective.archive.catalog import ArtistCard, TrackCard
from audiospective.infra.database import Connection
from audiospective.insights import top
from audiospective.insights.comparison import comparison
from audiospective.insights.discovery import discovery
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period, of_days

_SHOWN = 5


class Named(msgspec.Struct, frozen=True):
    """A row of a list; `card` has its cover and where it is shown."""

    name: str
    by: str
    plays: int
    card: TrackCard | ArtistCard


class Digest(msgspec.Struct, frozen=True):
    """What stretches from `first` to `last`, both within; `before` is None where nothing was played in the one before."""

    first: date
    last: date
    plays: int
    listened_ms: int
    tracks: int
    artists: int
    before: int | None
    new_tracks: int
    top_tracks: tuple[Named, ...]
    top_artists: tuple[Named, ...]


def last_week(today: date) -> Period:
    """The week that ended last, Monday to Sunday."""
    sunday = today - timedelta(days=today.weekday() + 1)
    return of_days(sunday - timedelta(days=6), sunday)


def last_month(today: date) -> Period:
    """The month that ended last."""
    last = today.replace(day=1) - timedelta(days=1)
    return Period(f"{last:%Y-%m}", last.replace(day=1), last)


async def digest(conn: Connection, listening: Listening) -> Digest | None:
    """Of the listening's period; None for everything, which has no edges."""
    first, last = listening.period.first_day, listening.period.last_day
    if first is None or last is None:
        return None
    both = comparison(listening)
    tracks, artists = top.tracks(listening, _SHOWN), top.artists(listening, _SHOWN)
    cards = await catalog.tracks(conn, (one.id for one in tracks))
    names = await catalog.artists(conn, (one.id for one in artists))
    return Digest(
        first=first,
        last=last,
        plays=both.now.total_plays,
        listened_ms=both.now.listened_ms,
        tracks=both.now.unique_tracks,
        artists=both.now.unique_artists,
        before=both.before.total_plays if both.before and both.before.total_plays else None,
        new_tracks=discovery(listening).new_tracks,
        top_tracks=tuple(_track(cards[one.id], one.plays) for one in tracks),
        top_artists=tuple(Named(names[one.id].name, "", one.plays, names[one.id]) for one in artists),
    )


def _track(card: TrackCard, plays: int) -> Named:
    return Named(card.name, ", ".join(artist.name for artist in card.artists), plays, card)
