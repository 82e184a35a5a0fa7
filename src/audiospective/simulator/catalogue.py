"""The invented catalogue: some five hundred artists, their albums and tracks, and a few podcasts. Pure, made from one seed.

The same seed gives the same names, ids, lengths, release dates and covers in every process, so nothing needs to be kept.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from audiospective.simulator.words import SCENES, SHOWS, Scene

SEED = "audiospective-catalogue-1"
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Two digits at a time, the lower one first.
_PAIRS = [low + high for high in _BASE62 for low in _BASE62]
_SLOT = re.compile(r"\{(\w+)\}")


class Artist(NamedTuple):
    """Someone who makes music; `albums` are indices into the catalogue."""

    place: int
    id: str
    name: str
    scene: int
    picture: str
    albums: tuple[int, ...]


class Album(NamedTuple):
    """A record; `tracks` are indices into the catalogue, in playing order; `released` is an ISO day."""

    place: int
    id: str
    name: str
    artist: int
    kind: str
    released: str
    precision: str
    cover: str
    tracks: tuple[int, ...]


class Track(NamedTuple):
    """A song on an album; `guest` is another artist's index or -1."""

    place: int
    id: str
    name: str
    artist: int
    guest: int
    album: int
    number: int
    duration_ms: int
    isrc: str


class Episode(NamedTuple):
    """One instalment of a podcast."""

    show: int
    number: int
    id: str
    name: str
    duration_ms: int


class Catalogue(NamedTuple):
    """Everything there is to play."""

    artists: tuple[Artist, ...]
    albums: tuple[Album, ...]
    tracks: tuple[Track, ...]

    def by_scene(self, scene: int) -> list[Artist]:
        """The artists of one scene, the better known first."""
        return [artist for artist in self.artists if artist.scene == scene]


def identity(*parts: object) -> str:
    """A 22-character base62 id, like Spotify's, that belongs to these parts alone."""
    number = int.from_bytes(hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest(), "big")
    digits = []
    for _ in range(11):
        number, pair = divmod(number, 62 * 62)
        digits.append(_PAIRS[pair])
    return "".join(digits)


def hexadecimal(*parts: object, length: int = 24) -> str:
    """A hexadecimal name that belongs to these parts alone."""
    return hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=32).hexdigest()[:length]


def chance(*parts: object) -> random.Random:
    """A generator that always begins the same for the same parts."""
    return random.Random(int.from_bytes(hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest(), "big"))


@cache
def catalogue() -> Catalogue:
    """The whole catalogue; made once a process in about a tenth of a second."""
    press = _Press()
    for number, scene in enumerate(SCENES):
        press.sign(number, scene)
    return Catalogue(tuple(press.artists), tuple(press.albums), tuple(press.tracks))


@dataclass(slots=True)
class _Career:
    """An artist at work: what has been taken as a title, who could be a guest, what year it is."""

    artist: int
    name: str
    scene: Scene
    dice: random.Random
    peers: range
    year: int
    titles: set[str] = field(default_factory=set)

    def title(self) -> str:
        """A title that none of theirs has yet."""
        return _name_apart(self.scene.titles, self.scene, self.dice, self.titles)

    def minutes(self) -> float:
        """How long the next song is."""
        return min(max(self.dice.gauss(self.scene.minutes, self.scene.minutes * 0.22), 1.1), 13.0)


class _Press:
    """Presses records: grows the three lists of the catalogue."""

    def __init__(self) -> None:
        self.artists: list[Artist] = []
        self.albums: list[Album] = []
        self.tracks: list[Track] = []
        self._names: set[str] = set()

    def sign(self, number: int, scene: Scene) -> None:
        """All artists of a scene with all their records."""
        first = len(self.artists)
        for rank in range(scene.artists):
            dice = chance(SEED, "artist", scene.key, rank)
            name = _name_apart(scene.acts, scene, dice, self._names)
            place = len(self.artists)
            albums = self._discography(_Career(place, name, scene, dice, range(first, place), dice.randint(*scene.years)))
            self.artists.append(Artist(place, identity(SEED, "artist", place), name, number, hexadecimal("artist", place), albums))

    def _discography(self, career: _Career) -> tuple[int, ...]:
        dice = career.dice
        albums = []
        for _ in range(min(1 + int(dice.paretovariate(1.1)) + dice.randint(0, 2), 9)):
            albums.append(self._album(career, dice.choices(("album", "single", "ep"), (7, 3, 2))[0]))
            career.year += dice.choice((0, 1, 1, 2, 2, 3))
        return tuple(albums)

    def _album(self, career: _Career, kind: str) -> int:
        dice, place, first = career.dice, len(self.albums), len(self.tracks)
        length = {"album": dice.randint(8, 14), "single": 1, "ep": dice.randint(3, 5)}[kind]
        for number in range(1, length + 1):
            self.tracks.append(self._track(career, place, number))
        title = self.tracks[first + dice.randrange(length)].name.partition(" (feat.")[0].partition(" - ")[0]
        if kind == "album":
            title = dice.choices((career.title(), title, career.name), (6, 3, 1))[0]
        released = f"{career.year}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        precision = "year" if career.year < 1985 and dice.random() < 0.4 else "day"
        shelf = "single" if kind == "ep" else kind
        tracks = tuple(range(first, len(self.tracks)))
        album_id, cover = identity(SEED, "album", place), hexadecimal("cover", place)
        self.albums.append(Album(place, album_id, title, career.artist, shelf, released, precision, cover, tracks))
        return place

    def _track(self, career: _Career, album: int, number: int) -> Track:
        dice, place = career.dice, len(self.tracks)
        name = career.title()
        guest = dice.choice(career.peers) if len(career.peers) > 3 and dice.random() < 0.06 else -1
        if guest >= 0:
            name = f"{name} (feat. {self.artists[guest].name})"
        elif career.year < 1990 and dice.random() < 0.15:
            name = f"{name} - {dice.randint(2003, 2019)} Remaster"
        duration = int(career.minutes() * 60_000) + dice.randrange(1000)
        label = hexadecimal("label", career.artist, length=3).upper()
        isrc = f"{career.scene.market}{label}{career.year % 100:02}{place % 100_000:05}"
        return Track(place, identity(SEED, "track", place), name, career.artist, guest, album, number, duration, isrc)


def _name_apart(patterns: tuple[str, ...], scene: Scene, dice: random.Random, taken: set[str]) -> str:
    """A name that nobody of `taken` has; after many tries a number tells it apart."""
    for attempt in range(40):
        name = _SLOT.sub(lambda slot: dice.choice(scene.pools[slot[1]]), dice.choice(patterns))
        if attempt == 39:
            name = f"{name} {len(taken)}"
        if name not in taken:
            break
    taken.add(name)
    return name


@cache
def _subjects(show: int) -> tuple[str, ...]:
    return tuple(subject.strip() for subject in SHOWS[show][2].split(","))


def show_id(show: int) -> str:
    """The id of a podcast."""
    return identity(SEED, "show", show)


@cache
def episode(show: int, number: int) -> Episode:
    """The `number`th instalment of a podcast; there is one a week, for ever."""
    dice = chance(SEED, "episode", show, number)
    subjects = _subjects(show)
    subject = subjects[(number * 5 + number // len(subjects)) % len(subjects)]
    minutes = SHOWS[show][3] * (0.75 + 0.5 * dice.random())
    name = f"{number}. {subject[:1].upper()}{subject[1:]}"
    return Episode(show, number, identity(SEED, "episode", show, number), name, int(minutes * 60_000))
