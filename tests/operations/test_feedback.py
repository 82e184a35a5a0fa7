"""What people say is written down, answered in time, and counted beside a signature."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection
from audiospective.operations import feedback, launch
from audiospective.operations.boxes import box
from tests.clock import FakeClock


async def test_the_first_answer_counts(conn: Connection, clock: FakeClock) -> None:
    number = await feedback.add(conn, "reddit", "Exports end early", now=clock.now())
    clock.forward(minutes=20)
    await feedback.reply(conn, number, "Thank you, we look", clock.now())
    clock.forward(hours=3)
    await feedback.reply(conn, number, "Fixed", clock.now())
    (one,) = await feedback.listed(conn, clock.now() - timedelta(days=1))
    assert one.replied_at is not None
    assert (one.replied_at - one.at, one.reply) == (timedelta(minutes=20), "Fixed")


async def test_what_waits_is_listed_however_old(conn: Connection, clock: FakeClock) -> None:
    await feedback.add(conn, "mail", "Where is my data?", now=clock.now())
    clock.forward(days=60)
    assert len(await feedback.listed(conn, clock.now() - timedelta(days=1))) == 1


async def test_a_signature_has_the_counts_beside_it(conn: Connection, clock: FakeClock) -> None:
    for channel in ("mail", "mail", "reddit"):
        await feedback.add(conn, channel, "Nice", now=clock.now())
    line = await launch.sign(conn, box("R154"), by="Noor", note="", now=clock.now())
    assert line.told()["reason"] == "confirmed; 3 heard (mail 2, reddit 1), 0 critical, 3 unanswered"


async def test_nobody_answers_for_it_while_something_critical_waits(conn: Connection, clock: FakeClock) -> None:
    number = await feedback.add(conn, "ticket", "All is gone", now=clock.now(), is_critical=True)
    with pytest.raises(Invalid):
        await launch.sign(conn, box("R154"), by="Noor", note="", now=clock.now())
    await feedback.reply(conn, number, "It was the wrong account", clock.now())
    await launch.sign(conn, box("R154"), by="Noor", note="", now=clock.now())


async def test_what_makes_no_sense_is_refused(conn: Connection, clock: FakeClock) -> None:
    for channel, said in (("pigeon", "x"), ("mail", " ")):
        with pytest.raises(Invalid):
            await feedback.add(conn, channel, said, now=clock.now())
    with pytest.raises(NotFound):
        await feedback.add(conn, "mail", "x", now=clock.now(), incident=9)
    with pytest.raises(NotFound):
        await feedback.reply(conn, 9, "x", clock.now())
