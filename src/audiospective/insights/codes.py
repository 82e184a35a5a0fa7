"""Artists and albums as small numbers, so that what is counted by track can be added up for them without sorting each time."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from audiospective.archive.plays import I4, History


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """`ids` are different ids, ascending, 0 for none among them; `of_track` int32 gives each track's place in them."""

    ids: I4
    of_track: I4


#: Made once for a history; twelve bytes a track.
_held: WeakKeyDictionary[History, dict[str, Codes]] = WeakKeyDictionary()


def codes(history: History, ids_by_track: I4) -> Codes:
    """The codes of the history's own artists, albums or tracks, or of any other ids by track."""
    kept = _held.setdefault(history, {})
    own = {"artists": history.artist_ids, "albums": history.album_ids, "tracks": history.track_ids}
    name = next((name for name, ids in own.items() if ids is ids_by_track), None)
    if name is None:
        return _made(ids_by_track)
    if name not in kept:
        kept[name] = _made(ids_by_track)
    return kept[name]


def _made(ids_by_track: I4) -> Codes:
    ids, place = np.unique(ids_by_track, return_inverse=True)
    return Codes(ids, place.astype(np.int32))
