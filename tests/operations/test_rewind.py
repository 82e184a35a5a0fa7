"""The cloud's data go back to a moment: once, whoever dies meanwhile, and nobody comes back who was deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from audiospective.accounts import people
from audiospective.environ import Secret
from audiospective.errors import Refused
from audiospective.infra import dumping
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Database, fetch_all
from audiospective.infra.sealing import Sealer
from audiospective.operations import backups, ledger, rewind
from audiospective.operations.ledger import Entry
from audiospective.operations.providers.asking import ProviderError
from audiospective.operations.providers.neon import Neon, Undecided
from audiospective.operations.rewind import Errand
from audiospective.outside import NeonSettings
from audiospective.privacy import erasure
from audiospective.spotify import quota
from tests.clock import FakeClock
from tests.fault.conftest import Killed, Mortal
from tests.operations.providers.conftest import HASTE
from tests.simulators import others
from tests.simulators.others import FakeNeon

SEALER = Sealer(["a secret of the tests"])
PAST = timedelta(minutes=20)


@pytest.fixture
async def neon(db: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[FakeNeon]:
    """A host that really goes back: to a dump of twenty minutes ago, when Mara was here and Noor wasn't."""
    async with db.transaction() as conn:
        await ledger.append(conn, [Entry("mara", "box.signed", "R042", {})], clock.now())
    mara = await _person(db, clock, "mara")
    then = await backups.make(db, clock, tmp_path / "then")
    clock.forward(seconds=PAST.total_seconds())
    await _person(db, clock, "noor")
    async with db.transaction() as conn:
        await erasure.erase(conn, SEALER, mara, clock.now())
        await ledger.append(conn, [Entry("mara", "box.signed", "R043", {})], clock.now())
    fake = FakeNeon(address=db.dsn, comes_back=lambda: dumping.restore(db.dsn, then.path))
    async with others.neon(fake):
        yield fake


async def _person(db: Database, clock: FakeClock, name: str) -> int:
    async with db.transaction() as conn:
        return (await people.add(conn, name, clock.now())).id


def _errand(db: Database, clock: FakeClock, fake: FakeNeon, http: aiohttp.ClientSession, home: Path) -> Errand:
    settings = NeonSettings(Secret("good"), "small-tide-1", fake.url)
    host = Neon(http, settings, SystemClock(), patience=HASTE, every_s=0.005, most_s=0.1)
    home.mkdir(exist_ok=True)
    return Errand(db, host, clock, SEALER, "app", home, "Mara Quill", lambda _: None, pace_s=0.01)


@pytest.fixture
async def errand(db: Database, clock: FakeClock, neon: FakeNeon, http: aiohttp.ClientSession, tmp_path: Path) -> Errand:
    return _errand(db, clock, neon, http, tmp_path / "home")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def _stands(db: Database, clock: FakeClock) -> tuple[list[str], list[str], bool]:
    """Who is here, what the ledger remembers, and whether sweeps wait."""
    async with db.reading() as conn:
        names = await fetch_all(conn, "SELECT name FROM people ORDER BY name", str)
        lines = await ledger.whole(conn)
        paused = (await quota.budget(conn, "app", clock.now())).paused_until
    assert ledger.first_broken(lines) is None
    return names, [f"{line.event} {line.subject}" for line in lines], paused is not None and paused > clock.now()


