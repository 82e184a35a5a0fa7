"""ListenBrainz's listens, one a line (https://listenbrainz.readthedocs.io/en/latest/users/json.html): music only, times are beginnings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Kind
from audiospective.export.plays import Portion

_encoder = msgspec.json.Encoder()


async def lines(portions: AsyncIterator[Portion]) -> AsyncIterator[bytes]:
    """The file, a portion at a time; podcasts and audiobooks have no place in it."""
    async for portion in portions:
        columns = (portion.ended_us.tolist(), portion.tracks, portion.ms_played)
        told = [_line(us, card, ms) for us, card, ms in zip(*columns, strict=True) if card.kind is Kind.TRACK and card.name]
        yield b"".join(told)


def _line(ended_us: int, card: TrackCard, ms: int | None) -> bytes:
    heard = card.duration_ms if ms is None else ms
    info: dict[str, object] = {"submission_client": "Audiospective", "media_player": "Spotify"}
    if card.duration_ms:
        info["duration_ms"] = card.duration_ms
    if ms is not None:
        info["duration_played"] = round(ms / 1000)
    if card.spotify_id:
        address = f"https://open.spotify.com/track/{card.spotify_id}"
        info |= {"music_service": "spotify.com", "spotify_id": address, "origin_url": address}
    named: dict[str, object] = {"artist_name": card.artists[0].name if card.artists else "", "track_name": card.name}
    if card.album:
        named["release_name"] = card.album.name
    listen = {"listened_at": (ended_us - heard * 1000) // 1_000_000, "track_metadata": named | {"additional_info": info}}
    return _encoder.encode(listen) + b"\n"
