"""ListenBrainz's listens, one a line (https://listenbrainz.readthedocs.io/en/latest/users/json.html): music only, times are beginnings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Evidence, Kind
from audiospective.export.plays import BEGINNERS, Portion, Rows

_encoder = msgspec.json.Encoder()


async def lines(portions: AsyncIterator[Portion], evidence: Evidence, rows: Rows) -> AsyncIterator[bytes]:
    """The file, a portion at a time; podcasts and audiobooks have no place in it."""
    place = 0
    async for portion in portions:
        began = _begins(portion, evidence.shifted_s[rows[place : place + len(portion.tracks)]].tolist())
        place += len(portion.tracks)
        columns = (began, portion.tracks, portion.ms_played)
        told = [_line(at, card, ms) for at, card, ms in zip(*columns, strict=True) if card.kind is Kind.TRACK and card.name]
        yield b"".join(told)


def _begins(portion: Portion, shifted_s: list[int]) -> list[int]:
    """When each play began, in seconds: as it was told, where that is what its source tells; else by its length."""
    columns = (portion.ended_us.tolist(), portion.tracks, portion.ms_played, portion.sources, shifted_s)
    return [
        us // 1_000_000 + shifted if source in BEGINNERS else (us - (card.duration_ms if ms is None else ms) * 1_000) // 1_000_000
        for us, card, ms, source, shifted in zip(*columns, strict=True)
    ]


def _line(listened_at: int, card: TrackCard, ms: int | None) -> bytes:
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
    listen = {"listened_at": listened_at, "track_metadata": named | {"additional_info": info}}
    return _encoder.encode(listen) + b"\n"