async def test_everything_is_as_it_was_and_who_was_deleted_stays_deleted(errand: Errand, neon: FakeNeon, clock: FakeClock) -> None:
    at = clock.now() - PAST
    done = await rewind.go_back(errand, at, reason="plays were overwritten")
    assert (done.erased_again, done.is_new, done.kept_as) == (1, True, f"before-{at:%Y%m%dT%H%M%SZ}")
    assert await _stands(errand.db, clock) == ([], ["box.signed R042", f"data.rolled_back {done.kept_as}"], True)
    assert neon.bodies == [
        {"source_branch_id": "br-main", "source_timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "preserve_under_name": done.kept_as}
    ]
    assert not rewind.is_begun(errand.home, "Mara Quill", at)
    again = await rewind.go_back(errand, at, reason="plays were overwritten")
    assert (again.is_new, len(neon.bodies)) == (False, 1)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("dies_at", [0, 1])
async def test_killed_at_any_commit_and_run_again_it_is_done_once(
    errand: Errand, neon: FakeNeon, clock: FakeClock, dsn: str, *, dies_at: int, committed: bool
) -> None:
    at = clock.now() - PAST
    mortal = Mortal(dsn, dies_at=dies_at, committed=committed)
    await mortal.open()
    with pytest.raises(Killed):
        await rewind.go_back(replace(errand, db=mortal), at, reason="x")
    await mortal.close()
    assert rewind.is_begun(errand.home, "Mara Quill", at)
    assert not rewind.is_begun(errand.home, "Noor", at)
    done = await rewind.go_back(errand, at, reason="x")
    assert done.is_new is not (dies_at == 1 and committed)
    assert len(neon.bodies) == 1
    assert await _stands(errand.db, clock) == ([], ["box.signed R042", f"data.rolled_back {done.kept_as}"], True)


async def test_whether_a_silent_host_restores_is_not_known_and_the_next_run_looks(errand: Errand, neon: FakeNeon, clock: FakeClock) -> None:
    at = clock.now() - PAST
    neon.trouble("POST", cut=True, times=1)
    with pytest.raises(Undecided, match="the same command looks"):
        await rewind.go_back(errand, at, reason="x")
    neon.branches.append({"id": "br-9", "name": f"before-{at:%Y%m%dT%H%M%SZ}", "default": False, "current_state": "ready"})
    neon.branches[0]["current_state"] = "init"
    with pytest.raises(Undecided, match="still init"):
        await rewind.go_back(errand, at, reason="x")
    neon.branches[0]["current_state"] = "ready"
    assert (await rewind.go_back(errand, at, reason="x")).is_new
    assert neon.bodies == []


async def test_an_operation_that_fails_is_no_success(errand: Errand, neon: FakeNeon, clock: FakeClock) -> None:
    neon.operation_ends = "failed"
    with pytest.raises(ProviderError, match="op-1 failed"):
        await rewind.go_back(errand, clock.now() - PAST, reason="x")
    assert "data.rolled_back" not in " ".join((await _stands(errand.db, clock))[1])


@pytest.mark.parametrize("minutes", [-1, 0, 6 * 60, 9999])
async def test_a_moment_that_the_host_does_not_know_is_refused_before_anything_is_done(
    errand: Errand, neon: FakeNeon, clock: FakeClock, minutes: int
) -> None:
    with pytest.raises(Refused, match="isn't one"):
        await rewind.go_back(errand, clock.now() - timedelta(minutes=minutes), reason="x")
    assert neon.bodies == []


async def test_a_rehearsal_reads_a_copy_and_takes_it_away(errand: Errand, neon: FakeNeon, clock: FakeClock, dsn: str) -> None:
    at = clock.now() - PAST
    async with dumping.scratch(dsn) as beside:
        await dumping.restore(beside, next(iter(backups.listed(errand.home.parent / "then"))).path)
        neon.address = beside
        now, then, _ = await rewind.rehearse(errand, at)
    assert ((now.people, then.people), [one["name"] for one in neon.branches]) == ((1, 1), ["main"])
    assert then.newest is not None
    assert then.newest <= at
    assert neon.bodies[0]["branch"]["parent_timestamp"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"
    names, lines, paused = await _stands(errand.db, clock)
    assert (names, lines[-1], paused) == (["noor"], "data.drilled data drill", False)


async def test_a_rehearsal_without_a_copy_to_read_is_no_success_and_leaves_none(errand: Errand, neon: FakeNeon, clock: FakeClock) -> None:
    at = clock.now() - PAST
    neon.branches.append({"id": "br-8", "name": f"drill-{at:%Y%m%dT%H%M%SZ}", "default": False, "current_state": "ready"})  # a killed run's
    neon.address = ""
    with pytest.raises(ProviderError, match="where the copy answers"):
        await rewind.rehearse(errand, at)
    assert [one["name"] for one in neon.branches] == ["main"]
    assert "data.drilled data drill" not in (await _stands(errand.db, clock))[1]
