"""Lists of tracks, artists and albums, with covers or drawn sleeves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import msgspec
from markupsafe import Markup

from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.infra.language import mark, say
from audiospective.insights.top import By
from audiospective.insights.zones import Zone
from audiospective.reports.dashboard import RankedAlbum, RankedArtist, RankedTrack
from audiospective.web.charts.bars import bar
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views.words import Delta, clock, hours_and_minutes, minutes, number, signed

_Ranked: TypeAlias = RankedTrack | RankedArtist | RankedAlbum

_UNITS = {By.PLAYS: mark("plays"), By.TIME: ""}


class Art(msgspec.Struct, frozen=True):
    """A cover's address, or a drawn sleeve where none is held."""

    url: str | None
    drawn: Markup


class ListItem(msgspec.Struct, frozen=True):
    """A row of a top list; `link` leads to Spotify where it is known there, `href` to its own page here."""

    name: str
    by: str
    art: Art
    plays: str | Markup
    """Or the time heard, in lists that go by time."""
    delta: Delta | None
    """None where there is no period before."""
    bar: Markup
    link: str | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class TopList:
    """One of the three lists."""

    id: str
    title: str
    items: tuple[ListItem, ...]
    is_round: bool = False
    """Artists have round pictures."""
    is_plain: bool = False
    """What it lists has no picture at all."""
    unit: str | None = None
    """What follows the number for who hears the page; "" where the number says it, None for plays."""


class RecentView(msgspec.Struct, frozen=True):
    """A play that was heard last."""

    time: str
    stamp: str
    name: str
    by: str
    art: Art
    link: str | None
    href: str


def top_tracks(ranked: Sequence[RankedTrack], *, compared: bool, way: By = By.PLAYS) -> TopList:
    """Most played tracks."""
    items = tuple(
        _item(
            one.card.name,
            by(one.card),
            track_art(one.card),
            one,
            (ranked[0], compared, way),
            link=spotify("track", one.card.spotify_id),
            href=f"/track/{one.card.id}",
        )
        for one in ranked
    )
    return TopList("tracks", say("Top tracks"), items, unit=say(_UNITS[way]))


def top_artists(ranked: Sequence[RankedArtist], *, compared: bool, way: By = By.PLAYS) -> TopList:
    """Most played artists."""
    items = tuple(
        _item(
            one.card.name,
            "",
            artist_art(one.card),
            one,
            (ranked[0], compared, way),
            link=spotify("artist", one.card.spotify_id),
            href=f"/artist/{one.card.id}",
        )
        for one in ranked
    )
    return TopList("artists", say("Top artists"), items, is_round=True, unit=say(_UNITS[way]))


def top_albums(ranked: Sequence[RankedAlbum], *, compared: bool, way: By = By.PLAYS) -> TopList:
    """Most played albums."""
    items = tuple(
        _item(
            one.card.name,
            one.card.artist.name,
            album_art(one.card),
            one,
            (ranked[0], compared, way),
            link=spotify("album", one.card.spotify_id),
            href=f"/album/{one.card.id}",
        )
        for one in ranked
    )
    return TopList("albums", say("Top albums"), items, unit=say(_UNITS[way]))


def _item(name: str, whose: str, art: Art, one: _Ranked, beside: tuple[_Ranked, bool, By], *, link: str | None, href: str) -> ListItem:
    """`beside` is the first in the list, whether there is a period to compare with, and what the list goes by."""
    first, compared, by = beside
    much, most = (one.plays, first.plays) if by is By.PLAYS else (one.listened_ms, first.listened_ms)
    said = number(much) if by is By.PLAYS else hours_and_minutes(much)
    return ListItem(name, whose, art, said, _delta(one.change, by) if compared else None, bar(much / max(most, 1) * 100), link, href)


def _delta(change: int | None, by: By) -> Delta:
    return signed(change) if by is By.PLAYS or change is None else signed(round(change / 60_000), minutes)


def recent_view(at: datetime, card: TrackCard, zone: Zone, now: datetime) -> RecentView:
    """A play that was heard last, on the clock of its listener."""
    shown = clock(zone.local(at), zone.today(now))
    return RecentView(shown, at.isoformat(), card.name, by(card), track_art(card), spotify("track", card.spotify_id), f"/track/{card.id}")


def by(card: TrackCard) -> str:
    """Everyone who made it."""
    return ", ".join(artist.name for artist in card.artists)


def track_art(card: TrackCard) -> Art:
    """Its album's cover."""
    return album_art(card.album) if card.album else Art(None, sleeve(card.id))


def album_art(card: AlbumCard) -> Art:
    """Its cover."""
    return Art(f"/cover/album/{card.id}" if card.image_url else None, sleeve(card.id))


def artist_art(card: ArtistCard) -> Art:
    """Their picture."""
    return Art(f"/cover/artist/{card.id}" if card.image_url else None, sleeve(card.id + 7))


def spotify(kind: str, spotify_id: str | None) -> str | None:
    """Where Spotify shows it."""
    return f"https://open.spotify.com/{kind}/{spotify_id}" if spotify_id else None
