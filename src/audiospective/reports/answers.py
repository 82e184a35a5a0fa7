"""An insight with names put to its ids, in the shapes of the API (contract §4): what page, API, CLI and share all serve."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from audiospective.archive import catalog
from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.infra.database import Connection
from audiospective.insights import activity as activity_of
from audiospective.insights import comparison as comparison_of
from audiospective.insights import discovery as discovery_of
from audiospective.insights import recent as recent_of
from audiospective.insights import stats as stats_of
from audiospective.insights import streaks as streaks_of
from audiospective.insights import top
from audiospective.insights import trends as trends_of
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period
from audiospective.insights.top import By


class Answer(msgspec.Struct, rename="camel"):
    """Anything that goes out as JSON."""


class StatsAnswer(Answer):
    """Totals of a range; times UTC, null without plays."""

    total_plays: int
    unique_tracks: int
    unique_artists: int
    unique_albums: int
    estimated_listening_hours: float
    listened_ms: int
    first_play_at: datetime | None
    last_play_at: datetime | None


class ArtistName(Answer):
    """An artist in a track's credits."""

    name: str
    spotify_id: str | None


class AlbumName(Answer):
    """A track's album."""

    name: str
    image_url: str | None


class TrackAnswer(Answer):
    """A track with its names."""

    id: int
    name: str
    spotify_id: str | None
    duration_ms: int
    album: AlbumName | None
    artists: list[ArtistName]


class ArtistAnswer(Answer):
    """An artist."""

    id: int
    name: str
    spotify_id: str | None
    image_url: str | None
    genres: list[str]


class AlbumAnswer(Answer):
    """An album."""

    id: int
    name: str
    spotify_id: str | None
    image_url: str | None
    artists: list[ArtistName]


class TopTrack(Answer):
    """A track with its plays in the range."""

    track: TrackAnswer
    play_count: int
    listened_ms: int


class TopArtist(Answer):
    """An artist with the plays in the range."""

    artist: ArtistAnswer
    play_count: int
    listened_ms: int


class TopAlbum(Answer):
    """An album with its plays in the range."""

    album: AlbumAnswer
    play_count: int
    listened_ms: int


class TopTracks(Answer):
    """Most played first."""

    range: str
    tracks: list[TopTrack]


class TopArtists(Answer):
    """Most played first."""

    range: str
    artists: list[TopArtist]


class TopAlbums(Answer):
    """Most played first."""

    range: str
    albums: list[TopAlbum]


class ActivityAnswer(Answer):
    """Plays by local hour and weekday; keys "0" to "23", and "0" (Sunday) to "6"."""

    range: str
    by_hour: dict[str, int]
    by_day_of_week: dict[str, int]
    heatmap: list[list[int]]
    total_plays: int


class RecentPlay(Answer):
    """One play."""

    id: str
    played_at: datetime
    ms_played: int | None
    source: str
    track: TrackAnswer


class RecentPlays(Answer):
    """Newest first; `next` is a cursor for `before`."""

    plays: list[RecentPlay]
    total: int
    next: str | None


class Change(Answer):
    """By how much; `percentage` null where there was nothing before."""

    value: float
    percentage: float | None


class ComparisonAnswer(Answer):
    """A range beside the one before it."""

    range: str
    this_week: StatsAnswer
    last_week: StatsAnswer | None
    changes: dict[str, Change]


class Step(Answer):
    """One step of a trend."""

    date: str
    plays: int
    unique_tracks: int
    unique_artists: int


class TrendsAnswer(Answer):
    """Every step in order, empty ones with 0."""

    interval: str
    range: str
    data: list[Step]


class DiscoveryAnswer(Answer):
    """New against known tracks; `discoveryRate` in per cent."""

    range: str
    total_plays: int
    new_tracks: int
    repeat_tracks: int
    discovery_rate: float
    average_repeats: float


class StreakAnswer(Answer):
    """Days in a row."""

    days: int
    start_date: date | None
    end_date: date | None


class StreaksAnswer(Answer):
    """The run that goes on, the longest, and how many days had a play."""

    current_streak: StreakAnswer
    longest_streak: StreakAnswer
    total_active_days: int
    total_days_since_first_play: int


def stats(listening: Listening) -> StatsAnswer:
    """The totals of a range."""
    return _stats(stats_of.stats(listening))


def _stats(found: stats_of.Stats) -> StatsAnswer:
    return StatsAnswer(
        found.total_plays,
        found.unique_tracks,
        found.unique_artists,
        found.unique_albums,
        round(found.listened_ms / 3_600_000, 1),
        found.listened_ms,
        found.first_play_at,
        found.last_play_at,
    )


