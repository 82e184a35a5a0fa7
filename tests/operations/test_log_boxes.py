"""R086, no errors in the log while the smoke tests are walked: what the program's logger writes turns it, silence proves nothing."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database
from audiospective.infra.logfile import LogFile
from audiospective.infra.telemetry import configure_logging, get_logger
from audiospective.operations import smoke
from audiospective.operations.boxes import box
from audiospective.operations.judge import Status, judge
from audiospective.operations.probes import journey
from tests.clock import FakeClock
from tests.web.site import opened

P, F, U = Status.PASS, Status.FAIL, Status.UNKNOWN
NONCE = "ab" * 16
#: The logger writes the machine's own time.
CLOCK = SystemClock()
_AGO = f"{CLOCK.now() - timedelta(minutes=5):%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the program writes it."""

    file: LogFile

    def asked(self, nonce: str = NONCE) -> None:
        """The run asked for something, and the server has said so."""
        self.file.write(f"[{CLOCK.now():%H:%M:%S}] GET /api/export 200 (0.1s) probe={nonce}")
        self.file.flush()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    found = Log(LogFile(tmp_path / "log", limit=300))
    configure_logging(json=True, stream=io.StringIO(), file=found.file.write)
    yield found
    logging.getLogger().handlers.clear()


def _put_aside(log: Log) -> None:
    """The file became too large just after the error."""
    get_logger().error("web.failed", path="x" * 300)
    log.file.flush()


Break = Callable[[Log], object]
MUTATIONS: list[tuple[str, Break, dict[str, Status]]] = [
    ("an error", lambda _: get_logger().error("web.failed", request_id="1F"), {"R086": F}),
    ("something critical", lambda _: get_logger().critical("worker.lost"), {"R086": F}),
    ("an error of a library", lambda _: logging.getLogger("other").error("lost"), {"R086": F}),
    ("an error whose file was put aside", _put_aside, {"R086": F}),
]
#: None of these is an error of the run.
HARMLESS: list[tuple[str, Break]] = [
    ("nothing", lambda _: None),
    ("a warning", lambda _: get_logger().warning("sweep.troubled", reason="error 500")),
    ("what happened", lambda _: get_logger().info("error.told")),
    ("an error before the run", lambda log: log.file.write(f"[{_AGO}] error web.failed")),
]


async def _stands(log: Log, nonce: str = NONCE) -> dict[str, Status]:
    found = await smoke.logged(log.file.path, nonce, CLOCK, began=CLOCK.now() - timedelta(seconds=2), pace_s=0)
    return {"R086": judge(box("R086"), found).status}


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_an_error_while_it_is_walked_turns_it(log: Log, wrong: Break, red: dict[str, Status]) -> None:
    wrong(log)
    log.asked()
    assert await _stands(log) == red


@pytest.mark.parametrize("other", [one[1] for one in HARMLESS], ids=[one[0] for one in HARMLESS])
async def test_what_is_no_error_of_the_run_does_not(log: Log, other: Break) -> None:
    other(log)
    log.asked()
    assert await _stands(log) == {"R086": P}


async def test_a_log_that_does_not_know_of_the_run_says_nothing_of_it(log: Log) -> None:
    assert await _stands(log) == {"R086": U}
    log.asked("cd" * 16)
    assert await _stands(log) == {"R086": U}


async def test_what_the_run_asks_for_is_in_the_log_of_whoever_serves(db: Database, clock: FakeClock, tmp_path: Path, log: Log) -> None:
    async with opened(db, clock, tmp_path) as site, aiohttp.ClientSession() as http:
        object.__setattr__(site.parts, "log_file", log.file)
        person = await site.listener()
        await journey.look(http, site.url, smoke.traveller(db, person, await site.token(), is_connected=False, nonce=NONCE))
    log.file.flush()
    assert await _stands(log) == {"R086": P}
