"""CSV for spreadsheets: UTF-8 with a byte order mark, RFC 4180, one line a play (contract §4).

A text that a spreadsheet would take for a formula is written behind an apostrophe, as is one that begins with an apostrophe itself, so that
reading it back can take exactly one away (CWE-1236, OWASP "CSV Injection"). Artists stand with “; ” between them; a name that has that in
itself, as trackers bring it, has its semicolons twice there.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from audiospective.archive.catalog import TrackCard
from audiospective.archive.plays import Kind
from audiospective.export.plays import Portion

COLUMNS = ("played_at", "local_time", "track", "artists", "album", "ms_played", "duration_ms", "spotify_track_id", "source")
#: What every file begins with.
HEAD = ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
#: Where they could be taken for what stands between two artists.
_SEMICOLONS = re.compile(";+(?= |$)")
_QUOTED = frozenset('",\r\n')


async def lines(portions: AsyncIterator[Portion]) -> AsyncIterator[bytes]:
    """The lines behind the head, a portion at a time."""
    named: dict[int, tuple[str, str]] = {}
    async for portion in portions:
        yield "".join(_lines(portion, named)).encode()


def _lines(portion: Portion, named: dict[int, tuple[str, str]]) -> list[str]:
    """`named` keeps what each track adds to its lines, before and after the time heard."""
    named |= {card.id: _named(card) for card in portion.tracks if card.id not in named}
    when = zip(portion.times("ms"), (one.replace("T", " ") for one in portion.local_times), strict=True)
    what = zip((named[card.id] for card in portion.tracks), portion.ms_played, portion.sources, portion.tracks, strict=True)
    return [
        f"{at}Z,{local},{names},{'' if ms is None else ms},{rest},{source}{_KINDS[card.kind]}\r\n"
        for (at, local), ((names, rest), ms, source, card) in zip(when, what, strict=True)
    ]


def _named(card: TrackCard) -> tuple[str, str]:
    artists = "; ".join(_SEMICOLONS.sub(r"\g<0>\g<0>", artist.name) for artist in card.artists)
    names = f"{cell(card.name)},{cell(artists)},{cell(card.album.name if card.album else '')}"
    return names, f"{card.duration_ms or ''},{cell(card.spotify_id or '')}"


#: What isn't music says so behind its source, so that it comes back as what it was.
_KINDS = {kind: "" if kind is Kind.TRACK else f":{kind.name.lower()}" for kind in Kind}


def cell(text: str) -> str:
    """One text as a field, harmless in a spreadsheet."""
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return '"' + safe.replace('"', '""') + '"' if not _QUOTED.isdisjoint(safe) else safe
