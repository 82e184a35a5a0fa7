"""What stands in for providers on one machine: the worker's own clock, the ledger that operators read, and our own looks at ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_one
from audiospective.infra.statements import statements
from audiospective.operations import ledger, machine
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.providers.asking import Odd, Silent
from audiospective.operations.providers.ports import Delivery, Monitor, Schedule
from audiospective.operations.providers.qstash import CRON_PATH, HOURLY
from audiospective.spotify import quota

sql = statements(__name__)

BUILT_IN: Final = "built-in"
NOTED: Final = "chat.noted"
_BEAT: Final = timedelta(seconds=90)
#: Nobody forgets for longer that it was paused.
_PAUSED: Final = timedelta(days=365)
_LOOKS: Final = 3
_PATIENCE: Final = aiohttp.ClientTimeout(total=5)


class BuiltInScheduler:
    """The workers: each person has a time of their own within the hour, so that there is one schedule, and it is always ours."""

    def __init__(self, db: Database, clock: Clock, client_id: str, app_url: str) -> None:
        self._db = db
        self._clock = clock
        self._client = client_id
        self._destination = app_url + CRON_PATH

    async def schedules(self) -> Sequence[Schedule]:
        """One while a worker lives, none without."""
        now = self._clock.now()
        async with self._db.reading() as conn:
            beat = await fetch_one(conn, sql["last_beat"], datetime)
            following = await fetch_one(conn, sql["next_due"], datetime)
            paused = await quota.paused_until(conn, self._client, now)
        if beat is None or now - beat > _BEAT:
            return []
        next_at = max(following, now) if following else None
        return [Schedule(BUILT_IN, HOURLY, self._destination, "POST", paused is not None, next_at)]

    async def ensure(self) -> Sequence[str]:
        """It needs no repair but to go on; raises Odd when no worker lives."""
        found = await self.schedules()
        if not found:
            raise Odd("No worker has said within 90 seconds that it lives; start one: audiospective worker.")
        if not found[0].is_paused:
            return []
        await self.resume()
        return ["resumed the built-in schedule"]

    async def pause(self) -> None:
        """Every worker stays away from Spotify; what a restore does too."""
        async with self._db.transaction() as conn:
            await quota.pause(conn, self._client, self._clock.now() + _PAUSED)

    async def resume(self) -> None:
        """They go on."""
        async with self._db.transaction() as conn:
            await quota.resume(conn, self._client)

    async def run_now(self) -> str:
        """Everyone whom Spotify may be asked about is due at once."""
        async with self._db.transaction() as conn:
            count = await execute(conn, sql["hurry"], now=self._clock.now())
        return f"{count} people are due now"

    async def deliveries(self, since: datetime) -> Sequence[Delivery]:
        """The newest sweep that went well, if it is newer."""
        async with self._db.reading() as conn:
            last = await fetch_one(conn, sql["last_sweep"], datetime)
        return [Delivery(last, "DELIVERED", 200)] if last is not None and last >= since else []

    async def dead(self) -> int:
        """None ever: whoever wasn't swept stays due."""
        return 0


async def note(conn: Connection, text: str, now: datetime) -> Line:
    """Leave a text where operators read."""
    (line,) = await ledger.append(conn, [Entry("ops", NOTED, "inbox", {"text": text})], now)
    return line


class Inbox:
    """Where no chat is set up, operators read the ledger, on its page and by `ops runbook show`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def post(self, text: str) -> None:
        """Write it there, and see that it stands there."""
        async with self._db.transaction() as conn:
            line = await note(conn, text, self._clock.now())
        async with self._db.reading() as conn:
            found = (await ledger.newest(conn, NOTED)).get("inbox")
        if found is None or found.hash != line.hash:
            raise Silent("The ledger took a line and doesn't show it.")


class OwnLooks:
    """The workers look each minute whether every service is well; a look from outside needs a machine that is elsewhere."""

    def __init__(self, http: aiohttp.ClientSession, db: Database, clock: Clock) -> None:
        self._http = http
        self._db = db
        self._clock = clock

    async def monitor(self, url: str) -> Monitor:
        """Up when the last three minutes were, and an answer comes now. Raises Silent when nobody looked."""
        now = self._clock.now()
        async with self._db.reading() as conn:
            found = await machine.looks(conn, now - timedelta(minutes=10), now + timedelta(minutes=1))
        newest = found[-_LOOKS:]
        if len(newest) < _LOOKS:
            raise Silent(f"There are {len(newest)} looks of the last ten minutes where {_LOOKS} are needed; does a worker run?")
        times = [await self._timed(url) for _ in range(_LOOKS)]
        is_up = all(look.is_up for look in newest)
        return Monitor(is_up, "up" if is_up else "was down within three looks", times[-1], round(sum(times) / len(times), 1), {})

    async def _timed(self, url: str) -> float:
        began = self._clock.monotonic()
        try:
            async with self._http.get(f"{url}/api/health", timeout=_PATIENCE, allow_redirects=False) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Silent(f"{url} doesn't answer ({type(error).__name__}).") from error
        return round((self._clock.monotonic() - began) * 1000, 1)
