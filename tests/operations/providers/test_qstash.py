"""QStash: exactly one hourly schedule, whatever was there before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from audiospective.environ import Secret
from audiospective.operations.providers.asking import CredentialRefused, Odd, Refused
from audiospective.operations.providers.qstash import OUR_ID, Qstash
from audiospective.settings import SchedulerSettings
from tests.operations.providers.conftest import HASTE
from tests.simulators.qstash import FakeQstash, playing

pytestmark = pytest.mark.http

APP = "https://music.example.org"
OURS = f"{APP}/api/cron/archive"
BEGIN = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
async def fake() -> AsyncIterator[FakeQstash]:
    async with playing(FakeQstash()) as there:
        yield there


@pytest.fixture
def qstash(fake: FakeQstash, http: aiohttp.ClientSession) -> Qstash:
    return Qstash(http, SchedulerSettings(fake.url, Secret("good")), APP, patience=HASTE, look_s=0.005)


async def test_a_schedule_is_made_once(qstash: Qstash, fake: FakeQstash) -> None:
    assert await qstash.ensure() == [f"created {OUR_ID}: 0 * * * * UTC"]
    assert await qstash.ensure() == []
    (made,) = await qstash.schedules()
    assert (made.id, made.cron, made.destination, made.method, made.is_paused) == (OUR_ID, "0 * * * *", OURS, "POST", False)


@pytest.mark.parametrize(
    ("wrong", "said"), [({"cron": "*/5 * * * *"}, "repaired"), ({"method": "GET"}, "repaired"), ({"isPaused": True}, "resumed")]
)
async def test_a_wrong_one_is_repaired(qstash: Qstash, fake: FakeQstash, wrong: dict[str, Any], said: str) -> None:
    fake.schedule(OURS, **wrong)
    assert [line.split()[0] for line in await qstash.ensure()] == [said]
    assert await qstash.ensure() == []


async def test_utc_may_be_written_out(qstash: Qstash, fake: FakeQstash) -> None:
    fake.schedule(OURS, cron="CRON_TZ=UTC 0 * * * *")
    assert await qstash.ensure() == []


async def test_doubles_are_taken_out_and_strangers_are_left(qstash: Qstash, fake: FakeQstash) -> None:
    fake.schedule(OURS)
    fake.schedule(f"{OURS}/", "scd_double")
    fake.schedule("https://other.example.org/x", "scd_other")
    assert await qstash.ensure() == ["took out scd_double, which called the same address"]
    assert set(fake.shown) == {OUR_ID, "scd_other"}


async def test_a_stale_list_is_asked_for_again_and_a_wrong_one_is_not_believed(qstash: Qstash, fake: FakeQstash) -> None:
    fake.stale_after = 3
    assert await qstash.ensure() != []
    fake.shown[OUR_ID]["cron"] = "5 * * * *"
    fake.trouble("POST /v2/schedules/https", 200, {"scheduleId": OUR_ID})
    with pytest.raises(Odd, match="took the repair"):
        await qstash.ensure()


async def test_pausing_twice_is_no_mistake(qstash: Qstash, fake: FakeQstash) -> None:
    await qstash.ensure()
    await qstash.pause()
    await qstash.pause()
    assert fake.shown[OUR_ID]["isPaused"]
    await qstash.resume()
    assert not fake.shown[OUR_ID]["isPaused"]


async def test_what_is_not_there_can_not_be_paused(qstash: Qstash) -> None:
    with pytest.raises(Refused, match="not found"):
        await qstash.pause()


async def test_a_call_now_is_published_once(qstash: Qstash, fake: FakeQstash) -> None:
    assert (await qstash.run_now()).startswith("msg_")
    fake.trouble("POST /v2/publish", 503, {})
    with pytest.raises(Exception, match="503"):
        await qstash.run_now()
    assert (fake.published, fake.count("POST /v2/publish")) == ([OURS], 2)


@pytest.mark.parametrize("older_word", [False, True])
async def test_calls_come_from_all_pages_under_both_names(qstash: Qstash, fake: FakeQstash, older_word: bool) -> None:
    fake.older_word, fake.page = older_word, 1
    fake.logs = [
        {"time": BEGIN.timestamp() * 1000 + n, "state": state, "responseStatus": 200} for n, state in enumerate(["CREATED", "DELIVERED"])
    ]
    fake.letters = [{"dlqId": "1", "scheduleId": OUR_ID}, {"dlqId": "2", "scheduleId": "scd_other"}]
    assert [one.state for one in await qstash.deliveries(BEGIN)] == ["DELIVERED", "CREATED"]
    assert await qstash.dead() == 1


async def test_a_rotated_token_is_named(qstash: Qstash, fake: FakeQstash) -> None:
    fake.credential = "new"
    with pytest.raises(CredentialRefused, match="look at QSTASH_TOKEN"):
        await qstash.schedules()
