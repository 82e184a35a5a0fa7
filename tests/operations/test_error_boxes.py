"""For each box of an error on purpose: the instance raises it, its store or its tracker loses or alters it, and that box turns red."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sentry_sdk

from audiospective.accounts import people
from audiospective.infra import tracking
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, execute
from audiospective.infra.tracking import Caught
from audiospective.operations import faults
from audiospective.operations.boxes import box, boxes
from audiospective.operations.judge import GOOD, Reading, Status, judge, rolled_up
from audiospective.operations.probes import acting
from audiospective.operations.probes.tracker import arrives
from audiospective.operations.providers.sentry import Sentry
from audiospective.outside import SentrySettings
from audiospective.settings import Secret, TrackerSettings
from tests.clock import FakeClock
from tests.operations.cloud import TickingClock
from tests.operations.providers.conftest import HASTE
from tests.simulators import sentry
from tests.simulators.sentry import FakeSentry
from tests.web.site import Site, opened

F, U = Status.FAIL, Status.UNKNOWN
Red = dict[str, Status]
Happened = dict[str, Any]
#: Sentry's library stamps errors with the machine's own time.
CLOCK = SystemClock()
DEPLOYED = version("audiospective")


@pytest.fixture
def caught() -> Iterator[Caught]:
    """What this process catches, by Sentry's own library."""
    found = Caught()
    tracking.start("", environment="production", release=DEPLOYED, inside=found.take)
    yield found
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


async def _raised(site: Site, caught: Caught) -> Happened:
    """As an operator asks for it."""
    async with site.script(await site.token()) as program:
        assert (await program.get("/api/test-sentry")).status_code == 500
    (event,) = caught.taken()
    return dict(event)


async def _kept(db: Database, event: Happened, now: datetime) -> None:
    """Alone in the store."""
    async with db.transaction() as conn:
        await execute(conn, "DELETE FROM fault_events")
        await faults.keep(conn, faults.read(event), now)


def _stands(found: dict[str, Reading]) -> Red:
    verdicts = {one.id: judge(one, found[one.reading]).status for one in boxes() if one.reading in found}
    verdicts["R113"] = judge(box("R113"), rolled_up(box("R113"), verdicts, found)).status
    return {name: status for name, status in verdicts.items() if status not in GOOD}


def _frames(event: Happened) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event["exception"]["values"][-1]["stacktrace"]["frames"]
    return found


def _of_others(event: Happened) -> None:
    for frame in _frames(event):
        frame["module"] = "litestar.routes"


#: What happens to the error between the instance and its store, how many seconds later it is there, and what is red then.
MUTATIONS: list[tuple[str, Callable[[Happened], object], float, Red]] = [
    ("it comes late", lambda _: None, 31, {"R029": F, "R110": F, "R113": F}),
    ("it has no frames", lambda event: _frames(event).clear(), 1, {"R111": F, "R113": F, "R169": F}),
    ("it has frames of others alone", _of_others, 1, {"R111": F, "R113": F}),
    ("it comes of another environment", lambda event: event.update(environment="staging"), 1, {"R112": F, "R113": F}),
    ("it comes of another release", lambda event: event.update(release="0.9.0"), 1, {"R112": F, "R113": F}),
]
#: Of what the tracker has, and what is red then; R029 asks the same as R110.
AT_THE_TRACKER: list[tuple[str, Callable[[FakeSentry, str], object], Red]] = [
    ("well", lambda *_: None, {}),
    ("it is there late", lambda fake, _: setattr(fake, "takes_looks", 2), {"R029": F, "R110": F, "R113": F}),
    ("it has no frames", lambda fake, number: _frames(fake.events[number]).clear(), {"R111": F, "R113": F}),
    ("it has frames of others alone", lambda fake, number: _library(fake.events[number]), {"R111": F, "R113": F}),
    ("it comes of another environment", lambda fake, number: fake.events[number].update(environment="staging"), {"R112": F, "R113": F}),
    ("it comes of another release", lambda fake, number: fake.events[number].update(release="0.9.0"), {"R112": F, "R113": F}),
    ("it is lost", lambda fake, number: fake.events.pop(number), {"R029": F, "R110": F, "R111": U, "R112": U, "R113": F}),
    ("nobody may ask", lambda fake, _: setattr(fake, "credential", "new"), dict.fromkeys(("R029", "R110", "R111", "R112", "R113"), U)),
]


def _library(event: Happened) -> None:
    for frame in _frames(event):
        frame["in_app"] = False


LOST: Red = {"R029": F, "R110": F, "R111": U, "R112": U, "R113": F}


async def test_one_thing_wrong_with_an_error_turns_its_own_boxes(db: Database, clock: FakeClock, tmp_path: Path, caught: Caught) -> None:
    async with opened(db, clock, tmp_path) as site:
        person = await site.listener()
        async with db.transaction() as conn:
            await people.set_operator(conn, person.id, may=True)
        found = {}
        for what, alter, seconds, _ in (*MUTATIONS, ("well", lambda _: None, 1, {})):
            began = CLOCK.now() - timedelta(seconds=1)
            event = await _raised(site, caught)
            alter(event)
            await _kept(db, event, CLOCK.now() + timedelta(seconds=seconds))
            found[what] = _stands(await faults.arrives(db, began, CLOCK, DEPLOYED))
    began = CLOCK.now() + timedelta(seconds=1)
    found["it is lost"] = _stands(
        await faults.arrives(db, began, CLOCK, DEPLOYED, pace_s=0)
    )  # what is there of the one before says nothing of it
    assert found == {what: red for what, _, _, red in MUTATIONS} | {"well": {}, "it is lost": LOST}


async def test_one_thing_wrong_at_the_tracker_turns_its_own_boxes(
    db: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The instance sends it by Sentry's own library, under the number that whoever asks for it has given."""
    monkeypatch.chdir(tmp_path)  # whoever installed it runs it from anywhere; below a checkout the library takes all for the program's own
    found = {}
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http, sentry.playing(FakeSentry(takes_looks=0)) as fake:
        person = await site.listener()
        async with db.transaction() as conn:
            await people.set_operator(conn, person.id, may=True)
        tracking.start(fake.dsn, environment="production", release=DEPLOYED)
        asked = SentrySettings(Secret("good"), "quill", "archive", fake.url)
        tracker = Sentry(http, asked, TrackerSettings(Secret(fake.dsn), "production"), patience=HASTE)
        for place, (what, alter, _) in enumerate(AT_THE_TRACKER):
            number = f"{place:032x}"
            await acting.raise_an_error(db, http, site.url, clock, event_id=number)
            await asyncio.to_thread(tracking.flush)
            alter(fake, number)
            found[what] = _stands(await arrives(tracker, number, TickingClock(12), DEPLOYED, every_s=0))
            fake.takes_looks = 0
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)
    assert found == {what: red for what, _, red in AT_THE_TRACKER}
