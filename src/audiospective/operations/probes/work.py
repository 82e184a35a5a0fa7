"""Is the hourly work done, and for whom? Read-only questions about sweeps, permissions and people; counts, never names."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from audiospective.accounts.grants import EXPIRED
from audiospective.collect import hours
from audiospective.collect.rhythm import LONGEST
from audiospective.errors import Unavailable
from audiospective.infra.database import Connection, Database, fetch_all, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import ledger
from audiospective.operations.judge import Reading
from audiospective.operations.release_state import DEPLOYED, ROLLED_BACK

sql = statements(__name__)

_BEAT = timedelta(seconds=90)
_LATE = timedelta(minutes=10)
_DAY = timedelta(hours=24)
#: Whoever was begun with so lately may still be asked about.
_UNDER_WAY = timedelta(minutes=5)
#: What Spotify says of a permission that its listener took back; of a token that we lost it says something else.
_TAKEN_BACK = "Refresh token revoked"

_NAMES = (
    "scheduler.is_alive",
    "scheduler.behind_minutes",
    "scheduler.next_sweep_minutes",
    "scheduler.people_late",
    "scheduler.unfinished",
    "scheduler.refresh_failures",
    "people.accounts",
    "people.new_accounts",
    "people.week_accounts",
    "people.sweeps_done",
    "people.shares",
)


async def look(db: Database, now: datetime) -> dict[str, Reading]:
    """Every reading; all are unknown, with the reason, when the database can't be reached."""
    try:
        async with db.reading() as conn:
            return await _scheduler(conn, now) | await _people(conn, now)
    except Unavailable as error:
        return {name: Reading(source="database", problem=error.message) for name in _NAMES}


class _Refreshing(msgspec.Struct, frozen=True):
    failed: int
    revoked: int


async def _scheduler(conn: Connection, now: datetime) -> dict[str, Reading]:
    beat = await fetch_one(conn, sql["last_beat"], datetime)
    behind = await fetch_one(conn, sql["behind_since"], datetime, longest=LONGEST)
    following = await fetch_one(conn, sql["next_sweep"], datetime)
    connected = await fetch_one(conn, sql["connected"], int)
    unplanned = Reading(source="sweeps", problem=f"{connected} people are connected, and none of them is on the plan")
    nobody = unplanned if connected else Reading(source="sweeps", inapplicable="nobody is connected to Spotify")
    return {
        "scheduler.is_alive": Reading("yes" if beat and now - beat < _BEAT else "no", "heartbeats"),
        "scheduler.behind_minutes": Reading(max(_minutes(now - behind), 0), "sweeps") if behind else nobody,
        "scheduler.next_sweep_minutes": Reading(max(_minutes(following - now), 0), "sweeps") if following else nobody,
        "scheduler.people_late": Reading(
            await fetch_one(conn, sql["late"], int, before=now - _LATE), "sweeps", await fetch_one(conn, sql["causes"], str) or ""
        ),
        "scheduler.refresh_failures": await _refreshing(conn, now),
        "scheduler.unfinished": await _unfinished(conn, now, behind, following) if behind and following else nobody,
    }


async def _refreshing(conn: Connection, now: datetime) -> Reading:
    """Since the release that serves was let in, for a day at most."""
    cut = await ledger.last_of(conn, DEPLOYED, ROLLED_BACK)
    since = max(cut.at, now - _DAY) if cut else now - _DAY
    (found,) = await fetch_all(conn, sql["refreshing"], _Refreshing, since=since, expired=EXPIRED, revoked=_TAKEN_BACK)
    return Reading(found.failed, "permissions", f"since {since:%Y-%m-%d %H:%M} UTC; {found.revoked} were taken back by their listeners")


async def _unfinished(conn: Connection, now: datetime, behind: datetime, following: datetime) -> Reading:
    """Of the sweeps of this hour and the one before: people whom no worker saw to in the end; nobody, where nobody was due."""
    found = await hours.since(conn, now - timedelta(hours=1))
    if found.begun_at is None:
        newest = (await hours.since(conn, now - hours.KEPT)).begun_at
        if newest is None or now - behind > _LATE:
            return Reading(source="sweeps", problem="no sweep began in this hour or the one before; does a worker run?")
        return Reading(0, "sweeps", f"nobody was due since {newest:%H:%M} UTC, next due {following:%H:%M} UTC")
    left = found.people - found.ended
    if left and now - found.begun_at < _UNDER_WAY:
        return Reading(source="sweeps", problem=f"{left} people are being asked about just now; look again in a minute")
    return Reading(left, "sweeps", f"{found.people:,} begun with, {found.troubled:,} in trouble, {found.stored:,} new plays")


async def _people(conn: Connection, now: datetime) -> dict[str, Reading]:
    since, week = now - _DAY, now - 7 * _DAY
    return {
        "people.accounts": Reading(await fetch_one(conn, sql["accounts"], int), "people"),
        "people.new_accounts": Reading(await fetch_one(conn, sql["new_accounts"], int, since=since), "people", "in 24 hours"),
        "people.week_accounts": Reading(await fetch_one(conn, sql["new_accounts"], int, since=week), "people", "in 7 days"),
        "people.sweeps_done": Reading(await fetch_one(conn, sql["swept_since"], int, since=since), "sweeps", "in 24 hours"),
        "people.shares": Reading(await fetch_one(conn, sql["shares"], int, since=since), "shares", "in 24 hours"),
    }


def _minutes(gone: timedelta) -> float:
    return round(gone.total_seconds() / 60, 1)
