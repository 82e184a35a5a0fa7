"""How often may Spotify still be asked? One budget for an app, spent by four lanes; pauses are remembered over restarts.

Spotify doesn't publish the quota (spotify-api.md §5): it is learned when Spotify says that it is used up, believed for a week, and then
tried again. Until then only what nobody waits for is bounded.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

import msgspec

from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.statements import statements

sql = statements(__name__)

_DAY: Final = timedelta(hours=24)
_BELIEVED: Final = timedelta(days=7)
#: More than any lane asks for at once; what is left where nothing bounds it.
_PLENTY: Final = 1_000_000
#: Ends many hours of asking too often at the first mistake of ours: a quota was never seen below 476 calls.
_LEAST_QUOTA: Final = 300
#: A queue of covers and genres of this length is harmless to every quota that was seen.
METADATA_A_DAY: Final = 200


class Lane(IntEnum):
    """What a call is for; the lower the number, the longer it may still spend."""

    SIGN_IN = 0
    SWEEP = 1
    WAITING = 2
    """Somebody pressed “Archive Now”."""
    METADATA = 3


#: A lane ends where so much of the day is spent by all together.
_REACH: Final = {Lane.SIGN_IN: 1.0, Lane.SWEEP: 0.95, Lane.WAITING: 0.85, Lane.METADATA: 0.5}


class Budget(msgspec.Struct, frozen=True):
    """`calls_a_day` None: Spotify never said "enough"; `day` and `hour` by lane, in calls."""

    calls_a_day: int | None
    day: dict[Lane, int]
    hour: dict[Lane, int]
    paused_until: datetime | None = None

    @property
    def is_scarce(self) -> bool:
        """Whether not everyone can be asked whenever they are due."""
        return self.calls_a_day is not None

    @property
    def spent(self) -> int:
        """Calls of the last 24 hours."""
        return sum(self.day.values())

    def left(self, lane: Lane) -> int:
        """How many calls this lane may make now; sweeps are spread over the day, so that no hour is left without."""
        if self.paused_until is not None:
            return 0
        bounds = [_PLENTY]
        if self.calls_a_day is not None:
            bounds.append(int(self.calls_a_day * _REACH[lane]) - self.spent)
            if lane is Lane.SWEEP:
                bounds.append(max(int(self.calls_a_day * _REACH[lane] / 24), 1) - self.hour.get(lane, 0))
        if lane is Lane.METADATA:
            bounds.append(METADATA_A_DAY - self.day.get(lane, 0))
        return max(min(bounds), 0)


class _Spent(msgspec.Struct, frozen=True):
    lane: int | None
    day: int | None
    hour: int | None
    calls_a_day: int | None
    paused_until: datetime | None


async def budget(conn: Connection, client_id: str, now: datetime) -> Budget:
    """How the app's budget stands."""
    times = {"now": now, "hour": _hour(now), "since": now - _DAY, "believed_since": now - _BELIEVED}
    found = await fetch_all(conn, sql["budget"], _Spent, client_id=client_id, **times)
    spent = [(Lane(one.lane), one) for one in found if one.lane is not None]
    day, hour = {lane: one.day or 0 for lane, one in spent}, {lane: one.hour or 0 for lane, one in spent}
    return Budget(found[0].calls_a_day, day, hour, found[0].paused_until)


async def spend(conn: Connection, client_id: str, lane: Lane, calls: int, now: datetime) -> None:
    """Write down calls that are about to be made."""
    if calls:
        await execute(conn, sql["spend"], client_id=client_id, hour=_hour(now), lane=int(lane), calls=calls)


async def learn(conn: Connection, client_id: str, now: datetime) -> int:
    """Spotify said that the quota is used up: what was spent within a day is what there is. Returns it, in calls."""
    calls = max((await budget(conn, client_id, now)).spent, _LEAST_QUOTA)
    await execute(conn, sql["learn"], client_id=client_id, calls=calls, now=now, since=now - _BELIEVED)
    return calls


async def forget(conn: Connection, now: datetime) -> int:
    """Drop what no budget counts any more; how many rows."""
    return await execute(conn, sql["forget"], before=now - 2 * _DAY)


async def paused_until(conn: Connection, client_id: str, now: datetime) -> datetime | None:
    """Until when Spotify asked this app to stay away; None when it may be asked."""
    return await fetch_one(conn, sql["paused_until"], datetime, client_id=client_id, now=now)


async def pause(conn: Connection, client_id: str, until: datetime) -> None:
    """Every worker stays away from Spotify until then."""
    await execute(conn, sql["pause"], client_id=client_id, until=until)


async def resume(conn: Connection, client_id: str) -> None:
    """End a pause before its time, as after a restore."""
    await execute(conn, sql["resume"], client_id=client_id)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
