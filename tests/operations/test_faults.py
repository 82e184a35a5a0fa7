"""Errors in the built-in store: grouped, counted once, bounded, about nobody."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sentry_sdk

from audiospective.infra import tracking
from audiospective.infra.database import Database, fetch_all
from audiospective.infra.tracking import Caught
from audiospective.operations import faults, launch
from audiospective.operations.boxes import box
from tests.clock import FakeClock


class TestOfErrors(RuntimeError):
    """As the one that is raised on purpose."""

    __test__ = False


@pytest.fixture
def caught() -> Iterator[Caught]:
    """What this process catches, by Sentry's own library."""
    found = Caught()
    tracking.start("", environment="production", release="1.2.3", inside=found.take)
    yield found
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def _fail(message: str, kind: type[Exception] = ValueError) -> None:
    try:
        raise kind(message)
    except kind as error:
        tracking.note(error, where="GET page")


def _fail_elsewhere(message: str) -> None:
    try:
        raise ValueError(message)
    except ValueError as error:
        tracking.note(error, where="GET page")


def _starve(*, in_a_library: bool) -> None:
    try:
        raise MemoryError
    except MemoryError as error:
        if in_a_library:
            logging.getLogger("a.library").exception("it failed")
        else:
            tracking.note(error, where="GET page")


async def _kinds(db: Database, clock: FakeClock) -> list[faults.FaultKind]:
    async with db.reading() as conn:
        return await faults.kinds(conn, clock.now() - timedelta(days=10_000))


@pytest.mark.parametrize("in_a_library", [False, True])
def test_an_error_for_want_of_memory_is_told_by_its_last_frame_without_source(caught: Caught, *, in_a_library: bool) -> None:
    _starve(in_a_library=in_a_library)
    (event,) = caught.taken()
    (value,) = event["exception"]["values"]
    (frame,) = value["stacktrace"]["frames"]
    assert (value["type"], frame["module"], frame["function"]) == ("MemoryError", __name__, "_starve")
    assert (frame["filename"], frame["lineno"]) == (__file__, _starve.__code__.co_firstlineno + 2)
    assert not any(name in frame for name in ("context_line", "pre_context", "post_context"))
    assert faults.read(event).title == "MemoryError"


async def test_errors_are_grouped_by_where_they_happened(db: Database, clock: FakeClock, caught: Caught) -> None:
    for number in range(3):
        _fail(f"number {number}")
    _fail_elsewhere("number 4")
    await faults.flush(db, caught, clock.now())
    found = await _kinds(db, clock)
    assert sorted(one.count for one in found) == [1, 3]
    assert all("_fail" in one.trace and one.place == "GET page" for one in found)


async def test_nothing_that_names_somebody_is_kept(db: Database, clock: FakeClock, caught: Caught) -> None:
    _fail("“canary title” of canary@example.org, token canary1234567890abc, id 123456789, 'canary name'")
    await faults.flush(db, caught, clock.now())
    async with db.reading() as conn:
        text = str(
            await fetch_all(conn, "SELECT k::text FROM fault_kinds k", str)
            + await fetch_all(conn, "SELECT e::text FROM fault_events e", str)
        )
    assert "canary" not in text
    assert "123456789" not in text


async def test_an_error_told_twice_is_counted_once(db: Database, clock: FakeClock, caught: Caught) -> None:
    _fail("once")
    (event,) = caught.taken()
    for _ in range(2):
        caught.take(event)
        await faults.flush(db, caught, clock.now())
    assert [one.count for one in await _kinds(db, clock)] == [1]


async def test_while_the_database_is_away_errors_wait_and_are_bounded(db: Database, clock: FakeClock, caught: Caught) -> None:
    away = Database("postgresql://127.0.0.1:9/none", patience_s=0.1)
    await away.open()
    for number in range(250):
        _fail(f"{number}")
    assert caught.dropped == 50
    await faults.flush(away, caught, clock.now())
    await away.close()
    await faults.flush(db, caught, clock.now())
    assert [one.count for one in await _kinds(db, clock)] == [200]


async def test_the_store_is_bounded(db: Database, clock: FakeClock, caught: Caught, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MOST_EVENTS", 3)
    for number in range(5):
        _fail(f"{number}")
    await faults.flush(db, caught, clock.now())
    async with db.transaction() as conn:
        await faults.forget(conn, clock.now())
        assert len(await fetch_all(conn, "SELECT event_id FROM fault_events", str)) in {0, 3}


async def test_a_test_is_told_apart_and_read(db: Database, clock: FakeClock, caught: Caught) -> None:
    _fail("an operator asked", TestOfErrors)
    (event,) = caught.taken()
    at = faults.read(event).at
    clock.forward(seconds=(at - clock.now()).total_seconds() + 3)
    caught.take(event)
    await faults.flush(db, caught, clock.now())
    found = await faults.look(db, clock.now(), "1.2.3")
    assert found["errors.unexpected"].value == 0
    assert found["errors.environment"].value == "production"
    assert found["errors.own_frames"].value == 0  # raised by this test, not by the program
    assert found["errors.seen_s"].value == pytest.approx(3, abs=0.2)


async def test_without_a_test_its_boxes_are_unknown(db: Database, clock: FakeClock) -> None:
    assert (await faults.look(db, clock.now(), "1.2.3"))["errors.seen_s"].problem


@pytest.mark.parametrize(
    ("modules", "weight"),
    [
        (["audiospective.web.app", "audiospective.archive.ingest"], "critical"),
        (["audiospective.collect.sweep"], "high"),
        (["audiospective.web.pages.history"], "medium"),
        (["audiospective.cli.up"], "low"),
        ([], "low"),
    ],
)
def test_an_error_weighs_as_much_as_what_it_touched(modules: list[str], weight: str) -> None:
    assert faults.weight([{"module": module} for module in modules]) == weight


async def test_messages_of_libraries_are_not_kept(caught: Caught) -> None:
    logging.getLogger("some.library").error("of canary %s", "canary")
    assert caught.taken() == []


async def test_a_review_is_signed_with_what_there_was_to_review(db: Database, clock: FakeClock, caught: Caught) -> None:
    for number in range(3):
        _fail(f"number {number}")
    (event, *_) = waiting = caught.taken()
    clock.forward(seconds=(faults.read(event).at - clock.now()).total_seconds() + 60)
    for one in waiting:
        caught.take(one)
    await faults.flush(db, caught, clock.now())
    async with db.transaction() as conn:
        line = await launch.sign(conn, box("R190"), by="Noor", note="", now=clock.now())
    assert line.told()["reason"] == "confirmed; 3 errors of 1 kinds, 0 critical"


def test_a_tracker_that_never_answers_delays_nobody() -> None:
    """F34: errors are sent by a thread, from a queue that is bounded."""
    with socket.create_server(("127.0.0.1", 0)) as tarpit:
        tracking.start(f"http://key@127.0.0.1:{tarpit.getsockname()[1]}/1", environment="production", release="1")
        began = time.monotonic()
        for number in range(150):
            _fail(f"{number}")
        took = time.monotonic() - began
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)
    assert took / 150 < 0.2
