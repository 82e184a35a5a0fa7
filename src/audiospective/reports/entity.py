"""One track, artist or album: how much, since when, which place, with what around it. No formatted text."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from audiospective.archive import catalog
from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import I4
from audiospective.errors import NotFound
from audiospective.infra.database import Connection
from audiospective.insights import activity, recent, top
from audiospective.insights.listening import Listening
from audiospective.insights.neighbours import Neighbour, neighbours
from audiospective.insights.ranks import YearRank, yearly
from audiospective.insights.recent import Recent
from audiospective.insights.stats import Stats, stats
from audiospective.insights.trends import Interval, trends
from audiospective.reports.finding import same_recording

_TRACKS, _RECENT = 10, 8


class EntityKind(StrEnum):
    """What it is."""

    TRACK = "track"
    ARTIST = "artist"
    ALBUM = "album"


class Counted(msgspec.Struct, frozen=True):
    """A track and a number of plays."""

    card: TrackCard
    plays: int


class Entity(msgspec.Struct, frozen=True):
    """Everything about one of them, over the whole archive; `tracks` is empty for a track, `rank` its place of all time."""

    kind: EntityKind
    card: TrackCard | ArtistCard | AlbumCard
    stats: Stats
    rank: int
    of: int
    years: tuple[YearRank, ...]
    months: tuple[tuple[date, int], ...]
    heatmap: tuple[tuple[int, ...], ...]
    tracks: tuple[Counted, ...]
    before: tuple[Counted, ...]
    after: tuple[Counted, ...]
    recent: tuple[tuple[Recent, TrackCard], ...]


async def entity(conn: Connection, everything: Listening, kind: EntityKind, wanted: int) -> Entity:
    """What this person heard of it; raises NotFound for what they never did."""
    ids = _ids(everything, kind)
    mask = same_recording(everything.history, wanted) if kind is EntityKind.TRACK else ids == wanted
    own = everything.only(mask)
    if not len(own) or wanted <= 0:
        raise NotFound(f"You never heard this {kind}, as far as your archive knows.")
    plays = top.plays_of(everything, ids)
    wanted = int(ids[own.track[0]])
    around = neighbours(everything, mask)
    newest = recent.recent(own, _RECENT).plays
    ranked = top.tracks(own, _TRACKS) if kind is not EntityKind.TRACK else ()
    beside = {one.track_id for one in (*around.before, *around.after)}
    cards = await catalog.tracks(conn, beside | {one.track_id for one in newest} | {one.id for one in ranked})
    return Entity(
        kind=kind,
        card=await _card(conn, kind, wanted),
        stats=stats(own),
        rank=1 + sum(count > plays[wanted] for count in plays.values()),
        of=len(plays),
        years=yearly(everything, ids, wanted),
        months=tuple((_day(bucket.start), bucket.plays) for bucket in trends(own, Interval.MONTH)),
        heatmap=tuple(tuple(row) for row in activity.activity(own).heatmap),
        tracks=tuple(Counted(cards[one.id], one.plays) for one in ranked),
        before=_counted(around.before, cards),
        after=_counted(around.after, cards),
        recent=tuple((one, cards[one.track_id]) for one in newest),
    )


def _ids(listening: Listening, kind: EntityKind) -> I4:
    history = listening.history
    return {EntityKind.TRACK: history.track_ids, EntityKind.ARTIST: history.artist_ids, EntityKind.ALBUM: history.album_ids}[kind]


async def _card(conn: Connection, kind: EntityKind, wanted: int) -> TrackCard | ArtistCard | AlbumCard:
    match kind:
        case EntityKind.TRACK:
            return (await catalog.tracks(conn, [wanted]))[wanted]
        case EntityKind.ARTIST:
            return (await catalog.artists(conn, [wanted]))[wanted]
        case EntityKind.ALBUM:
            return (await catalog.albums(conn, [wanted]))[wanted]


def _counted(found: tuple[Neighbour, ...], cards: dict[int, TrackCard]) -> tuple[Counted, ...]:
    return tuple(Counted(cards[one.track_id], one.times) for one in found)


def _day(start: date) -> date:
    return date(start.year, start.month, start.day)
