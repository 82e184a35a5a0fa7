"""From (person, range) to a Listening: the only such path, so that page, API, CLI and share can't see different plays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from audiospective.accounts import lenses
from audiospective.accounts.lenses import RuleKind
from audiospective.archive import playlists
from audiospective.archive.history import HistoryCache
from audiospective.archive.plays import UserId
from audiospective.errors import NotFound
from audiospective.infra.database import Connection, fetch_one
from audiospective.infra.statements import statements
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone, day_of

sql = statements(__name__)


class Listener(Protocol):
    """Whose listening it is: an id and the zone of their days."""

    @property
    def id(self) -> int:
        """Their number here."""
        ...

    @property
    def time_zone(self) -> str:
        """IANA name."""
        ...


async def listening(conn: Connection, cache: HistoryCache, person: Listener, spelling: str, now: datetime) -> Listening:
    """The person's listening over a range, in their zone. Raises Invalid(field="range")."""
    zone = Zone.named(person.time_zone)
    period = parse(spelling, now, zone)
    return see(await cache.get(conn, UserId(person.id)), zone, period, await _lens(conn, person.id), now)


async def fingerprint(conn: Connection, person: Listener, now: datetime) -> str:
    """Equal as long as every question of plays has the same answer for this person; known without asking any. Raises NotFound.

    It names them, the state of their archive, what is told of music, their zone, what they count, and their day, since ranges end today.
    """
    zone = Zone.named(person.time_zone)
    state = await fetch_one(conn, sql["state"], str, user=person.id)
    if state is None:
        raise NotFound("There is no such listener here.")
    return f"{person.id} {state} {zone.name} {zone.today(now)}"


async def _lens(conn: Connection, user: int) -> Lens:
    """What this person wants counted."""
    kept = await lenses.wanted(conn, user)
    return Lens(
        min_ms=kept.least_play_s * 1000,
        artists=kept.targets(RuleKind.ARTIST),
        albums=kept.targets(RuleKind.ALBUM),
        tracks=kept.targets(RuleKind.TRACK),
        hours=frozenset(divmod(one, 100) for one in kept.targets(RuleKind.HOURS)),
        stretches=frozenset((one.target, one.until_minute or 0) for one in kept.rules if one.kind == RuleKind.STRETCH),
        no_private=bool(kept.targets(RuleKind.PRIVATE)),
        playlists=kept.playlists,
        from_them=tuple(await playlists.ends(conn, UserId(user), kept.playlists)) if kept.playlists else (),
    )


def first_day(seen: Listening) -> date | None:
    """The local day of the first play that the archive has under this lens, whatever the period; None without one."""
    return day_of(seen.everything.day.min()) if len(seen.heard) else None


#: What a dashboard shows when nobody says which range: the shortest of these that has plays.
USUAL = ("7d", "30d", "90d", "365d", "all")


async def lately(conn: Connection, cache: HistoryCache, person: Listener, now: datetime) -> Listening:
    """The person's listening over the shortest usual range that has plays; seven days when none has."""
    newest = await listening(conn, cache, person, USUAL[0], now)
    ranges = (newest.over(parse(spelling, now, newest.zone)) for spelling in USUAL)
    return next((seen for seen in ranges if len(seen)), newest)
