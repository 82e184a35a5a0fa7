"""Listens in ListenBrainz's shape, for the clients that speak its language."""

from __future__ import annotations

import msgspec
import numpy as np

from audiospective.archive import catalog
from audiospective.archive.catalog import TrackCard
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening

_SECOND = 1_000_000


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
    began = (listening.ended_at - listening.ms.astype(np.int64) * 1_000) // _SECOND
    wanted = np.ones(len(began), np.bool_)
    wanted &= began > after if after is not None else True
    wanted &= began < before if before is not None else True
    rows = np.flatnonzero(wanted)[::-1][:count]
    ids = listening.history.track_ids[listening.track[rows]].tolist()
    cards = await catalog.tracks(conn, ids)
    listens = [_listen(at, cards[track], name) for at, track in zip(began[rows].tolist(), ids, strict=True)]
    latest, oldest = (int(began.max()), int(began.min())) if len(began) else (0, 0)
    return Payload(len(listens), name, latest, oldest, listens)


def _listen(at: int, card: TrackCard, name: str) -> Listen:
    info: dict[str, str | int] = {"duration_ms": card.duration_ms} if card.duration_ms else {}
    if card.spotify_id:
        info["spotify_id"] = f"https://open.spotify.com/track/{card.spotify_id}"
    artists = ", ".join(artist.name for artist in card.artists)
    told = Metadata(artists, card.name, card.album.name if card.album else None, info)
    return Listen(at, at, f"{card.id}", name, told)
