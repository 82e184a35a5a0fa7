"""QStash: calls us by the clock (https://upstash.com/docs/qstash). One schedule of a fixed name is ours; `ensure` repairs it and
takes out others that call the same address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, Odd, Patience, Question, ask, read
from audiospective.operations.providers.ports import Delivery, Schedule
from audiospective.settings import SchedulerSettings

OUR_ID: Final = "hourly-archive-production"
HOURLY: Final = "0 * * * *"
CRON_PATH: Final = "/api/cron/archive"
_PAGES: Final = 20
_LOOKS: Final = 5


class _Schedule(msgspec.Struct, rename="camel"):
    schedule_id: str
    cron: str
    destination: str
    method: str = "POST"
    is_paused: bool = False
    next_schedule_time: float | None = None


class _Log(msgspec.Struct, rename="camel"):
    time: float
    state: str
    schedule_id: str = ""
    response_status: int = 0


class _Logs(msgspec.Struct):
    cursor: str | None = None
    logs: list[_Log] | None = None
    events: list[_Log] | None = None
    """Its older name."""


class _Dead(msgspec.Struct, rename="camel"):
    schedule_id: str = ""


class _Letters(msgspec.Struct):
    messages: list[_Dead]
    cursor: str | None = None


class _Published(msgspec.Struct, rename="camel"):
    message_id: str


class Qstash:
    """The account whose token the settings hold; `app_url` is what it calls."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: SchedulerSettings,
        app_url: str,
        *,
        patience: Patience | None = None,
        look_s: float = 1.0,
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.token.reveal()}"}
        self._api = Api(http, "QStash", settings.url, "QSTASH_TOKEN", headers, {}, patience or Patience())
        self._destination = app_url + CRON_PATH
        self._look_s = look_s

    async def schedules(self) -> Sequence[Schedule]:
        """All that call our address."""
        found = await read(self._api, Question("the schedules", "GET", "/v2/schedules"), list[_Schedule])
        return [_schedule(one) for one in found if one.destination.rstrip("/") == self._destination]

    async def ensure(self) -> Sequence[str]:
        """Exactly one hourly schedule that isn't paused; what was done for it. Raises Odd when it isn't so afterwards."""
        done: list[str] = []
        found = await self.schedules()
        ours = next((one for one in found if one.id == OUR_ID), None)
        if ours is None or not is_right(ours):
            await self._upsert()
            done.append(f"{'repaired' if ours else 'created'} {OUR_ID}: {HOURLY} UTC")
        if ours is not None and ours.is_paused:
            await self.resume()
            done.append(f"resumed {OUR_ID}")
        for double in [one for one in found if one.id != OUR_ID]:
            await ask(self._api, Question(f"taking out {double.id}", "DELETE", f"/v2/schedules/{double.id}"), good=(200, 202, 204, 404))
            done.append(f"took out {double.id}, which called the same address")
        if done:
            await self._confirmed()
        return done

    async def pause(self) -> None:
        """Ours; again is no mistake."""
        await ask(self._api, Question("pausing", "POST", f"/v2/schedules/{OUR_ID}/pause", repeats=True), good=(200, 202, 204))

    async def resume(self) -> None:
        """Ours."""
        await ask(self._api, Question("resuming", "POST", f"/v2/schedules/{OUR_ID}/resume", repeats=True), good=(200, 202, 204))

    async def run_now(self) -> str:
        """A call outside of the hours; the message's id. Not tried twice, since a second one would be a second call."""
        question = Question(
            "a call now", "POST", f"/v2/publish/{self._destination}", headers={"Upstash-Method": "POST", "Upstash-Retries": "3"}
        )
        return (await read(self._api, question, _Published, good=(200, 201, 202))).message_id

    async def deliveries(self, since: datetime) -> Sequence[Delivery]:
        """Of our schedule; all pages."""
        found: list[_Log] = []
        query = {"scheduleId": OUR_ID, "fromDate": f"{since.timestamp() * 1000:.0f}", "count": "100"}
        for _ in range(_PAGES):
            page = await read(self._api, Question("the log of calls", "GET", "/v2/logs", query), _Logs)
            if page.logs is None and page.events is None:
                raise Odd("QStash's answer to the log of calls has neither logs nor events.")
            found += page.logs or page.events or []
            if not page.cursor:
                break
            query = {**query, "cursor": page.cursor}
        calls = [Delivery(_moment(one.time), one.state, one.response_status) for one in found if one.schedule_id in {"", OUR_ID}]
        return sorted(calls, key=lambda one: one.at, reverse=True)

    async def dead(self) -> int:
        """Of our schedule."""
        found = 0
        query: dict[str, str] = {}
        for _ in range(_PAGES):
            page = await read(self._api, Question("the dead letters", "GET", "/v2/dlq", query), _Letters)
            found += sum(one.schedule_id == OUR_ID for one in page.messages)
            if not page.cursor:
                break
            query = {"cursor": page.cursor}
        return found

    async def _upsert(self) -> None:
        headers = {
            "Upstash-Cron": HOURLY,
            "Upstash-Schedule-Id": OUR_ID,
            "Upstash-Method": "POST",
            "Upstash-Retries": "3",
            "Upstash-Redact-Fields": "body, headers",
        }
        question = Question("our schedule", "POST", f"/v2/schedules/{self._destination}", headers=headers, repeats=True)
        await ask(self._api, question, good=(200, 201))

    async def _confirmed(self) -> None:
        """What was done is seen; an answer from before is asked for again."""
        for _ in range(_LOOKS):
            found = await self.schedules()
            if len(found) == 1 and is_right(found[0]) and not found[0].is_paused:
                return
            await asyncio.sleep(self._look_s)
        raise Odd(f"QStash took the repair, but shows {len(found)} schedules that aren't as they should be; look there.")


def is_right(one: Schedule) -> bool:
    """Whether it calls us by POST at each whole hour of UTC."""
    return one.cron.removeprefix("CRON_TZ=UTC ").strip() == HOURLY and one.method == "POST"


def _schedule(one: _Schedule) -> Schedule:
    next_at = _moment(one.next_schedule_time) if one.next_schedule_time else None
    return Schedule(one.schedule_id, one.cron, one.destination, one.method, one.is_paused, next_at)


def _moment(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
