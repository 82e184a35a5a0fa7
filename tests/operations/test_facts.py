"""What is known of a launch stands in its messages as people say it: figures once with their unit, times as they were."""

from __future__ import annotations

from datetime import timedelta

from audiospective.infra.database import Connection
from audiospective.operations import boxes, facts, incidents, launch, launches, ledger, messages
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Entry
from tests.clock import FakeClock
from tests.operations.test_launches import SEALER, named

URL = "https://music.example.org"
SEEN = {
    "w2h.p95_ms": 245.0,
    "people.new_accounts": 5.0,
    "w2h.page_views": 547.0,
    "people.sweeps_done": 89.0,
    "w2h.error_ratio": 0.0002,
    "w2h.errors": 7.0,
}


async def test_a_figure_stands_in_a_message_once_and_with_one_unit(conn: Connection, clock: FakeClock) -> None:
    await launches.begin(conn, "1.0.0", commit="", window=None, actor="mara", now=clock.now())
    wanted = [box for box in boxes.boxes() if box.reading in SEEN]
    await launch.record(conn, wanted, {name: Reading(value, "requests") for name, value in SEEN.items()}, actor="mara", now=clock.now())
    known = await facts.known(conn, SEALER, URL, clock.now()) | {"uptime": "100 %"}
    said = messages.render(messages.named("M25"), known).body
    assert said.splitlines()[1:5] == ["- Errors: 0 critical", "- Uptime: 100 %", "- Response time: p95 = 245 ms", "- Users: 5 sign-ups"]
    assert {known[name] for name in ("error_rate", "page_views", "archival_events")} == {"0.02 %", "547", "89"}


async def test_the_plan_is_counted_from_the_window_and_updates_from_now(conn: Connection, clock: FakeClock) -> None:
    await named(conn, clock)
    window = clock.now().replace(hour=14, minute=30) + timedelta(days=1)
    await launches.begin(conn, "1.0.0", commit="", window=window, actor="mara", now=clock.now())
    known = await facts.known(conn, SEALER, URL, window + timedelta(minutes=3)) | {"rollback_plan": "Ready", "dashboards": "Open"}
    told = messages.render(messages.named("M21"), known).body
    assert "- Ilse Brandt: Online from 14:30 UTC to 18:30 UTC" in told
    assert "- 14:00 UTC: Pre-deployment checks\n- 14:30 UTC: Deployment begins\n- 14:45 UTC: Smoke tests\n- 16:30 UTC: Public" in told
    assert messages.render(messages.named("M22"), known).body.startswith("14:33 UTC - ")


async def test_plays_are_called_safe_only_where_the_commander_found_no_data_at_risk(conn: Connection, clock: FakeClock) -> None:
    async def said() -> str:
        return messages.render(messages.named("M12"), await facts.known(conn, SEALER, URL, clock.now())).body

    number = await incidents.begin(conn, severity=1, title="Plays vanish", said="We look.", actor="mara", now=clock.now())
    assert ("Plays vanish" in await said(), "safe" in await said()) == (True, False)
    for is_at_risk in (True, False):
        told: dict[str, object] = {"broken": "Plays", "affected": 20, "data_at_risk": is_at_risk, "rollback": False}
        await ledger.append(conn, [Entry("mara", incidents.ASSESSED, f"incident {number}", told)], clock.now())
        assert ("Your plays are safe." in await said()) is not is_at_risk


async def test_after_a_rollback_the_team_is_told_why_and_to_what(conn: Connection, clock: FakeClock) -> None:
    await launches.begin(conn, "1.0.0", commit="", window=None, actor="mara", now=clock.now())
    body = {"release": "0.9.9-11111111", "left": "1.0.0-22222222", "reason": "the dashboard fails for everybody"}
    await ledger.append(conn, [Entry("mara", "release.rolled_back", "release.rolled_back:1", body)], clock.now())
    known = await facts.known(conn, SEALER, URL, clock.now()) | {"status": "All systems operational"}
    said = messages.render(messages.named("M10"), known).body
    assert "Issue: the dashboard fails for everybody" in said
    assert "Rolled back to v0.9.9 (stable)" in said
