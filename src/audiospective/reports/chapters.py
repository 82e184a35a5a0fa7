"""What years were, with names put to ids: eras, seasons, cohorts, decades, places, movement … as page, API and command line serve it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import I4
from audiospective.infra.database import Connection
from audiospective.insights import cohorts as cohorts_of
from audiospective.insights import days as days_of
from audiospective.insights import decades as decades_of
from audiospective.insights import diversity as diversity_of
from audiospective.insights import eras as eras_of
from audiospective.insights import firsts as firsts_of
from audiospective.insights import genres as genres_of
from audiospective.insights import movement as movement_of
from audiospective.insights import places as places_of
from audiospective.insights import seasons as seasons_of
from audiospective.insights import skips as skips_of
from audiospective.insights import spoken as spoken_of
from audiospective.insights import streaks as streaks_of
from audiospective.insights import taste as taste_of
from audiospective.insights.listening import Listening
from audiospective.insights.top import By
from audiospective.reports.answers import StreakAnswer
from audiospective.reports.chapter_answers import (
    ArtistSkipsAnswer,
    CalendarAnswer,
    CohortAnswer,
    CohortsAnswer,
    DecadeAnswer,
    DecadesAnswer,
    EraAnswer,
    ErasAnswer,
    FavouritesAnswer,
    FirstAnswer,
    FirstsAnswer,
    MovedAnswer,
    MovementAnswer,
    Named,
    Of,
    PlaceAnswer,
    PlacesAnswer,
    Played,
    RunsAnswer,
    SeasonAnswer,
    SeasonsAnswer,
    SkipsByArtistAnswer,
    SpokenAnswer,
    SpokenPlay,
    StreamAnswer,
    TasteAnswer,
    YearOfDaysAnswer,
)
from audiospective.reports.told import evidence


async def eras(conn: Connection, listening: Listening) -> ErasAnswer:
    """Chapters of a range."""
    found = eras_of.eras(listening)
    names = await _named(conn, Of.ARTISTS, {artist for one in found for artist, _ in one.artists})
    told = [
        EraAnswer(one.first_day, one.last_day, one.plays, one.change, [Played(names[artist], plays) for artist, plays in one.artists])
        for one in found
    ]
    return ErasAnswer(listening.period.spelling, eras_of.FALSE_ALARMS, told)


async def seasons(conn: Connection, listening: Listening) -> SeasonsAnswer:
    """Who belongs to which time of the year."""
    found = seasons_of.seasons(listening)
    names = await _named(conn, Of.ARTISTS, {one.artist_id for one in found if one.artist_id is not None})
    told = []
    for one in found:
        artist = Played(names[one.artist_id], one.artist_plays) if one.artist_id is not None else None
        told.append(SeasonAnswer([(one.quarter * 3 + 11 + n) % 12 + 1 for n in range(3)], one.plays, artist, one.artist_share))
    return SeasonsAnswer(listening.period.spelling, told)


def cohorts(listening: Listening) -> CohortsAnswer:
    """What became of each month's discoveries."""
    told = [
        CohortAnswer(f"{one.month:%Y-%m}", one.found, dict(zip(map(str, cohorts_of.AFTER), one.kept, strict=True)), one.is_begin)
        for one in cohorts_of.cohorts(listening)
    ]
    return CohortsAnswer(listening.period.spelling, told)


async def decades(conn: Connection, listening: Listening) -> DecadesAnswer:
    """From which decades the music is."""
    albums = listening.history.album_ids
    found = decades_of.decades(listening, await catalog.release_years(conn, albums[albums > 0].tolist()))
    told = [DecadeAnswer(*one) for one in found.decades]
    return DecadesAnswer(listening.period.spelling, found.plays, found.known_percent, found.median, told)


async def places(conn: Connection, listening: Listening) -> PlacesAnswer:
    """On what it was heard, and in which country."""
    found = places_of.places(listening, await evidence(conn, listening.history))
    devices, countries = ([PlaceAnswer(*one) for one in those] for those in (found.devices, found.countries))
    return PlacesAnswer(listening.period.spelling, found.plays, found.devices_told, devices, found.countries_told, countries)


def calendar(listening: Listening) -> CalendarAnswer:
    """Plays of every day."""
    told = [YearOfDaysAnswer(one.year, one.active, list(one.plays)) for one in days_of.days(listening)]
    return CalendarAnswer(listening.period.spelling, told)


async def firsts(conn: Connection, listening: Listening, of: Of, limit: int) -> FirstsAnswer:
    """First and last times of what a range brought; genres have none of their own, so artists are told."""
    found = firsts_of.firsts(listening, _ids(listening, of), limit)
    names = await _named(conn, of, {one.id for one in found.newest})
    told = [FirstAnswer(names[one.id], one.first_at, one.last_at, one.plays) for one in found.newest]
    return FirstsAnswer(listening.period.spelling, of.value, found.found, told)


