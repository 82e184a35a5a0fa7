"""JSON for programs: one document, plays oldest first, names and ids as the API gives them (contract §4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.export.plays import Portion

_encoder = msgspec.json.Encoder()


class Proven(msgspec.Struct, frozen=True):
    """How complete the range is known to be."""

    percent: float
    likely_lost: int


def head(total: int, exported: int, *, now: datetime, spelling: str) -> bytes:
    """How the document begins: all plays there are, and those in the file, so that a file cut short shows."""
    told = {
        "exportedAt": now,
        "exportType": "listening-history-export",
        "dateRange": spelling,
        "totalPlays": total,
        "exportedPlays": exported,
        "isTruncated": False,
    }
    return _encoder.encode(told)[:-1]


async def rest(portions: AsyncIterator[Portion], proven: Proven) -> AsyncIterator[bytes]:
    """The document behind its head, a portion at a time."""
    yield f',"provenPercent":{proven.percent},"likelyLost":{proven.likely_lost},"plays":['.encode()
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
