"""Alerts: each rule red and green, told once, repeated, over, silenced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audiospective.errors import Invalid
from audiospective.infra import outbox
from audiospective.infra.database import Connection
from audiospective.infra.outbox import Channel
from audiospective.operations import alerts
from audiospective.operations.alerts import RULES, Figures, Sample, Silence
from tests.clock import FakeClock

START = FakeClock().now()

#: A rule, figures that break it when they stay, for how many minutes, and figures at the border that don't.
CASES = [
    ("errors", Figures(requests=100, failures=2), 2, Figures(requests=100, failures=1)),
    ("errors", Figures(requests=19, failures=5), 2, Figures(requests=19, failures=4)),
    ("down", Figures(is_up=False), 2, Figures(is_up=True)),
    ("slow", Figures(p95_ms=1001), 5, Figures(p95_ms=1000)),
    ("storage", Figures(storage_ratio=0.81), 2, Figures(storage_ratio=0.8)),
    ("cpu", Figures(cpu_ratio=0.81), 10, Figures(cpu_ratio=0.8)),
    ("sweep", Figures(sweep_late_min=10.1), 1, Figures(sweep_late_min=10)),
    ("consents", Figures(consents_ending=1), 1, Figures(consents_ending=0)),
    ("backup", Figures(backup_age_h=25.1), 1, Figures(backup_age_h=25)),
    ("certificate", Figures(certificate_days=13.9), 1, Figures(certificate_days=14)),
    ("ledger", Figures(is_ledger_whole=False), 1, Figures(is_ledger_whole=True)),
    ("dead_letters", Figures(dead_letters=1), 1, Figures(dead_letters=0)),
    ("rounds", Figures(rounds_missed=1), 1, Figures(rounds_missed=0)),
    ("outbox", Figures(outbox_wait_min=5.1), 1, Figures(outbox_wait_min=5)),
]


def minutes(figures: Figures, count: int) -> list[Sample]:
    return [Sample(START + timedelta(minutes=n), figures) for n in range(count)]


def fired(samples: list[Sample]) -> list[str]:
    return [rule.name for rule in alerts.firing(samples)]


@pytest.mark.parametrize(("rule", "bad", "count", "fine"), CASES)
def test_a_rule_fires_alone_and_in_its_time(rule: str, bad: Figures, count: int, fine: Figures) -> None:
    assert fired(minutes(bad, count)) == [rule]
    assert fired(minutes(bad, count - 1)) == []
    assert fired(minutes(fine, 30)) == []


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in CASES} == {rule.name for rule in RULES}


def test_what_nobody_measured_breaks_no_rule() -> None:
    assert fired(minutes(Figures(), 100)) == []


def test_a_day_below_99_per_cent_is_told_though_it_is_up_again() -> None:
    bad = minutes(Figures(is_up=False), 1) + minutes(Figures(is_up=True), 97)
    assert fired(bad[:50]) == []
    assert fired(bad) == ["down"]


def test_one_minute_of_errors_in_three_is_nothing() -> None:
    assert fired(minutes(Figures(requests=100, failures=0), 2) + minutes(Figures(requests=100, failures=9), 1)) == []


async def _minute(conn: Connection, clock: FakeClock, figures: Figures) -> list[str]:
    """Measure, judge, and what is newly in the outbox."""
    before = {one.key for one in await outbox.receipts(conn)}
    await alerts.keep(conn, Sample(clock.now(), figures))
    await alerts.evaluate(conn, clock.now())
    told = [one.key.split(":")[1] + (" over" if ":over" in one.key else "") for one in await outbox.receipts(conn) if one.key not in before]
    clock.forward(minutes=1)
    return told


BAD, FINE = Figures(storage_ratio=0.9), Figures(storage_ratio=0.1)


async def test_an_alert_is_told_once_then_hourly_then_when_it_is_over(conn: Connection, clock: FakeClock) -> None:
    assert await _minute(conn, clock, BAD) == []
    assert await _minute(conn, clock, BAD) == ["storage"]
    assert await _minute(conn, clock, BAD) == []
    clock.forward(minutes=59)
    assert await _minute(conn, clock, BAD) == ["storage"]
    assert await _minute(conn, clock, FINE) == ["storage over"]
    assert await _minute(conn, clock, FINE) == []


async def test_judging_the_same_minute_twice_tells_once(conn: Connection, clock: FakeClock) -> None:
    await _minute(conn, clock, BAD)
    await alerts.keep(conn, Sample(clock.now(), BAD))
    for _ in range(2):
        await alerts.evaluate(conn, clock.now())
    assert len(await outbox.receipts(conn)) == 1


async def test_a_silenced_alert_is_told_when_the_silence_ends(conn: Connection, clock: FakeClock) -> None:
    await alerts.silence(conn, Silence("storage", clock.now() + timedelta(minutes=3), "moving disks", "ana"), clock.now())
    told = [await _minute(conn, clock, BAD) for _ in range(4)]
    assert told == [[], [], [], ["storage"]]


async def test_what_was_silenced_all_along_ends_in_silence(conn: Connection, clock: FakeClock) -> None:
    await alerts.silence(conn, Silence("storage", clock.now() + timedelta(hours=3), "moving disks", "ana"), clock.now())
    assert [await _minute(conn, clock, figures) for figures in (BAD, BAD, FINE)] == [[], [], []]


@pytest.mark.parametrize(
    ("rule", "hours", "reason"), [("storage", 1, " "), ("storage", 0, "why"), ("storage", 200, "why"), ("weather", 1, "why")]
)
async def test_a_silence_needs_a_rule_a_reason_and_an_end(conn: Connection, clock: FakeClock, rule: str, hours: int, reason: str) -> None:
    with pytest.raises(Invalid):
        await alerts.silence(conn, Silence(rule, clock.now() + timedelta(hours=hours), reason, "ana"), clock.now())


@pytest.mark.parametrize("there", [(), (Channel.MAIL,), (Channel.CHAT, Channel.MAIL, Channel.SMS)])
async def test_the_channels_that_are_set_up_are_tried_one_message_each(
    conn: Connection, clock: FakeClock, there: tuple[Channel, ...]
) -> None:
    keys = await alerts.try_channels(conn, there, clock.now())
    tried = await outbox.receipts(conn, "alert-test:")
    assert sorted(one.channel for one in tried) == sorted(there)
    assert {one.key for one in tried} == set(keys)