async def top_tracks(conn: Connection, listening: Listening, limit: int, *, by: By = By.PLAYS) -> TopTracks:
    """Most played tracks, by plays or by time heard."""
    ranked = top.tracks(listening, limit, by)
    cards = await catalog.tracks(conn, (one.id for one in ranked))
    return TopTracks(listening.period.spelling, [TopTrack(track(cards[one.id]), one.plays, one.listened_ms) for one in ranked])


async def top_artists(conn: Connection, listening: Listening, limit: int, *, by: By = By.PLAYS) -> TopArtists:
    """Most played artists, by plays or by time heard."""
    ranked = top.artists(listening, limit, by)
    cards = await catalog.artists(conn, (one.id for one in ranked))
    return TopArtists(listening.period.spelling, [TopArtist(_artist(cards[one.id]), one.plays, one.listened_ms) for one in ranked])


async def top_albums(conn: Connection, listening: Listening, limit: int, *, by: By = By.PLAYS) -> TopAlbums:
    """Most played albums, by plays or by time heard."""
    ranked = top.albums(listening, limit, by)
    cards = await catalog.albums(conn, (one.id for one in ranked))
    return TopAlbums(listening.period.spelling, [TopAlbum(_album(cards[one.id]), one.plays, one.listened_ms) for one in ranked])


def activity(listening: Listening) -> ActivityAnswer:
    """Plays by hour and weekday."""
    found = activity_of.activity(listening)
    return ActivityAnswer(
        listening.period.spelling,
        {str(hour): plays for hour, plays in enumerate(found.by_hour)},
        {str(day): plays for day, plays in enumerate(found.by_weekday)},
        [list(row) for row in found.heatmap],
        found.total_plays,
    )


async def recent_plays(conn: Connection, listening: Listening, limit: int, before: str | None) -> RecentPlays:
    """The newest plays, a page at a time."""
    page = recent_of.recent(listening, limit, before)
    cards = await catalog.tracks(conn, (play.track_id for play in page.plays))
    plays = [RecentPlay(p.id, p.ended_at, p.ms_played, p.source.label, track(cards[p.track_id])) for p in page.plays]
    return RecentPlays(plays, page.total, page.next)


def comparison(listening: Listening, other: Period | None = None) -> ComparisonAnswer:
    """A range beside the one before it, or beside any other."""
    found = comparison_of.against(listening, other) if other else comparison_of.comparison(listening)
    now, before = _stats(found.now), _stats(found.before) if found.before else None
    changes = {}
    for name in ("total_plays", "unique_tracks", "unique_artists", "unique_albums", "listened_ms") if before else ():
        value, earlier = getattr(now, name), getattr(before, name)
        changes[_camel(name)] = Change(value - earlier, comparison_of.percentage(value, earlier))
    return ComparisonAnswer(listening.period.spelling, now, before, changes)


def trends(listening: Listening, interval: trends_of.Interval, week_starts: int = 0) -> TrendsAnswer:
    """Every step of a range."""
    buckets = trends_of.trends(listening, interval, week_starts)
    steps = [Step(bucket.start.isoformat(), bucket.plays, bucket.unique_tracks, bucket.unique_artists) for bucket in buckets]
    return TrendsAnswer(interval.value, listening.period.spelling, steps)


def discovery(listening: Listening) -> DiscoveryAnswer:
    """How much of a range was new."""
    found = discovery_of.discovery(listening)
    spelling = listening.period.spelling
    return DiscoveryAnswer(spelling, found.total_plays, found.new_tracks, found.repeat_tracks, found.rate, found.average_repeats)


def streaks(listening: Listening) -> StreaksAnswer:
    """Runs of days with plays."""
    found = streaks_of.streaks(listening)
    return StreaksAnswer(_streak(found.current), _streak(found.longest), found.active_days, found.days_since_first)


def track(card: TrackCard) -> TrackAnswer:
    """A track as every answer shows it."""
    album = AlbumName(card.album.name, card.album.image_url) if card.album else None
    return TrackAnswer(card.id, card.name, card.spotify_id, card.duration_ms, album, _names(card.artists))


def _names(artists: Sequence[ArtistCard]) -> list[ArtistName]:
    return [ArtistName(artist.name, artist.spotify_id) for artist in artists]


def _artist(card: ArtistCard) -> ArtistAnswer:
    return ArtistAnswer(card.id, card.name, card.spotify_id, card.image_url, list(card.genres))


def _album(card: AlbumCard) -> AlbumAnswer:
    return AlbumAnswer(card.id, card.name, card.spotify_id, card.image_url, _names((card.artist,)))


def _streak(streak: streaks_of.Streak) -> StreakAnswer:
    return StreakAnswer(streak.days, streak.start, streak.end)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
