"""The people who can sign in at the simulator: who they are, when and how they listen. Data only; `playing.py` lets them play."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from audiospective.simulator.catalogue import hexadecimal, identity

WORKDAYS, WEEKEND, EVERY_DAY = (0, 1, 2, 3, 4), (5, 6), (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Habit:
    """A kind of session that comes back: on which days (Monday is 0), how likely, when, how long, on what device."""

    days: tuple[int, ...]
    chance: float
    start: float
    """Local hour; may lie past 24 for the small hours of the next day."""
    spread: float
    """Hours by which the start usually differs."""
    minutes: float
    platform: str
    podcast: float = 0.0
    """How often it is a podcast."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A believable person; `id` is what Spotify would call them, `seed` what everything about them follows from."""

    seed: str
    name: str
    about: str
    zone_name: str
    country: str
    since: date
    habits: tuple[Habit, ...]
    scenes: tuple[tuple[str, float], ...]
    """Kinds of music by key, with how much they matter."""
    day_begins: int = 4
    """The local hour at which nobody expects them to listen."""
    skips: float = 0.16
    shuffles: float = 0.5
    albums: float = 0.2
    """How often a session is one record from the first song on."""
    restless: float = 0.25
    """How often a session goes looking for what is new."""

    @property
    def id(self) -> str:
        """Spotify's old kind of account id, in the person's own spelling or 25 characters of chance."""
        return "31" + identity("account", self.seed).lower()[:20]

    @property
    def account_id(self) -> str:
        """The stable, pseudonymous id of May 2026."""
        return hexadecimal("account", self.seed, length=32)

    @property
    def zone(self) -> ZoneInfo:
        """Where their clock hangs."""
        return ZoneInfo(self.zone_name)


_VETERAN = Listener(
    seed="veteran",
    name="Inês Carvalhal",
    about="Has listened since 2014, to nearly everything. About a hundred thousand plays.",
    zone_name="Europe/Lisbon",
    country="PT",
    since=date(2014, 3, 9),
    habits=(
        Habit(WORKDAYS, 0.62, 8.1, 0.3, 40, "ios", podcast=0.18),
        Habit(WORKDAYS, 0.36, 10.5, 1.2, 75, "osx"),
        Habit(WORKDAYS, 0.46, 18.2, 0.5, 42, "ios", podcast=0.1),
        Habit(EVERY_DAY, 0.34, 21.0, 1.0, 62, "ios"),
        Habit(WEEKEND, 0.50, 11.0, 1.2, 80, "osx"),
        Habit(WEEKEND, 0.3, 16.5, 1.5, 70, "android"),
    ),
    scenes=(("indie", 5), ("lusofonia", 4), ("folk", 2), ("electronic", 2), ("soul", 2), ("japanese", 1), ("arabic", 1), ("classic", 1)),
)
_REGULAR = Listener(
    seed="regular",
    name="Tomasz Żurek",
    about="Commute and evenings, a few favourites at a time. About twenty thousand plays since 2019.",
    zone_name="Europe/Warsaw",
    country="PL",
    since=date(2019, 9, 2),
    habits=(
        Habit(WORKDAYS, 0.55, 7.4, 0.25, 32, "android", podcast=0.3),
        Habit(WORKDAYS, 0.40, 16.6, 0.4, 30, "android"),
        Habit(EVERY_DAY, 0.17, 20.3, 1.1, 48, "windows"),
        Habit(WEEKEND, 0.33, 12.5, 1.8, 55, "android"),
    ),
    scenes=(("polish", 4), ("indie", 3), ("classic", 2), ("german", 1), ("pop", 1)),
    skips=0.12,
    restless=0.15,
)
_NEWCOMER = Listener(
    seed="newcomer",
    name="水瀬 澪",
    about="Began the day before yesterday. A dozen plays or so.",
    zone_name="Asia/Tokyo",
    country="JP",
    since=date(2026, 1, 1),
    habits=(Habit(EVERY_DAY, 1.0, 8.3, 0.3, 12, "ios"), Habit(EVERY_DAY, 0.6, 19.5, 0.8, 10, "ios")),
    scenes=(("japanese", 4), ("korean", 2), ("pop", 1)),
    skips=0.08,
)
_OWL = Listener(
    seed="owl",
    name="Rafael Jacarandá",
    about="Wide awake after midnight, electronic and loud, skips a lot. More than twenty thousand plays since 2022.",
    zone_name="America/Sao_Paulo",
    country="BR",
    since=date(2022, 5, 20),
    habits=(
        Habit(EVERY_DAY, 0.45, 23.2, 0.8, 70, "windows"),
        Habit(EVERY_DAY, 0.40, 25.6, 0.9, 60, "web_player"),
        Habit(WEEKEND, 0.40, 28.3, 0.7, 45, "windows"),
    ),
    scenes=(("electronic", 5), ("ambient", 2), ("latin", 2), ("lusofonia", 1)),
    day_begins=12,
    skips=0.34,
    shuffles=0.7,
    restless=0.45,
)
_PODCASTER = Listener(
    seed="podcaster",
    name="Märta Sjölund",
    about="Podcasts only, several hundred episodes. Spotify’s last-plays call never shows any of them; the export does.",
    zone_name="Europe/Stockholm",
    country="SE",
    since=date(2024, 1, 15),
    habits=(
        Habit(WORKDAYS, 0.6, 7.8, 0.3, 40, "ios", podcast=1.0),
        Habit(EVERY_DAY, 0.3, 17.9, 0.8, 45, "ios", podcast=1.0),
        Habit(WEEKEND, 0.4, 10.0, 1.0, 60, "web_player", podcast=1.0),
    ),
    scenes=(("nordic", 1),),
)


def roster(opened: date) -> tuple[Listener, ...]:
    """The five who can sign in; the newcomer began two days before the simulator was first opened."""
    return (_VETERAN, _REGULAR, replace(_NEWCOMER, since=opened - timedelta(days=2)), _OWL, _PODCASTER)


def devotee() -> Listener:
    """Somebody who never switches it off: some 200 plays a day since Spotify opened, for measuring with a million of them."""
    sittings = ((7, "ios"), (11, "osx"), (16, "ios"), (20, "osx"))
    habits = tuple(Habit(EVERY_DAY, 0.97, hour, 0.1, 150, platform, podcast=0.02) for hour, platform in sittings)
    return replace(_VETERAN, seed="devotee", name="Ottilie Penhallow", since=date(2008, 10, 7), habits=habits, skips=0.33)
