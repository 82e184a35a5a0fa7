"""Lists of tracks, artists and albums, with covers or drawn sleeves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.insights.zones import Zone
from audiospective.reports.dashboard import RankedAlbum, RankedArtist, RankedTrack
from audiospective.web.charts.bars import bar
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.words import Delta, clock, number, signed


@dataclass(frozen=True, slots=True)
class Art:
    """A cover's address, or a drawn sleeve where none is held."""

    url: str | None
    drawn: Markup


@dataclass(frozen=True, slots=True)
class ListItem:
    """A row of a top list; `link` leads to Spotify where it is known there."""

    name: str
    by: str
    art: Art
    plays: str
    delta: Delta | None
    """None where there is no period before."""
    bar: Markup
    link: str | None


@dataclass(frozen=True, slots=True)
class TopList:
    """One of the three lists."""

    id: str
    title: str
    items: tuple[ListItem, ...]
    is_round: bool = False
    """Artists have round pictures."""


@dataclass(frozen=True, slots=True)
class RecentView:
    """A play that was heard last."""

    time: str
    stamp: str
    name: str
    by: str
    art: Art
    link: str | None


def top_tracks(ranked: Sequence[RankedTrack], *, compared: bool) -> TopList:
    """Most played tracks."""
    items = tuple(
        _item(
            one.card.name, _by(one.card), _track_art(one.card), one, (ranked[0].plays, compared), link=spotify("track", one.card.spotify_id)
        )
        for one in ranked
    )
    return TopList("tracks", "Top tracks", items)


def top_artists(ranked: Sequence[RankedArtist], *, compared: bool) -> TopList:
    """Most played artists."""
    items = tuple(
        _item(one.card.name, "", _artist_art(one.card), one, (ranked[0].plays, compared), link=spotify("artist", one.card.spotify_id))
        for one in ranked
    )
    return TopList("artists", "Top artists", items, is_round=True)


def top_albums(ranked: Sequence[RankedAlbum], *, compared: bool) -> TopList:
    """Most played albums."""
    items = tuple(
        _item(
            one.card.name,
            one.card.artist.name,
            _album_art(one.card),
            one,
            (ranked[0].plays, compared),
            link=spotify("album", one.card.spotify_id),
        )
        for one in ranked
    )
    return TopList("albums", "Top albums", items)


def _item(
    name: str, by: str, art: Art, one: RankedTrack | RankedArtist | RankedAlbum, beside: tuple[int, bool], *, link: str | None
) -> ListItem:
    """`beside` is the plays of the first in the list, and whether there is a period to compare with."""
    most, compared = beside
    return ListItem(name, by, art, number(one.plays), signed(one.change) if compared else None, bar(one.plays / most * 100), link)


def recent_view(at: datetime, card: TrackCard, zone: Zone, now: datetime) -> RecentView:
    """A play that was heard last, on the clock of its listener."""
    shown = clock(zone.local(at), zone.today(now))
    return RecentView(shown, at.isoformat(), card.name, _by(card), _track_art(card), spotify("track", card.spotify_id))


def _by(card: TrackCard) -> str:
    return ", ".join(artist.name for artist in card.artists)


def _track_art(card: TrackCard) -> Art:
    return _album_art(card.album) if card.album else Art(None, sleeve(card.id))


def _album_art(card: AlbumCard) -> Art:
    return Art(f"/cover/album/{card.id}" if card.image_url else None, sleeve(card.id))


def _artist_art(card: ArtistCard) -> Art:
    return Art(f"/cover/artist/{card.id}" if card.image_url else None, sleeve(card.id + 7))


def spotify(kind: str, spotify_id: str | None) -> str | None:
    """Where Spotify shows it."""
    return f"https://open.spotify.com/{kind}/{spotify_id}" if spotify_id else None
