"""Days and hours as the listener's clocks showed them; UTC columns in, local ones out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
import numpy as np

from audiospective.archive.plays import I4, I8
from audiospective.errors import Invalid

_DAY_S = 86_400
#: Zones are tabulated between these; nobody has plays outside, and the last known offset holds beyond.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
#: No zone has changed its offset twice within so few days since 2000.
_SAMPLE = timedelta(days=5)
_EPOCH = date(1970, 1, 1)
#: Fifty moves have some 2,000 characters.
_LONGEST = 3_000


class Zone(msgspec.Struct, frozen=True):
    """A clock: an IANA time zone, or several of somebody who moved, as in `Asia/Tokyo<2019-05-01;Europe/Lisbon`: Tokyo until before that
    day (which began in Tokyo), Lisbon since.
    """

    name: str

    @staticmethod
    def named(name: str) -> Zone:
        """The clock of that name; raises Invalid for anything that isn't one."""
        if not all(zone in _names() for zone, _ in _stays(name[:_LONGEST])) or len(name) > _LONGEST:
            raise Invalid(f"“{name[:60]}” isn't a time zone; it must be a name like Europe/Lisbon or UTC.", field="timeZone")
        return Zone(name)

    @property
    def current(self) -> str:
        """The zone that holds now."""
        return _stays(self.name)[-1][0]

    @property
    def lived(self) -> tuple[tuple[str, date], ...]:
        """Zones of before, each with the local day before which it ended, oldest first."""
        return tuple((zone, until) for zone, until in _stays(self.name) if until is not None)

    def midnight(self, day: date) -> datetime:
        """When a local day began (UTC): on the day of a move eastwards with the move, since the later zone's midnight lay before it."""
        stays, ends = _stays(self.name), _ends(self.name)
        place = next(place for place, (_, until) in enumerate(stays) if until is None or day < until)
        began = datetime.combine(day, time(), ZoneInfo(stays[place][0])).astimezone(UTC)
        moved_us = ends[place - 1][1] if place else None
        return began if moved_us is None else max(began, datetime.fromtimestamp(moved_us // 1_000_000, UTC))

    def local_seconds(self, ended_at: I8) -> I8:
        """`(n,)` int64 seconds on the local clock since 1970 for ascending µs UTC."""
        changes, offsets = _table(self.name)
        edges = np.searchsorted(ended_at, changes)
        counts = np.diff(np.concatenate(([0], edges, [len(ended_at)])))
        return ended_at // 1_000_000 + np.repeat(offsets, counts)

    def days(self, ended_at: I8) -> I4:
        """`(n,)` int32 local days since 1970 for ascending µs UTC."""
        return (self.local_seconds(ended_at) // _DAY_S).astype(np.int32)

    def hours(self, ended_at: I8) -> I4:
        """`(n,)` int32 local hour of the day, 0 to 23, for ascending µs UTC."""
        return (self.local_seconds(ended_at) % _DAY_S // 3600).astype(np.int32)

    def today(self, now: datetime) -> date:
        """The local date of a moment."""
        return self.local(now).date()

    def local(self, moment: datetime) -> datetime:
        """A moment on the local clock."""
        us = int(moment.timestamp() * 1_000_000)
        return moment.astimezone(ZoneInfo(next(zone for zone, end in _ends(self.name) if end is None or us < end)))


def ordinal(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The date of a number of days since 1970."""
    return date.fromordinal(_EPOCH.toordinal() + int(number))


def months(day: I4) -> I8:
    """`(n,)` int64 months since January 1970 for local days, in any order."""
    if not len(day):
        return np.zeros(0, np.int64)
    low, high = int(day.min()), int(day.max())
    table = np.arange(low, high + 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    found: I8 = table[day - np.int32(low)]  # looking up is ten times faster than turning each into a date
    return found


def month_start(number: int) -> date:
    """The first day of a month since January 1970."""
    return date(1970 + number // 12, number % 12 + 1, 1)


def month_number(day: date) -> int:
    """Months since January 1970."""
    return (day.year - 1970) * 12 + day.month - 1


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _stays(name: str) -> tuple[tuple[str, date | None], ...]:
    """Zones of a clock with the local day before which each ended, None for the one that holds."""
    found: list[tuple[str, date | None]] = []
    *past, current = name.split(";")
    for one in past:
        zone, _, until = one.partition("<")
        try:
            found.append((zone, date.fromisoformat(until)))
        except ValueError as error:
            raise Invalid(f"“{one[:60]}” isn't a move; it must be like Asia/Tokyo<2019-05-01.", field="timeZone") from error
    return (*found, (current, None))


@cache
def _ends(name: str) -> tuple[tuple[str, int | None], ...]:
    """The same with moments (µs UTC), which ascend: a day that ended sooner than the one before, over the date line, lasted no time."""
    found: list[tuple[str, int | None]] = []
    latest: int | None = None
    for zone, until in _stays(name):
        if until is None:
            found.append((zone, None))
            continue
        end = _midnight_us(until, zone)
        latest = end if latest is None else max(latest, end)
        found.append((zone, latest))
    return tuple(found)


def _midnight_us(day: date, zone: str) -> int:
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * 1_000_000


@cache
def _table(name: str) -> tuple[I8, I8]:
    """Moments (µs UTC) at which the offset changes, and the offset (s) before the first and after each of them; moves are changes too."""
    changes: list[int] = []
    offsets: list[int] = []
    begin: int | None = None
    for zone, end in _ends(name):
        at, are = _of_zone(zone)
        low = 0 if begin is None else int(np.searchsorted(at, begin, side="right"))
        high = len(at) if end is None else int(np.searchsorted(at, end))
        offsets += are[low : max(high, low) + 1].tolist()
        changes += at[low:high].tolist()
        changes += [] if end is None else [end]
        begin = end
    return np.array(changes, np.int64), np.array(offsets, np.int64)


@cache
def _of_zone(name: str) -> tuple[I8, I8]:
    """The same of one zone."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"“{name[:60]}” isn't a time zone.", field="timeZone") from error
    changes: list[int] = []
    offsets = [_offset(zone, _FIRST)]
    moment = _FIRST
    while moment < _LAST:
        after = moment + _SAMPLE
        if _offset(zone, after) != offsets[-1]:
            changes.append(_change(zone, moment, after))
            offsets.append(_offset(zone, after))
        moment = after
    return np.array(changes, np.int64), np.array(offsets, np.int64)


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    delta = moment.astimezone(zone).utcoffset()
    return int(delta.total_seconds()) if delta else 0


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> int:
    """µs UTC of the second at which the offset of `low` ends, by halving."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return int(high.timestamp()) * 1_000_000
