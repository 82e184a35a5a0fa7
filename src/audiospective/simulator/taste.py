"""What somebody is into at a time: phases of a few months, each with artists, songs and a song that won't go away. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from audiospective.simulator.catalogue import Catalogue, catalogue, chance, identity
from audiospective.simulator.listeners import Listener
from audiospective.simulator.words import SCENES

PHASE_DAYS = 84
_SCENE_NUMBER = {scene.key: number for number, scene in enumerate(SCENES)}


class Phase(NamedTuple):
    """A few months: songs with running weights (for choosing by bisection), records to hear whole, artists met in passing."""

    number: int
    songs: tuple[int, ...]
    weights: tuple[float, ...]
    albums: tuple[int, ...]
    strangers: tuple[int, ...]
    obsessions: tuple[int, ...]
    """A song a fortnight."""
    playlist: str


def phase_number(listener: Listener, day: date) -> int:
    """Which phase a day belongs to; borders wander by up to three weeks, so that no two phases are equally long."""
    ordinal = day.toordinal()
    number = ordinal // PHASE_DAYS
    return number if ordinal % PHASE_DAYS >= chance("border", listener.seed, number).randrange(21) else number - 1


@lru_cache(maxsize=512)
def phase(listener: Listener, number: int) -> Phase:
    """The taste of one phase: favourites of the phase, some of the one before, and those for life."""
    shelf = catalogue()
    today = date.fromordinal(number * PHASE_DAYS).isoformat()
    loved = _artists(listener, ("loved",), 12)
    lately = [artist for back in (0, 1) for artist in _artists(listener, ("lately", number - back), 9 - 4 * back)]
    dice = chance("phase", listener.seed, number)
    weighted: dict[int, float] = {}
    for rank, artist in enumerate([*lately, *loved]):
        for song in _songs_of(shelf, artist, today):
            weighted[song] = max(weighted.get(song, 0.0), dice.paretovariate(1.15) / (1.5 + rank * 0.35))
    songs = sorted(weighted, key=lambda song: -weighted[song])[:160]
    albums = [album for artist in [*lately, *loved] for album in shelf.artists[artist].albums if _is_whole(shelf, album, today)]
    strangers = [song for artist in _artists(listener, ("strangers", number), 60) for song in _songs_of(shelf, artist, today)]
    return Phase(
        number,
        tuple(songs),
        tuple(accumulate(weighted[song] for song in songs)),
        tuple(albums),
        tuple(strangers),
        tuple(dice.choice(songs[:25]) for _ in range(PHASE_DAYS // 14 + 2)) if songs else (),
        identity("playlist", listener.seed, number % 7),
    )


def _artists(listener: Listener, occasion: tuple[object, ...], count: int) -> list[int]:
    """Artists for an occasion: scenes by how much they matter, the better known of each more often; all different."""
    dice = chance("artists", listener.seed, *occasion)
    scenes = [_SCENE_NUMBER[key] for key, _ in listener.scenes]
    weights = [weight for _, weight in listener.scenes]
    chosen: dict[int, None] = {}
    for _ in range(count):
        members = _members(dice.choices(scenes, weights)[0])
        chosen[members[int(len(members) * dice.random() ** 1.6)]] = None
    return list(chosen)


@lru_cache(maxsize=64)
def _members(scene: int) -> list[int]:
    return [artist.place for artist in catalogue().by_scene(scene)]


def _songs_of(shelf: Catalogue, artist: int, today: str) -> list[int]:
    albums = (shelf.albums[album] for album in shelf.artists[artist].albums)
    return [song for album in albums if album.released < today for song in album.tracks]


def _is_whole(shelf: Catalogue, album: int, today: str) -> bool:
    return shelf.albums[album].kind == "album" and shelf.albums[album].released < today
