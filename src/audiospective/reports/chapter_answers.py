"""The shapes in which our own questions are answered (`/api/analytics/…`)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from audiospective.reports.answers import Answer, StreakAnswer


class Of(StrEnum):
    """What a ranking is of."""

    TRACKS = "tracks"
    ARTISTS = "artists"
    ALBUMS = "albums"
    GENRES = "genres"


class Named(Answer):
    """A track, artist or album by its id here, or a genre (id null); `by` says whose it is, "" for artists and genres."""

    id: int | None
    name: str
    by: str
    spotify_id: str | None
    image_url: str | None


class Played(Answer):
    """Something with a number of plays."""

    what: Named
    plays: int


class EraAnswer(Answer):
    """A chapter: its days, and the artists that belong to it and their plays in it; `change` 0 to 1 is how far taste moved."""

    first_day: date
    last_day: date
    plays: int
    change: float
    artists: list[Played]


class ErasAnswer(Answer):
    """Chapters, oldest first; `falseAlarms` is how often somebody whose taste never changes is told of a change."""

    range: str
    false_alarms: float
    eras: list[EraAnswer]


class SeasonAnswer(Answer):
    """A quarter of all years, `months` as 12, 1, 2; who belongs to it, with the share of their plays that falls into it, in per cent."""

    months: list[int]
    plays: int
    artist: Played | None
    artist_percentage: float


class SeasonsAnswer(Answer):
    """December to February first."""

    range: str
    seasons: list[SeasonAnswer]


class CohortAnswer(Answer):
    """Artists that a month brought, and how many of them were heard in the three months that began 3, 12, 36 months later; null while
    these aren't over. In the month of `isBegin` the archive begins, and nothing is known to be new.
    """

    month: str
    found: int
    kept: dict[str, int | None]
    is_begin: bool


class CohortsAnswer(Answer):
    """Months, oldest first."""

    range: str
    cohorts: list[CohortAnswer]


class DecadeAnswer(Answer):
    """A decade by its first year."""

    decade: int
    plays: int


class DecadesAnswer(Answer):
    """Plays by decade of release; `knownPercentage` of the plays have a year, `medianYear` halves those."""

    range: str
    total_plays: int
    known_percentage: float
    median_year: int | None
    decades: list[DecadeAnswer]


class PlaceAnswer(Answer):
    """A kind of device, or a country in two letters."""

    name: str
    plays: int


class PlacesAnswer(Answer):
    """Where it was heard; `…Told` of `totalPlays` have it. Only Spotify's extended history tells."""

    range: str
    total_plays: int
    devices_told: int
    devices: list[PlaceAnswer]
    countries_told: int
    countries: list[PlaceAnswer]


class YearOfDaysAnswer(Answer):
    """`plays` by day, 1 January first."""

    year: int
    active_days: int
    plays: list[int]


class CalendarAnswer(Answer):
    """Every year of the range, oldest first."""

    range: str
    years: list[YearOfDaysAnswer]


class FirstAnswer(Answer):
    """First and last play of all, and how many there are."""

    what: Named
    first_play_at: datetime
    last_play_at: datetime
    play_count: int


class FirstsAnswer(Answer):
    """What the range brought for the first time, the latest first; `found` is how many in all."""

    range: str
    of: str
    found: int
    firsts: list[FirstAnswer]


class MovedAnswer(Answer):
    """Now and in the period before (plays, or ms by time); places from 1, null where there was none; `change` is places won."""

    what: Named
    amount: int
    amount_before: int
    place: int | None
    place_before: int | None
    change: int | None


class MovementAnswer(Answer):
    """The top of a range beside the one before, and what was at the top then and isn't heard now."""

    range: str
    of: str
    by: str
    compared: bool
    now: list[MovedAnswer]
    gone: list[MovedAnswer]


class StreamAnswer(Answer):
    """An artist, a genre, or all others (`what` null); plays by step."""

    what: Named | None
    plays: list[int]


class TasteAnswer(Answer):
    """The largest genres (or artists, where few genres are known) over months or quarters."""

    range: str
    of: str
    steps: list[date]
    streams: list[StreamAnswer]


class FavouritesAnswer(Answer):
    """How much the most played artists hold: `half` of `artists` have half of the plays; `curve` is Lorenz’s."""

    range: str
    artists: int
    half: int
    top_ten_percentage: float
    curve: list[float]


class RunsAnswer(Answer):
    """The longest runs of days with a play, the longest first."""

    range: str
    runs: list[StreakAnswer]


class SpokenPlay(Answer):
    """An episode or a chapter of a book."""

    what: Named
    played_at: datetime
    ms_played: int | None


class SpokenAnswer(Answer):
    """Podcasts and audiobooks: shows (or authors) by plays, and what was heard last."""

    range: str
    total_plays: int
    listened_ms: int
    shows: list[Played]
    latest: list[SpokenPlay]


class ArtistSkipsAnswer(Answer):
    """Tracks of an artist begun and skipped; `completion` is how much of a track was heard in the mean, in per cent."""

    what: Named
    told: int
    skipped: int
    rate: float
    completion: float | None


class SkipsByArtistAnswer(Answer):
    """Of artists with twenty tracks begun or more; the most skipped first, then the least skipped."""

    range: str
    most: list[ArtistSkipsAnswer]
    least: list[ArtistSkipsAnswer]
