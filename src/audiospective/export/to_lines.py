"""Lines of JSON, a play each, with all that its source told and all that is known of its track: an archive is made of them again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Evidence, Flag
from audiospective.export.plays import Portion, Rows, Told, told

_encoder = msgspec.json.Encoder()

_SKIPPED: Final = {0: None, int(Flag.SKIPPED): True, int(Flag.NOT_SKIPPED): False}
_BOTH: Final = int(Flag.SKIPPED | Flag.NOT_SKIPPED)
_CLAIMS: Final = (("shuffle", Flag.SHUFFLE), ("offline", Flag.OFFLINE), ("incognito", Flag.INCOGNITO), ("video", Flag.VIDEO))


async def lines(portions: AsyncIterator[Portion], evidence: Evidence, rows: Rows) -> AsyncIterator[bytes]:
    """The file, a portion at a time, oldest play first."""
    named: dict[int, str] = {}
    place = 0
    async for portion in portions:
        part = rows[place : place + len(portion.tracks)]
        place += len(part)
        yield "".join(_lines(portion, told(evidence, part), named)).encode()


def _lines(portion: Portion, besides: list[Told], named: dict[int, str]) -> list[str]:
    """`named` keeps each track as it stands in a line."""
    named |= {card.id: _encoder.encode(_track(card)).decode() for card in portion.tracks if card.id not in named}
    heard = ["null" if ms is None else ms for ms in portion.ms_played]
    said = [_encoder.encode(_told(flags, one)).decode() for flags, one in zip(portion.flags, besides, strict=True)]
    columns = (portion.times("us"), portion.local_times, heard, portion.sources, portion.tracks, said)
    return [
        f'{{"playedAt":"{at}Z","localTime":"{local}","msPlayed":{ms},"source":"{source}","track":{named[card.id]},"told":{one}}}\n'
        for at, local, ms, source, card, one in zip(*columns, strict=True)
    ]


def _told(flags: int, one: Told) -> dict[str, object]:
    """What was told, and nothing of what wasn't."""
    claims: dict[str, object] = {name: True for name, flag in _CLAIMS if flags & flag}
    words = {
        "skipped": _SKIPPED.get(flags & _BOTH),
        "stampShiftS": one.shifted_s or None,
        "platform": one.platform or None,
        "country": one.country or None,
        "reasonStart": one.reason_start or None,
        "reasonEnd": one.reason_end or None,
    }
    return claims | {name: word for name, word in words.items() if word is not None}


def _track(card: TrackCard) -> dict[str, object]:
    album = card.album
    return {
        "name": card.name,
        "kind": card.kind.name.lower(),
        "spotifyId": card.spotify_id,
        "isrc": card.isrc,
        "durationMs": card.duration_ms,
        "album": {"name": album.name, "spotifyId": album.spotify_id, "imageUrl": album.image_url} if album else None,
        "artists": [{"name": artist.name, "spotifyId": artist.spotify_id} for artist in card.artists],
    }
