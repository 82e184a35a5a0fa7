"""UptimeRobot: looks at us from outside. Its v2 API answers 200 also when it refuses, so only its own word `stat` counts."""

from __future__ import annotations

from typing import Final

import aiohttp
import msgspec

from audiospective.operations.providers.asking import Api, CredentialRefused, Odd, Patience, Question, Refused, read
from audiospective.operations.providers.ports import Monitor
from audiospective.outside import UptimeRobotSettings

_DAYS: Final = (1, 7, 30)
_UP: Final = 2
_SAID: Final = {0: "paused", 1: "not checked yet", _UP: "up", 8: "seems down", 9: "down"}
_PAGES: Final = 20


class _Fault(msgspec.Struct):
    type: str = ""
    message: str = ""
    parameter_name: str = ""


class _Paging(msgspec.Struct):
    offset: int = 0
    limit: int = 50
    total: int = 0


class _Response(msgspec.Struct):
    datetime: int
    value: float


class _Monitor(msgspec.Struct):
    url: str
    status: int
    average_response_time: str | float | None = None
    custom_uptime_ratio: str = ""
    response_times: list[_Response] = []


class _Answer(msgspec.Struct):
    stat: str
    error: _Fault | None = None
    pagination: _Paging | None = None
    monitors: list[_Monitor] = []


class UptimeRobot:
    """The account whose key the settings hold."""

    def __init__(self, http: aiohttp.ClientSession, settings: UptimeRobotSettings, *, patience: Patience | None = None) -> None:
        self._api = Api(http, "UptimeRobot", settings.url, "UPTIMEROBOT_API_KEY", {}, {}, patience or Patience())
        self._key = settings.key.reveal()

    async def monitor(self, url: str) -> Monitor:
        """The one that looks at `url` or at a page below; raises Refused when none does."""
        offset = 0
        for _ in range(_PAGES):
            page = await self._page(offset)
            found = next((one for one in page.monitors if one.url == url or one.url.startswith(f"{url}/")), None)
            if found is not None:
                return _seen(found)
            paging = page.pagination or _Paging(total=0)
            offset = paging.offset + max(paging.limit, 1)
            if offset >= paging.total:
                break
        raise Refused(f"UptimeRobot has no monitor for {url}; make one for {url}/api/health.", status=404, code="no_monitor")

    async def _page(self, offset: int) -> _Answer:
        form = {"api_key": self._key, "format": "json", "custom_uptime_ratios": "-".join(map(str, _DAYS)), "response_times": "1"}
        form |= {"response_times_limit": "1", "offset": str(offset), "limit": "50"}
        question = Question("the monitors", "POST", "/getMonitors", form=form, repeats=True)
        told = await read(self._api, question, _Answer)
        if told.stat == "ok":
            return told
        fault = told.error or _Fault()
        if "api_key" in {fault.parameter_name, fault.type}:
            raise CredentialRefused("UptimeRobot: credential rejected for the monitors; look at UPTIMEROBOT_API_KEY.")
        raise Odd(f"UptimeRobot refuses the monitors with status 200: {fault.message or fault.type or told.stat}.")


def _seen(one: _Monitor) -> Monitor:
    ratios = [float(part) for part in one.custom_uptime_ratio.split("-") if part]
    latest = max(one.response_times, key=lambda look: look.datetime, default=None)
    average = float(one.average_response_time) if one.average_response_time not in {None, ""} else None
    said = _SAID.get(one.status, f"status {one.status}")
    uptime = dict(zip(_DAYS, ratios, strict=False))
    return Monitor(one.status == _UP, said, latest.value if latest else None, average, uptime)
