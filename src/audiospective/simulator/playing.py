"""Lets a listener play: day by day, each day from its own seed, so that any window of time can be asked for by itself.

`plays(listener, since, until)` is a pure function: asked twice, or in pieces, it gives the same plays. Nothing overlaps: a
listener's day ends before the next begins, and within a day one thing plays after the other.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from audiospective.simulator.catalogue import catalogue, chance, episode
from audiospective.simulator.listeners import Habit, Listener
from audiospective.simulator.taste import Phase, phase, phase_number
from audiospective.simulator.words import SHOWS

#: Every podcast has a new episode each Monday since.
_FIRST_EPISODE = date(2015, 1, 5)


class Session(NamedTuple):
    """What the plays of one sitting share."""

    platform: str
    shuffle: bool
    incognito: bool
    context: str
    """`playlist:ID`, `album:ID`, `artist:ID` or "" where Spotify tells none."""
    uploaded_ms: int
    """When a device that was offline reported the sitting; 0 when it was online."""


class Play(NamedTuple):
    """One thing heard, wholly or in part; times are milliseconds since 1970 UTC."""

    ended_ms: int
    seen_ms: int
    """When Spotify's last-plays call begins to show it."""
    ms_played: int
    track: int
    """Index into the catalogue's tracks, or -1 for an episode."""
    show: int
    number: int
    reason_start: str
    reason_end: str
    session: Session

    @property
    def is_shown(self) -> bool:
        """Whether the last-plays call ever shows it: songs heard for more than 30 s, and not in a private session."""
        return self.track >= 0 and self.ms_played > 30_000 and not self.session.incognito


def plays(listener: Listener, since_ms: int, until_ms: int) -> Iterator[Play]:
    """All plays that ended after `since_ms` and not after `until_ms`, oldest first."""
    for day in _days(listener, since_ms, until_ms):
        for play in played_on(listener, day):
            if since_ms < play.ended_ms <= until_ms:
                yield play


def last_shown(listener: Listener, now_ms: int, count: int, days: int) -> list[Play]:
    """The newest `count` plays that the last-plays call shows at a moment, newest first, none older than `days`."""
    oldest_ms = now_ms - days * 86_400_000
    found: list[Play] = []
    for day in reversed(_days(listener, oldest_ms, now_ms)):
        found += [play for play in reversed(played_on(listener, day)) if play.is_shown and play.seen_ms <= now_ms]
        if len(found) >= count:
            break
    return [play for play in found if oldest_ms < play.ended_ms <= now_ms][:count]


def _days(listener: Listener, since_ms: int, until_ms: int) -> list[date]:
    first = max(_local_day(listener, since_ms), listener.since)
    last = _local_day(listener, until_ms)
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def _local_day(listener: Listener, moment_ms: int) -> date:
    local = datetime.fromtimestamp(moment_ms / 1000, listener.zone)
    return (local - timedelta(hours=listener.day_begins)).date()


@lru_cache(maxsize=1024)
def played_on(listener: Listener, day: date) -> tuple[Play, ...]:
    """Everything heard on one of the listener's days, oldest first; a day begins at the hour `day_begins`."""
    if day < listener.since:
        return ()
    dice = chance("day", listener.seed, day.toordinal())
    mood = _mood(listener, day)
    deck = _Deck(listener, phase(listener, phase_number(listener, day)), dice, day)
    free_ms, end_ms = _moment(listener, day, listener.day_begins), _moment(listener, day, listener.day_begins + 24)
    sittings = [(habit.start + dice.gauss(0, habit.spread), habit) for habit in listener.habits if _comes(habit, day, mood, dice)]
    for hour, habit in sorted(sittings, key=lambda sitting: sitting[0]):
        start_ms = max(_moment(listener, day, hour), free_ms) + dice.randrange(60_000)
        free_ms = deck.sit(habit, start_ms, end_ms)
    return tuple(deck.played)


def _comes(habit: Habit, day: date, mood: float, dice: random.Random) -> bool:
    return day.weekday() in habit.days and dice.random() < habit.chance * mood


def _moment(listener: Listener, day: date, hour: float) -> int:
    """A local hour of a day as a moment; hours past 24 belong to the next."""
    whole, part = divmod(hour, 24)
    wall = datetime.combine(day, datetime.min.time(), listener.zone) + timedelta(days=int(whole), seconds=int(part * 3600))
    return int(wall.timestamp() * 1000)


@lru_cache(maxsize=4096)
def _mood(listener: Listener, day: date) -> float:
    """How much is listened around a day: more in winter, good years and bad, weeks away with hardly any."""
    year, week, _ = day.isocalendar()
    away = chance("away", listener.seed, year).sample(range(1, 53), 2)
    if week in away:
        return 0.15
    season = 1.0 + 0.14 * math.cos((day.timetuple().tm_yday - 10) * math.tau / 365)
    return season * chance("year", listener.seed, year).uniform(0.82, 1.12) * chance("week", listener.seed, year, week).uniform(0.75, 1.2)


