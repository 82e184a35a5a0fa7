"""CSV for spreadsheets: UTF-8 with a byte order mark, RFC 4180, one line a play (contract §4).

A text that a spreadsheet would take for a formula is written behind an apostrophe, as is one that begins with an apostrophe itself, so that
reading it back can take exactly one away (CWE-1236, OWASP "CSV Injection").
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from audiospective.archive.plays import Kind
from audiospective.export.plays import ExportedPlay

COLUMNS = ("played_at", "local_time", "track", "artists", "album", "ms_played", "duration_ms", "spotify_track_id", "source")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_QUOTED = frozenset('",\r\n')


async def lines(portions: AsyncIterator[list[ExportedPlay]]) -> AsyncIterator[bytes]:
    """The file, a portion at a time."""
    yield ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
    async for plays in portions:
        yield "".join(map(_line, plays)).encode()


def _line(play: ExportedPlay) -> str:
    track = play.track
    return (
        f"{play.played_at.isoformat(timespec='milliseconds').replace('+00:00', 'Z')},{play.local_time:%Y-%m-%d %H:%M:%S},"
        f"{cell(track.name)},{cell('; '.join(artist.name for artist in track.artists))},{cell(track.album.name if track.album else '')},"
        f"{'' if play.ms_played is None else play.ms_played},{track.duration_ms or ''},{cell(track.spotify_id or '')},"
        f"{play.source}{_kind(track.kind)}\r\n"
    )


def _kind(kind: Kind) -> str:
    """What isn't music says so behind its source, so that it comes back as what it was."""
    return "" if kind is Kind.TRACK else f":{kind.name.lower()}"


def cell(text: str) -> str:
    """One text as a field, harmless in a spreadsheet."""
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return '"' + safe.replace('"', '""') + '"' if not _QUOTED.isdisjoint(safe) else safe
