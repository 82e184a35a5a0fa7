"""Which plays are meant? A search over everything that somebody heard, and filters, as one smaller Listening."""

from __future__ import annotations

import unicodedata
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from audiospective.archive import catalog
from audiospective.archive.plays import Bools, History, Source
from audiospective.errors import Invalid
from audiospective.infra.database import Connection
from audiospective.insights.listening import Listening

_SOURCES = {source.label: source for source in Source}
_LONGEST_QUERY = 200

#: What each track of a history is known by, folded; it lives as long as the history does.
_folded: WeakKeyDictionary[History, list[str]] = WeakKeyDictionary()


class Filter(msgspec.Struct, frozen=True):
    """What somebody looks for: words that names must hold, ids here, the label of a source; "" and None: anything."""

    query: str = ""
    track: int | None = None
    artist: int | None = None
    album: int | None = None
    source: str = ""

    @property
    def is_open(self) -> bool:
        """Whether everything is meant."""
        return self == Filter()


async def find(conn: Connection, listening: Listening, wanted: Filter) -> Listening:
    """The plays that are meant; raises Invalid(field="source") for a source that there isn't."""
    if wanted.is_open:
        return listening
    if wanted.source and wanted.source not in _SOURCES:
        raise Invalid(f"“{wanted.source[:40]}” isn't a source; use {', '.join(_SOURCES)}.", field="source")
    history = listening.history
    tracks = np.ones(len(history.track_ids), np.bool_)
    if wanted.track is not None:
        tracks &= same_recording(history, wanted.track)
    for ids, one in ((history.artist_ids, wanted.artist), (history.album_ids, wanted.album)):
        if one is not None:
            tracks &= ids == one
    if words := fold(wanted.query[:_LONGEST_QUERY]).split():
        tracks &= await _named(conn, history, words)
    return listening.only(tracks, _SOURCES.get(wanted.source))


def same_recording(history: History, track: int) -> Bools:
    """Which tracks are the same recording as this one, by index; none for one that isn't here."""
    place = np.flatnonzero(history.track_ids == track)
    stands = history.recorded(np.arange(len(history.track_ids), dtype=np.int32))
    alike: Bools = stands == (stands[place[0]] if len(place) else -1)
    return alike


def fold(text: str) -> str:
    """Without case and accents: what people type when they look for something.

    Letters are taken apart before their case is folded, since those of mathematics are capitals only then, and once more after it.
    """
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in small if not unicodedata.combining(letter))


async def _named(conn: Connection, history: History, words: list[str]) -> Bools:
    if history not in _folded:
        ids = history.track_ids.tolist()
        texts = await catalog.texts(conn, ids)
        _folded[history] = [fold(texts.get(one, "")) for one in ids]
    return np.fromiter((all(word in text for word in words) for text in _folded[history]), np.bool_, len(history.track_ids))
