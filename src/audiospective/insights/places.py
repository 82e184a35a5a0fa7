"""On what was it heard, and in which country, where the source tells?"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import numpy as np

from audiospective.archive.plays import Evidence, country_of
from audiospective.insights.listening import Listening

#: The first that is part of what a source calls the platform names the kind of device; exports have hundreds of spellings.
_KINDS: Final = (
    ("web_player", "Web player"),
    ("web player", "Web player"),
    ("webplayer", "Web player"),
    ("cast", "TV and speakers"),
    ("tv", "TV and speakers"),
    ("sonos", "TV and speakers"),
    ("speaker", "TV and speakers"),
    ("playstation", "Game console"),
    ("xbox", "Game console"),
    ("ps4", "Game console"),
    ("ps5", "Game console"),
    ("partner", "TV and speakers"),
    ("garmin", "Watch"),
    ("watch", "Watch"),
    ("android", "Android"),
    ("ios", "iPhone and iPad"),
    ("iphone", "iPhone and iPad"),
    ("ipad", "iPhone and iPad"),
    ("windows", "Windows"),
    ("os x", "Mac"),
    ("macos", "Mac"),
    ("osx", "Mac"),
    ("linux", "Linux"),
)
OTHER: Final = "Something else"


class Places(msgspec.Struct, frozen=True):
    """Plays by kind of device and by country (two letters), most first, ties by name; `…_told` of `plays` have one at all."""

    plays: int
    devices_told: int
    devices: tuple[tuple[str, int], ...]
    countries_told: int
    countries: tuple[tuple[str, int], ...]


def places(listening: Listening, evidence: Evidence) -> Places:
    """Where a period was heard; `evidence` has a row for each of the history. Only Spotify's extended history tells."""
    platforms, plays = np.unique(evidence.platform[listening.row], return_counts=True)
    devices: Counter[str] = Counter()
    for one, count in zip(platforms.tolist(), plays.tolist(), strict=True):
        word = evidence.platforms.get(one, "")
        if word:
            devices[kind(word)] += count
    codes, heard = np.unique(evidence.country[listening.row], return_counts=True)
    countries = Counter({country_of(int(code)): int(count) for code, count in zip(codes, heard, strict=True) if code})
    return Places(len(listening), devices.total(), _ranked(devices), countries.total(), _ranked(countries))


def kind(platform: str) -> str:
    """The kind of device that a source's word for a platform means."""
    low = platform.casefold()
    return next((name for part, name in _KINDS if part in low), OTHER)


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