async def movement(conn: Connection, listening: Listening, of: Of, limit: int, *, by: By = By.PLAYS) -> MovementAnswer:
    """Places won and lost."""
    if of is Of.GENRES:
        found = await _genres_moved(conn, listening, limit)
        names: Mapping[int | str, Named] = {one.id: _genre(str(one.id)) for one in (*found.now, *found.gone)}
    else:
        found = movement_of.movement(listening, _ids(listening, of), limit, by)
        named = await _named(conn, of, {int(one.id) for one in (*found.now, *found.gone)})
        names = dict(named.items())
    now, gone = ([_moved(one, names) for one in those] for those in (found.now, found.gone))
    return MovementAnswer(listening.period.spelling, of.value, by.value, found.compared, now, gone)


async def taste(conn: Connection, listening: Listening) -> TasteAnswer:
    """How taste moved."""
    artists = listening.history.artist_ids
    found = taste_of.taste(listening, await catalog.genres(conn, artists[artists > 0].tolist()))
    if found.by_genre:
        streams = [StreamAnswer(_genre(one.name) if one.id != taste_of.REST else None, list(one.plays)) for one in found.streams]
        return TasteAnswer(listening.period.spelling, Of.GENRES.value, list(found.steps), streams)
    names = await _named(conn, Of.ARTISTS, {one.id for one in found.streams if one.id != taste_of.REST})
    streams = [StreamAnswer(names.get(one.id), list(one.plays)) for one in found.streams]
    return TasteAnswer(listening.period.spelling, Of.ARTISTS.value, list(found.steps), streams)


def favourites(listening: Listening) -> FavouritesAnswer:
    """A few favourites, or many."""
    found = diversity_of.favourites(listening)
    return FavouritesAnswer(listening.period.spelling, found.artists, found.half, found.top_ten, list(found.curve))


def runs(listening: Listening, limit: int) -> RunsAnswer:
    """The longest runs of days."""
    found = streaks_of.longest(listening, limit)
    return RunsAnswer(listening.period.spelling, [StreakAnswer(one.days, one.start, one.end) for one in found])


async def spoken(conn: Connection, listening: Listening) -> SpokenAnswer:
    """Podcasts and audiobooks, apart."""
    found = spoken_of.spoken(listening)
    shows = await _named(conn, Of.ARTISTS, {one.id for one in found.shows})
    episodes = await _named(conn, Of.TRACKS, {one.track_id for one in found.latest})
    return SpokenAnswer(
        listening.period.spelling,
        found.plays,
        found.listened_ms,
        [Played(shows[one.id], one.plays) for one in found.shows],
        [SpokenPlay(episodes[one.track_id], one.ended_at, one.ms_played) for one in found.latest],
    )


async def skips(conn: Connection, listening: Listening, limit: int) -> SkipsByArtistAnswer:
    """Whose tracks are skipped, and whose never."""
    found = skips_of.by_artist(listening)
    most, least = found[:limit], found[::-1][:limit]
    names = await _named(conn, Of.ARTISTS, {one.artist_id for one in (*most, *least)})
    told = (
        [ArtistSkipsAnswer(names[one.artist_id], one.told, one.skipped, one.rate, one.completion) for one in those]
        for those in (most, least)
    )
    return SkipsByArtistAnswer(listening.period.spelling, *told)


async def _genres_moved(conn: Connection, listening: Listening, limit: int) -> movement_of.Movement:
    artists = listening.history.artist_ids
    told = await catalog.genres(conn, artists[artists > 0].tolist())
    before = listening.period.previous()
    periods = (listening, listening.over(before) if before else None)
    now, then = ({one.name: one.plays for one in genres_of.genres(seen, told).all} if seen else {} for seen in periods)
    return movement_of.moved(now, then, limit)


def _moved(one: movement_of.Moved, names: Mapping[int | str, Named]) -> MovedAnswer:
    return MovedAnswer(names[one.id], one.much, one.much_before, one.place or None, one.place_before, one.rose if one.place else None)


def _ids(listening: Listening, of: Of) -> I4:
    history = listening.history
    if of is Of.TRACKS:
        return np.where(history.artist_ids > 0, history.track_ids, 0)
    return history.album_ids if of is Of.ALBUMS else history.artist_ids


async def _named(conn: Connection, of: Of, ids: set[int]) -> dict[int, Named]:
    match of:
        case Of.TRACKS:
            return {card.id: _track(card) for card in (await catalog.tracks(conn, ids)).values()}
        case Of.ALBUMS:
            return {card.id: _album(card) for card in (await catalog.albums(conn, ids)).values()}
        case Of.ARTISTS | Of.GENRES:
            return {card.id: _artist(card) for card in (await catalog.artists(conn, ids)).values()}


def _track(card: TrackCard) -> Named:
    image = card.album.image_url if card.album else None
    return Named(card.id, card.name, ", ".join(artist.name for artist in card.artists), card.spotify_id, image)


def _album(card: AlbumCard) -> Named:
    return Named(card.id, card.name, card.artist.name, card.spotify_id, card.image_url)


def _artist(card: ArtistCard) -> Named:
    return Named(card.id, card.name, "", card.spotify_id, card.image_url)


def _genre(name: str) -> Named:
    return Named(None, name, "", None, None)
