"""JSON for programs: one document, plays oldest first, names and ids as the API gives them (contract §4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.export.plays import Portion

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands before the plays: all there are, those in the file, and how complete they are known to be."""

    total: int
    exported: int
    proven_percent: float
    likely_lost: int


async def document(portions: AsyncIterator[Portion], counts: Counts, *, now: datetime, spelling: str) -> AsyncIterator[bytes]:
    """The document, a portion at a time; the counts stand before the plays, so that a file cut short shows."""
    head = {
        "exportedAt": now,
        "exportType": "listening-history-export",
        "dateRange": spelling,
        "totalPlays": counts.total,
        "exportedPlays": counts.exported,
        "isTruncated": False,
        "provenPercent": counts.proven_percent,
        "likelyLost": counts.likely_lost,
    }
    yield _encoder.encode(head)[:-1] + b',"plays":['
    named: dict[int, str] = {}
    between = ""
    async for portion in portions:
        yield (between + ",".join(_plays(portion, named))).encode()
        between = ","
    yield b"]}\n"


def _plays(portion: Portion, named: dict[int, str]) -> list[str]:
    """`named` keeps each track as it stands in the document."""
    named |= {card.id: _encoder.encode(_track(card)).decode() for card in portion.tracks if card.id not in named}
    heard = ["null" if ms is None else ms for ms in portion.ms_played]
    columns = (portion.times("us"), portion.local_times, heard, portion.sources, portion.tracks)
    return [
        f'{{"playedAt":"{at}Z","localTime":"{local}","msPlayed":{ms},"source":"{source}","track":{named[card.id]}}}'
        for at, local, ms, source, card in zip(*columns, strict=True)
    ]


def _track(card: TrackCard) -> dict[str, object]:
    return {
        "name": card.name,
        "kind": card.kind.name.lower(),
        "spotifyId": card.spotify_id,
        "durationMs": card.duration_ms,
        "album": {"name": card.album.name, "imageUrl": card.album.image_url} if card.album else None,
        "artists": [{"name": artist.name, "spotifyId": artist.spotify_id} for artist in card.artists],
    }
