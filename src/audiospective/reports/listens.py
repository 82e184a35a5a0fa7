"""Listens in ListenBrainz's shape, for the clients that speak its language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import I8, Source
from audiospective.infra.database import Connection
from audiospective.insights import top
from audiospective.insights.listening import Listening
from audiospective.insights.period import Period, of_days
from audiospective.insights.trends import Interval, trends
from audiospective.reports.told import evidence

_SECOND = 1_000_000
_EVERYTHING: Final = Period("all", None, None)


class Tops(StrEnum):
    """What is counted, by their word."""

    ARTISTS = "artists"
    RELEASES = "releases"
    RECORDINGS = "recordings"


_RANKS: Final[dict[Tops, Callable[[Listening, int], tuple[top.Ranked, ...]]]] = {
    Tops.ARTISTS: top.artists,
    Tops.RELEASES: top.albums,
    Tops.RECORDINGS: top.tracks,
}


class Metadata(msgspec.Struct, frozen=True):
    """What was played."""

    artist_name: str
    track_name: str
    release_name: str | None
    additional_info: dict[str, str | int]


class Listen(msgspec.Struct, frozen=True):
    """A listening; `listened_at` is when it began, seconds since 1970."""

    listened_at: int
    inserted_at: int
    recording_msid: str
    user_name: str
    track_metadata: Metadata


class Payload(msgspec.Struct, frozen=True):
    """A page of listens, newest first."""

    count: int
    user_id: str
    latest_listen_ts: int
    oldest_listen_ts: int
    listens: list[Listen]


async def page(conn: Connection, listening: Listening, name: str, *, after: int | None, before: int | None, count: int) -> Payload:
    """Up to `count` listens that began after and before these seconds, both left out, the newest first."""
    began = await _begins(conn, listening)
    wanted = np.ones(len(began), np.bool_)
    wanted &= began > after if after is not None else True
    wanted &= began < before if before is not None else True
    rows = np.flatnonzero(wanted)[::-1][:count]
    ids = listening.history.track_ids[listening.track[rows]].tolist()
    cards = await catalog.tracks(conn, ids)
    listens = [_listen(at, cards[track], name) for at, track in zip(began[rows].tolist(), ids, strict=True)]
    latest, oldest = (int(began.max()), int(began.min())) if len(began) else (0, 0)
    return Payload(len(listens), name, latest, oldest, listens)


async def _begins(conn: Connection, listening: Listening) -> I8:
    """When each play began, in seconds: to the second as it was told, so that clients find what they sent; else by its length."""
    began: I8 = (listening.ended_at - listening.ms.astype(np.int64) * 1_000) // _SECOND
    told = np.isin(listening.source, Source.beginners())
    if told.any():
        shifted_s = (await evidence(conn, listening.history)).shifted_s[listening.row]
        began = np.where(told, listening.ended_at // _SECOND + shifted_s, began)
    return began


def _listen(at: int, card: TrackCard, name: str) -> Listen:
    info: dict[str, str | int] = {"duration_ms": card.duration_ms} if card.duration_ms else {}
    if card.spotify_id:
        info["spotify_id"] = f"https://open.spotify.com/track/{card.spotify_id}"
    artists = ", ".join(artist.name for artist in card.artists)
    told = Metadata(artists, card.name, card.album.name if card.album else None, info)
    return Listen(at, at, f"{card.id}", name, told)


async def tops(conn: Connection, listening: Listening, name: str, kind: Tops, *, spelling: str, offset: int, count: int) -> dict[str, Any]:
    """Most played of the listening's period, from `offset` on, in ListenBrainz's shape; `spelling` is theirs."""
    ranked = _RANKS[kind](listening, 100_000)
    shown = ranked[offset : offset + count]
    rows = [row | {"listen_count": one.plays} for row, one in zip(await _named(conn, kind, [one.id for one in shown]), shown, strict=True)]
    total = f"total_{kind.value.removesuffix('s')}_count"
    return {kind.value: rows, "count": len(rows), "offset": offset, "user_id": name, total: len(ranked)} | _head(listening, spelling)


def activity(seen: Listening, spelling: str) -> dict[str, Any]:
    """Listens by day of a week or month, else by month."""
    days = seen.period.days
    interval = Interval.DAY if days and days <= 31 else Interval.MONTH
    buckets = trends(seen, interval)
    starts = [_stamp(one.start) for one in buckets]
    ends = [*starts[1:], _head(seen, spelling)["to_ts"]]
    words = "%d %B %Y" if interval is Interval.DAY else "%B %Y"
    rows = [
        {"from_ts": begin, "to_ts": end, "time_range": f"{one.start:{words}}", "listen_count": one.plays}
        for one, begin, end in zip(buckets, starts, ends, strict=True)
    ]
    return {"listening_activity": rows} | _head(seen, spelling)


def period(spelling: str, today: date) -> Period | None:
    """The days that ListenBrainz means: `this_…` till today, the others the last whole one; None for another word."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    half = date(today.year, 1 if today.month <= 6 else 7, 1)
    day = timedelta(days=1)
    found = {
        "all_time": _EVERYTHING,
        "this_week": of_days(monday, today),
        "this_month": of_days(first, today),
        "this_year": of_days(date(today.year, 1, 1), today),
        "week": of_days(monday - 7 * day, monday - day),
        "month": of_days((first - day).replace(day=1), first - day),
        "quarter": of_days(_months_before(quarter, 3), quarter - day),
        "half_yearly": of_days(_months_before(half, 6), half - day),
        "year": of_days(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }
    return found.get(spelling)


async def _named(conn: Connection, kind: Tops, ids: list[int]) -> list[dict[str, Any]]:
    if kind is Tops.ARTISTS:
        artists = await catalog.artists(conn, ids)
        return [{"artist_name": artists[one].name, "artist_mbids": []} for one in ids]
    if kind is Tops.RELEASES:
        albums = await catalog.albums(conn, ids)
        return [{"release_name": albums[one].name, "artist_name": albums[one].artist.name} for one in ids]
    tracks = await catalog.tracks(conn, ids)
    return [{"track_name": tracks[one].name, "artist_name": ", ".join(each.name for each in tracks[one].artists)} for one in ids]


def _head(seen: Listening, spelling: str) -> dict[str, Any]:
    now = int(seen.now.timestamp())
    first, last = seen.period.first_day, seen.period.last_day
    begun = int(seen.ended_at[0]) // _SECOND if len(seen) else now
    begins = begun if first is None else _stamp(first)
    return {
        "range": spelling,
        "from_ts": begins,
        "to_ts": now if last is None else min(_stamp(last + timedelta(days=1)), now),
        "last_updated": now,
    }


def _stamp(day: date | datetime) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _months_before(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
