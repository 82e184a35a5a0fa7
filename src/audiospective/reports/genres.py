"""Genres and diversity with their names, in the shapes of the API (contract §4)."""

from __future__ import annotations

from audiospective.archive import catalog
from audiospective.infra.database import Connection
from audiospective.insights import diversity as diversity_of
from audiospective.insights import genres as genres_of
from audiospective.insights.listening import Listening
from audiospective.reports.answers import Answer

#: So many genres are named beside the score.
_TOP = 5


class GenreAnswer(Answer):
    """Plays of a genre; `percentage` of all plays of the range."""

    genre: str
    count: int
    percentage: float


class GenresAnswer(Answer):
    """Most played first; a play counts for each genre of its first artist."""

    range: str
    genres: list[GenreAnswer]
    total_plays: int


class GenreDiversity(Answer):
    """`score` 0 to 100: Shannon's entropy in per cent of the most that so many genres can have."""

    score: float
    unique_genres: int
    total_plays: int
    top_genres: list[GenreAnswer]


class ArtistDiversity(Answer):
    """`score` as with genres; `concentrationIndex` 0 to 1 is Herfindahl's sum of squared shares."""

    score: float
    unique_artists: int
    total_plays: int
    concentration_index: float


class DiversityAnswer(Answer):
    """How varied a range is."""

    range: str
    genre_diversity: GenreDiversity
    artist_diversity: ArtistDiversity


async def genres(conn: Connection, listening: Listening) -> GenresAnswer:
    """The genres of a range."""
    found = await _genres(conn, listening)
    return GenresAnswer(listening.period.spelling, _named(found.all), found.total_plays)


async def diversity(conn: Connection, listening: Listening) -> DiversityAnswer:
    """How varied a range is, by genre and by artist."""
    found = await _genres(conn, listening)
    by_genre, by_artist = diversity_of.of_genres(found), diversity_of.artists(listening)
    return DiversityAnswer(
        listening.period.spelling,
        GenreDiversity(by_genre.score, by_genre.different, found.total_plays, _named(found.all[:_TOP])),
        ArtistDiversity(by_artist.score, by_artist.different, by_artist.plays, by_artist.concentration),
    )


async def _genres(conn: Connection, listening: Listening) -> genres_of.Genres:
    artists = listening.history.artist_ids
    return genres_of.genres(listening, await catalog.genres(conn, artists[artists > 0].tolist()))


def _named(found: tuple[genres_of.Genre, ...]) -> list[GenreAnswer]:
    return [GenreAnswer(one.name, one.plays, one.percentage) for one in found]
