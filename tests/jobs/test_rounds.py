"""The worker's monthly round audits packages for whoever audited once, and opens what that asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from audiospective.archive.history import HistoryCache
from audiospective.bootstrap import Parts
from audiospective.infra.database import fetch_all
from audiospective.infra.queue import make_app
from audiospective.infra.telemetry import get_logger
from audiospective.jobs import tasks
from audiospective.operations import audits, ledger
from audiospective.settings import load
from tests.simulators.osv import FakeOsv, playing
from tests.stand_in import World


async def _round(world: World, home: Path, osv_url: str, day: str) -> list[str]:
    """The round of that day's morning; the events that it left."""
    world.clock.forward(seconds=(datetime.fromisoformat(f"{day}T09:05").replace(tzinfo=UTC) - world.clock.now()).total_seconds())
    settings = load({"AUDIOSPECTIVE_HOME": str(home), "OSV_API_URL": osv_url})
    app = make_app(world.db.dsn)
    tasks.register(app, Parts(settings, world.clock, world.db, world.spotify, world.sealer, HistoryCache(), get_logger()))
    await app.tasks["make_rounds"].func(timestamp=0)
    async with world.db.reading() as conn:
        return await fetch_all(conn, "SELECT event FROM ops_ledger WHERE event LIKE 'dep%%' OR event LIKE 'inc%%' ORDER BY seq", str)


async def test_it_asks_nobody_until_somebody_did_and_goes_on_where_nobody_answers(world: World, tmp_path: Path) -> None:
    fake = FakeOsv()
    fake.hole("aiohttp", "GHSA-bbbb", "HIGH")
    async with playing(fake):
        assert await _round(world, tmp_path, fake.url, "2040-11-01") == []
        async with world.db.transaction() as conn:
            await ledger.append(conn, [audits.entry("mara", [], [])], world.clock.now())
        assert await _round(world, tmp_path, fake.url, "2040-12-01") == ["dependencies.audited"] * 2 + ["incident.opened"]
        fake.trouble("POST /v1/querybatch", 400)
        assert len(await _round(world, tmp_path, fake.url, "2041-01-01")) == 3
    async with world.db.reading() as conn:
        assert (await ledger.newest(conn, "box.judged"))["R201"].told()["status"] == "fail"
