"""What somebody wants counted: how long a play must be heard, and what is left out. Stored plays stay as they are."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

MOST_SECONDS: Final = 600
_MOST_RULES: Final = 500
_PLAYLIST: Final = re.compile(
    r"(?:https://open\.spotify\.com/(?:intl-[a-z-]{2,8}/)?playlist/|spotify:playlist:)([A-Za-z0-9]{10,64})(?:[?#].*)?"
)


class RuleKind(StrEnum):
    """What a rule leaves out."""

    ARTIST = "artist"
    ALBUM = "album"
    TRACK = "track"
    HOURS = "hours"
    STRETCH = "stretch"
    """An evening, a party, a week of somebody else's music."""
    PRIVATE = "private"
    """What was heard in private sessions, as far as an export tells."""
    PLAYLIST = "playlist"
    """What was played from a playlist, as far as Spotify's call told; `name` is its bare id."""


class Rule(msgspec.Struct, frozen=True):
    """One thing that is left out; `target` is its id, of hours the first × 100 + the last, of a stretch its first minute since 1970,
    of a playlist a number made of its id.
    """

    id: int
    kind: str
    target: int
    name: str
    until_minute: int | None = None


class Wanted(msgspec.Struct, frozen=True):
    """All of it."""

    least_play_s: int
    rules: tuple[Rule, ...]

    @property
    def playlists(self) -> frozenset[str]:
        """Bare ids of the playlists that are left out."""
        return frozenset(rule.name for rule in self.rules if rule.kind == RuleKind.PLAYLIST)

    def targets(self, kind: RuleKind) -> frozenset[int]:
        """What the rules of one kind leave out."""
        return frozenset(rule.target for rule in self.rules if rule.kind == kind)


async def wanted(conn: Connection, user: int) -> Wanted:
    """What somebody wants counted; raises NotFound."""
    least = await fetch_one(conn, sql["least"], int, user=user)
    if least is None:
        raise NotFound("This account doesn't exist on this instance any more.")
    return Wanted(least, tuple(await fetch_all(conn, sql["rules"], Rule, user=user)))


async def set_least(conn: Connection, user: int, seconds: int) -> None:
    """From now on a play counts from so many seconds on. Raises Invalid."""
    if not 0 <= seconds <= MOST_SECONDS:
        raise Invalid(f"“{seconds}” isn't possible; a play counts from 0 to {MOST_SECONDS} seconds on.", field="leastPlaySeconds")
    await execute(conn, sql["set_least"], user=user, seconds=seconds)


async def leave_out(conn: Connection, user: int, kind: RuleKind, targets: Mapping[int, str], now: datetime) -> int:
    """Leave these out, by id and name; how many weren't before. Raises Invalid when there are too many rules."""
    ids, names = list(targets), list(targets.values())
    added = await execute(conn, sql["leave_out"], user=user, kind=kind, targets=ids, names=names, now=now)
    if len((await wanted(conn, user)).rules) > _MOST_RULES:
        raise Invalid(f"More than {_MOST_RULES} things can't be left out.", field="name")
    return added


async def leave_out_stretch(conn: Connection, user: int, begin: datetime, end: datetime, *, name: str, now: datetime) -> None:
    """Leave out everything that ended from `begin` to before `end`; raises Invalid for one that is empty or longer than a year."""
    first, last = int(begin.timestamp() // 60), int(end.timestamp() // 60)
    if not first < last <= first + 366 * 1440:
        raise Invalid("The stretch must end after it begins, within a year.", field="end")
    await execute(conn, sql["leave_out_stretch"], user=user, first=first, last=last, name=name, now=now)


async def show_again(conn: Connection, user: int, rule: int) -> None:
    """Take a rule back; raises NotFound for anybody else's."""
    if not await execute(conn, sql["show_again"], user=user, rule=rule):
        raise NotFound("There is no such rule of yours; perhaps it was taken back already.")


def playlist(address: str) -> dict[int, str]:
    """A playlist by its link or address, as `leave_out` takes it. Raises Invalid."""
    found = _PLAYLIST.fullmatch(address.strip())
    if found is None:
        raise Invalid("Paste the playlist's link, as in https://open.spotify.com/playlist/37i9dQZF1DX0XUsuxWHRQd.", field="name")
    return {zlib.crc32(found[1].encode()) >> 1: found[1]}


def hours(first: int, last: int) -> dict[int, str]:
    """The hours from one to another, both within, as `leave_out` takes them; over midnight when the last is smaller. Raises Invalid."""
    if not (0 <= first <= 23 and 0 <= last <= 23):
        raise Invalid(f"“{first} to {last}” aren't hours of a day; use 0 to 23.", field="hours")
    return {first * 100 + last: f"{first:02d}:00 to {last:02d}:59"}