class _Deck:
    """Plays one day's sittings into `played`."""

    def __init__(self, listener: Listener, taste: Phase, dice: random.Random, day: date) -> None:
        self.played: list[Play] = []
        self._listener, self._taste, self._dice, self._day = listener, taste, dice, day
        self._tracks = catalogue().tracks

    def sit(self, habit: Habit, start_ms: int, limit_ms: int) -> int:
        """One sitting from `start_ms`; gives when it ended, never later than `limit_ms`."""
        dice = self._dice
        stop_ms = min(start_ms + int(habit.minutes * dice.uniform(0.4, 1.6) * 60_000), limit_ms)
        first = len(self.played)
        if dice.random() < habit.podcast:
            end_ms = self._episodes(habit, start_ms, stop_ms)
        else:
            end_ms = self._songs(habit, start_ms, stop_ms, limit_ms)
        if dice.random() < 0.02 and len(self.played) > first:
            self._report_late(first, end_ms + int(dice.uniform(0.5, 30) * 3_600_000))
        return end_ms

    def _songs(self, habit: Habit, start_ms: int, stop_ms: int, limit_ms: int) -> int:
        """Songs until the time is up; the last one begun is usually heard out."""
        dice = self._dice
        source, context, shuffle = self._programme()
        session = Session(habit.platform, shuffle, dice.random() < 0.01, context, 0)
        at_ms, reason = start_ms, "clickrow"
        for song in source:
            duration = self._tracks[song].duration_ms
            heard, ending = self._hear(duration)
            if at_ms >= stop_ms or at_ms + heard >= limit_ms:
                break
            at_ms += heard
            self.played.append(Play(at_ms, at_ms + dice.randrange(2_000, 240_000), heard, song, -1, 0, reason, ending, session))
            at_ms += dice.randrange(0, 900) if dice.random() < 0.96 else dice.randrange(10_000, 420_000)
            reason = ending if ending in {"trackdone", "fwdbtn"} else "playbtn"
        return at_ms

    def _hear(self, duration: int) -> tuple[int, str]:
        """How much of a song is heard, and why it ended."""
        roll = self._dice.random()
        if roll > self._listener.skips:
            return duration, "trackdone"
        if roll < 0.01:
            return self._dice.choice((0, duration // 2)), "endplay"
        if roll < self._listener.skips * 0.55:
            return self._dice.randrange(600, 29_000), "fwdbtn"
        return min(int(duration * self._dice.uniform(0.15, 0.9)), duration), "fwdbtn"

    def _programme(self) -> tuple[Iterator[int], str, bool]:
        """What a sitting plays, from where, and whether shuffled."""
        dice, taste = self._dice, self._taste
        shuffle = dice.random() < self._listener.shuffles
        roll = dice.random()
        if roll < self._listener.albums and taste.albums:
            album = catalogue().albums[taste.albums[int(len(taste.albums) * dice.random() ** 2)]]
            return self._then_favourites(album.tracks), f"album:{album.id}", False
        if roll < self._listener.albums + self._listener.restless * 0.6 and taste.strangers:
            return self._exploring(), "" if dice.random() < 0.7 else f"playlist:{taste.playlist}", shuffle
        return self._favourites(), dice.choice(("", f"playlist:{taste.playlist}")), shuffle

    def _then_favourites(self, songs: tuple[int, ...]) -> Iterator[int]:
        yield from songs
        yield from self._favourites()

    def _exploring(self) -> Iterator[int]:
        known = self._favourites()
        while True:
            yield self._dice.choice(self._taste.strangers) if self._dice.random() < 0.7 else next(known)

    def _favourites(self) -> Iterator[int]:
        """Songs of the phase by how much they are loved; none returns within the next dozen, but the obsession."""
        dice, taste = self._dice, self._taste
        obsession = taste.obsessions[self._day.toordinal() // 14 % len(taste.obsessions)]
        recent: list[int] = []
        while True:
            song = obsession if dice.random() < 0.05 else taste.songs[bisect(taste.weights, dice.random() * taste.weights[-1])]
            if song not in recent[-12:] or len(taste.songs) < 20:
                recent.append(song)
                yield song

    def _episodes(self, habit: Habit, start_ms: int, stop_ms: int) -> int:
        """An episode, or part of one, then perhaps the next."""
        dice = self._dice
        session = Session(habit.platform, False, False, "", 0)
        newest = (self._day - _FIRST_EPISODE).days // 7
        at_ms = start_ms
        while at_ms < stop_ms - 120_000:
            show = int(len(SHOWS) * dice.random() ** 1.7)
            told = episode(show, max(newest - int(dice.expovariate(0.6)), 1))
            heard = min(told.duration_ms, stop_ms - at_ms) if dice.random() < 0.85 else min(dice.randrange(5_000, 60_000), stop_ms - at_ms)
            at_ms += heard
            reason = "trackdone" if heard == told.duration_ms else "endplay"
            self.played.append(Play(at_ms, at_ms, heard, -1, show, told.number, "clickrow", reason, session))
            at_ms += dice.randrange(1_000, 20_000)
        return at_ms

    def _report_late(self, first: int, uploaded_ms: int) -> None:
        """The device was offline: Spotify hears of the whole sitting only when it is back (1–2 % of all plays)."""
        session = self.played[first].session._replace(uploaded_ms=uploaded_ms)
        self.played[first:] = [play._replace(seen_ms=uploaded_ms, session=session) for play in self.played[first:]]
