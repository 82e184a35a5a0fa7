"""For each box that a provider answers: break one thing there, and exactly that box turns red or unknown (operations.md §10)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from audiospective.infra.database import Database
from audiospective.operations import boxes as data
from audiospective.operations import surroundings
from audiospective.operations.judge import Status, judge
from tests.operations.breaking import break_it
from tests.operations.cloud import Cloud, whole_cloud
from tests.simulators.sentry import issue

#: What is asked of providers here; R121 is never known of Neon, and without https there is no certificate for R007.
_EARLY = [*range(5, 10), 21, *range(24, 30), *range(35, 40), 46, *range(52, 56), *range(57, 60)]
_LATE = [*range(114, 117), 118, 119, *range(121, 127), *range(147, 150), 184]
BOXES = [f"R{number:03}" for number in (*_EARLY, *_LATE)]

F, U = Status.FAIL, Status.UNKNOWN


def _unknown(*numbers: int) -> dict[str, Status]:
    return {f"R{number:03}": Status.UNKNOWN for number in numbers}


Break = Callable[[Cloud], Any]


@pytest.fixture
async def cloud(db: Database) -> AsyncIterator[Cloud]:
    async with whole_cloud(db) as there:
        yield there


async def _verdicts(cloud: Cloud, tmp_path: Path) -> dict[str, Status]:
    chosen = {number: data.box(number) for number in BOXES}
    async with aiohttp.ClientSession() as http:
        found = await surroundings.look(cloud.around(http, tmp_path, frozenset(box.reading for box in chosen.values())))
    return {number: judge(box, found[box.reading]).status for number, box in chosen.items()}


def _on(part: str, **values: Any) -> Break:
    def do(cloud: Cloud) -> None:
        for name, value in values.items():
            setattr(getattr(cloud, part), name, value)

    return do


def _trouble(part: str, call: str, status: int = 500, body: Any = None, **more: Any) -> Break:
    return lambda cloud: getattr(cloud, part).trouble(call, status, body, **more)


def _newest(**values: Any) -> Break:
    return lambda cloud: cloud.vercel.deployments[0].update(values)


def _log(level: str, status: int = 200) -> Break:
    def do(cloud: Cloud) -> None:
        cloud.vercel.runtime.append(cloud.vercel.runtime[0] | {"level": level, "message": "Boom", "responseStatusCode": status})

    return do


def _schedule(**values: Any) -> Break:
    return lambda cloud: cloud.qstash.shown["hourly-archive-production"].update(values)


def _silent(cloud: Cloud) -> None:
    cloud.vercel.runtime.clear()
    cloud.site.trouble("GET /probe", 404, {})


async def test_when_everything_is_well_every_box_is_green_but_what_nobody_tells(cloud: Cloud, tmp_path: Path) -> None:
    found = await _verdicts(cloud, tmp_path)
    assert {number: status for number, status in found.items() if status is not Status.PASS} == {"R007": Status.NOT_APPLICABLE, "R121": U}
    assert cloud.chat.texts[0].startswith("Deployment channel check abab")


MUTATIONS: list[tuple[str, Break, dict[str, Status]]] = [
    ("chat closed", _trouble("chat", "POST", 404, text="no_service"), {"R005": F, "R037": F}),
    ("chat says something else", _on("chat", says="no_team"), {"R005": U, "R037": F}),
    ("domain not known", _on("vercel", misconfigured=True), {"R007": F}),
    ("no build log", _on("vercel", log=[]), {"R009": F}),
    ("newest build failed", _newest(readyState="ERROR", state="ERROR", errorMessage="x"), {"R114": F, "R115": F}),
    ("alias failed", _newest(aliasError={"message": "taken"}), {"R115": F}),
    ("nothing to go back to", lambda cloud: cloud.vercel.deployments.pop(), {"R038": U, "R039": F}),
    ("another release serves", lambda cloud: _on("vercel", serving=cloud.vercel.deployments[1]["uid"])(cloud), {"R059": F}),
    ("build began late", lambda cloud: _newest(buildingAt=cloud.vercel.deployments[0]["created"] + 70_000)(cloud), {"R057": F}),
    ("build took long", lambda cloud: _newest(ready=cloud.vercel.deployments[0]["created"] + 400_000)(cloud), {"R058": F}),
    ("error in the log", _log("error"), {"R125": F}),
    ("silent log", _silent, {"R036": U, "R126": F}),
    ("redis answers something else", _on("redis", pong="PANG"), {"R024": U}),
    ("redis token rotated", _on("redis", token="new"), {"R024": U}),
    ("no schedule", lambda cloud: cloud.qstash.shown.clear(), {"R026": F, "R147": F, "R148": F}),
    ("schedule by the day", _schedule(cron="0 0 * * *"), {"R026": F}),
    ("two schedules", lambda cloud: cloud.qstash.schedule(f"{cloud.site.url}/api/cron/archive", "scd_2"), {"R026": F}),
    ("schedule paused", _schedule(isPaused=True), {"R147": F}),
    ("next call at another minute", lambda cloud: _schedule(nextScheduleTime=cloud.qstash.next_time + 600_000)(cloud), {"R148": F}),
    ("no call came", lambda cloud: cloud.qstash.logs.clear(), {"R149": F}),
    ("calls fail", lambda cloud: cloud.qstash.logs[0].update(state="ERROR", responseStatus=503), {"R149": F}),
    ("call came late", lambda cloud: cloud.qstash.logs[0].update(time=cloud.qstash.logs[0]["time"] + 420_000), {"R149": F}),
    ("key turned off", _on("sentry", is_active=False), {"R028": F, "R029": F}),
    ("another key is live", _on("sentry", key="k2"), {"R028": F, "R029": F}),
    ("it fails for nobody", _trouble("site", "GET /api/test-sentry", 404, {}), {"R029": U}),
    ("errors get lost", _on("sentry", keeps=False), {"R029": F}),
    ("a new error", lambda cloud: cloud.sentry.issues.append(issue("Boom")), {"R118": F}),
    ("seen down", lambda cloud: cloud.robot.monitors[0].update(status=9), {"R123": F}),
    ("slow from outside", lambda cloud: cloud.robot.monitors[0].update(average_response_time="1200"), {"R124": F}),
    ("no response time yet", lambda cloud: cloud.robot.monitors[0].update(average_response_time="", response_times=[]), {"R124": U}),
    ("an incident there", lambda cloud: cloud.page.incident("Slow builds"), {"R046": F}),
    ("a status page of HTML", _trouble("page", "GET", 200, text="<html>"), {"R046": U}),
    ("spotify in trouble", _trouble("spotify", "GET", 503, {}), {"R046": F}),
    ("no run yet", lambda cloud: cloud.github.runs.clear(), {"R052": F, "R053": F, "R054": F, "R055": F}),
    ("build job failed", lambda cloud: cloud.github.told_jobs.update(build="failure"), {"R053": F}),
    ("deploy job failed", lambda cloud: cloud.github.told_jobs.update(deploy="failure"), {"R054": F}),
    ("verify job goes on", lambda cloud: cloud.github.told_jobs.update(verify="in_progress"), {"R055": U}),
    ("private source", _on("github", private=True), {"R184": F}),
    ("a token in the history", lambda cloud: cloud.checkout.plant(), {"R184": F}),
    ("no whole history", lambda cloud: shutil.rmtree(cloud.checkout.folder / ".git"), {"R184": U}),
    ("database full", _on("neon", size=500_000_000), {"R122": F}),
    ("five answers with 500", lambda cloud: cloud.asked(500, 5), {"R116": F, "R119": F}),
    ("one of very many fails", lambda cloud: cloud.asked(500, 1), {"R116": F}),
    # A source that can't be reached: everything of it is unknown, and the dashboards aren't all open.
    (
        "vercel token rotated",
        _on("vercel", credential="new"),
        _unknown(6, 7, 8, 9, 36, 38, 39, 57, 58, 59, 114, 115, 125, 126) | {"R035": F},
    ),
    ("qstash down", _trouble("qstash", "GET", 503, {}), _unknown(25, 26, 147, 148, 149) | {"R035": F}),
    (
        "sentry truncated",
        _trouble("sentry", "GET /api/0/projects/quill/archive/", cut=True),
        _unknown(27, 28, 29, 118) | {"R035": F},
    ),
    ("uptimerobot key rotated", _on("robot", credential="new"), {"R123": U, "R124": U, "R035": F}),
    ("neon in HTML", _trouble("neon", "GET", 200, text="<html>"), {"R122": U, "R035": F}),
    (
        "github limits",
        _trouble("github", "GET", 403, {}, headers={"X-RateLimit-Remaining": "0"}),
        _unknown(52, 53, 54, 55, 184),
    ),
]


@pytest.mark.parametrize(("broken", "expected"), [(one[1], one[2]) for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(
    cloud: Cloud, tmp_path: Path, broken: Break, expected: dict[str, Status]
) -> None:
    await break_it(cloud, broken)
    found = await _verdicts(cloud, tmp_path)
    usual = {"R007": Status.NOT_APPLICABLE, "R121": U}
    assert {number: status for number, status in found.items() if status is not Status.PASS} == usual | expected


def test_every_box_has_a_mutation_that_turns_it() -> None:
    turned = {number for _, _, expected in MUTATIONS for number in expected}
    assert set(BOXES) - turned == {"R021", "R121"}  # seats are counted in test_spotify_boxes.py
