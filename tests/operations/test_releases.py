"""A release is what was laid out, or nobody goes there; what is done with releases is remembered, once."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import cache_from_source
from multiprocessing import Process
from pathlib import Path

import pytest

from audiospective.errors import Conflict, Invalid, Locked, NotFound, Refused
from audiospective.infra.database import Connection, fetch_all
from audiospective.infra.schema import Applied
from audiospective.infra.sealing import Sealer
from audiospective.operations import authority, deploy, ledger, release_record, release_state, releases, rollback, team
from audiospective.operations.releases import Release, Tampered
from tests.clock import FakeClock
from tests.folders import reachable_folder
from tests.operations.wheels import FEW, NOW, errand, laid_out, wheel

pytestmark = pytest.mark.programs


@pytest.fixture
def home() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "home"


@pytest.fixture
def release(home: Path, tmp_path: Path) -> Release:
    return laid_out(home, tmp_path, "1.0.0", among=FEW)


def changeable(release: Release) -> Path:
    """Its site, made writable as only its owner can."""
    assert release.site is not None
    for folder in (release.site.parent, release.site, release.site / "audiospective"):
        folder.chmod(0o755)
    return release.site / "audiospective"


def test_a_wheel_becomes_a_release_that_only_reads(home: Path, release: Release) -> None:
    assert (release.id, release.version, releases.listed(home)) == ("1.0.0-10000000", "1.0.0", ["1.0.0-10000000"])
    assert release.site is not None
    assert {path.stat().st_mode & 0o222 for path in release.site.rglob("*")} == {0}
    assert deploy.sound(home, release.id) == release


def test_its_bytecode_is_of_its_own_source(home: Path, tmp_path: Path) -> None:
    release = laid_out(home, tmp_path, "1.0.0", append={"errors.py": "\nOTHER = 'only here'\n"})
    assert release.site is not None
    for source in release.site.rglob("*.py"):
        there = source.stat()
        compiled = Path(cache_from_source(str(source))).read_bytes()
        assert struct.unpack("<4xLLL", compiled[:16]) == (0, int(there.st_mtime), there.st_size), source
        assert (b"only here" in compiled) == (source.name == "errors.py" and source.parent.name == "audiospective"), source


def test_laid_out_twice_it_is_there_once(home: Path, release: Release, tmp_path: Path) -> None:
    assert laid_out(home, tmp_path, "1.0.0", among=FEW) == release
    other = wheel(tmp_path / "other.whl", "1.0.0", append={"errors.py": "# other"}, among=FEW)
    with pytest.raises(Conflict, match="laid out already, from another wheel"):
        deploy.lay_out(errand(home), other, "10000000")
    assert sum(fact.event == "release.laid_out" for fact in release_state.read(home).facts) == 1


@pytest.mark.parametrize("how", ["changed", "new", "gone", "compiled"])
def test_a_file_that_differs_is_seen(home: Path, release: Release, how: str) -> None:
    package = changeable(release)
    file = package / "errors.py" if how != "compiled" else next((package / "__pycache__").glob("errors.*.pyc"))
    if how == "gone":
        file.unlink()
    else:
        file = package / "more.py" if how == "new" else file
        file.parent.chmod(0o755)
        file.touch()
        file.chmod(0o644)
        file.write_bytes(b"import os")
    with pytest.raises(Tampered, match="isn't what was laid out"):
        deploy.sound(home, release.id)


def test_a_manifest_that_was_changed_too_is_seen(home: Path, release: Release) -> None:
    changeable(release)
    manifest = home / "releases" / release.id / "release.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes().replace(b'"1.0.0"', b'"1.0.1"'))
    with pytest.raises(Tampered, match="manifest"):
        deploy.sound(home, release.id)


def test_what_is_no_wheel_of_ours_leaves_nothing(home: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.whl"
    junk.write_bytes(b"PK, not really")
    with pytest.raises(Invalid, match="can't be read as a wheel"):
        deploy.lay_out(errand(home), junk, "10000000")
    assert list((home / "releases").glob(".half*")) == []
    assert releases.listed(home) == []


def test_what_a_wheel_needs_is_compared_with_what_is_there(tmp_path: Path) -> None:
    needs = ("msgspec>=0.22", "nothing-of-the-kind>=1", "msgspec<0.1", "winonly; platform_system == 'Windows'")
    assert deploy.unmet(needs, tmp_path) == ["nothing-of-the-kind>=1", "msgspec<0.1"]
    (tmp_path / "nothing_of_the_kind-1.2.dist-info").mkdir()
    (tmp_path / "nothing_of_the_kind-1.2.dist-info" / "METADATA").write_text("Name: nothing_of_the_kind\nVersion: 1.2\n")
    assert deploy.unmet(needs, tmp_path) == ["msgspec<0.1"]


def test_the_pointer_moves_at_once_and_leads_nowhere_else(home: Path, release: Release) -> None:
    assert releases.current(home) == releases.INSTALLED
    releases.point(home, release.id)
    releases.point(home, release.id)
    assert releases.current(home) == release.id
    pointer = home / "releases" / "current"
    pointer.unlink()
    pointer.symlink_to("../../elsewhere")
    with pytest.raises(Tampered, match="is no release"):
        releases.current(home)


@pytest.mark.parametrize("wrong", ["../1.0.0-10000000", "current", "1.0.0", ""])
def test_an_id_that_is_none_is_refused(home: Path, wrong: str) -> None:
    with pytest.raises(Invalid, match="isn't a release's id"):
        releases.find(home, wrong)


def test_a_release_that_is_not_there_is_not_found(home: Path) -> None:
    with pytest.raises(NotFound):
        releases.find(home, "2.0.0-20000000")


def test_the_half_of_a_run_that_was_killed_goes_with_the_next(home: Path, tmp_path: Path) -> None:
    left = home / "releases" / ".half-left" / "site"
    left.mkdir(parents=True)
    left.chmod(0o500)
    deploy.lay_out(errand(home), wheel(tmp_path / "next.whl", "1.0.0", among=FEW), "10000000")
    assert not left.exists()


def _note(home: Path, number: int) -> None:
    with release_state.changed(home) as state:
        state.note("release.served", NOW, "mara", release=f"1.0.{number}-10000000")


def test_many_may_write_the_state_and_each_fact_has_its_mark(home: Path) -> None:
    writers = [Process(target=_note, args=(home, number)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    marks = [fact.mark for fact in release_state.read(home).facts]
    assert marks == [f"release.served:{number}" for number in range(1, 9)]


async def test_the_ledger_is_caught_up_once(conn: Connection, home: Path) -> None:
    _note(home, 1)
    _note(home, 2)
    assert await release_record.catch_up(conn, home, NOW) == 2
    _note(home, 3)
    assert await release_record.catch_up(conn, home, NOW) == 1
    assert await release_record.catch_up(conn, home, NOW) == 0
    assert ledger.first_broken(await ledger.whole(conn)) is None


def test_a_second_operator_is_told_who_the_first_is(home: Path) -> None:
    mine, theirs = (release_state.locked(home, who, "deploying", NOW) for who in ("Mara", "Noor"))
    with mine, pytest.raises(Locked, match="Mara, deploying, since 10:00:00"), theirs:
        raise AssertionError("two deploy at once")
    with release_state.locked(home, "Noor", "rolling back", NOW):
        assert os.path.getsize(home / "releases" / "deploy.lock") > 0


def _proved(home: Path, *ids: str) -> None:
    with release_state.changed(home) as state:
        for age, release_id in enumerate(ids):
            state.known(release_id).served_at = state.known(release_id).proved_at = NOW - timedelta(hours=age)


def test_the_last_good_one_was_proved_and_each_other_has_its_reason(home: Path, tmp_path: Path) -> None:
    ids = [laid_out(home, tmp_path, version, among=FEW).id for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0")]
    _proved(home, ids[3], ids[2], ids[0])
    with release_state.changed(home) as state:
        state.known(ids[2]).failed = "a process ended while it was watched"
    found = rollback.candidates(home, ids[3], [])
    assert rollback.choose(found, "last-good").id == ids[0]
    reasons = {one.id: one.why_not for one in found}
    assert [reasons[one].split(":")[0] for one in ids[1:]] == [
        "it never served for long enough to be proved",
        "it was taken back",
        "it serves now",
    ]
    with pytest.raises(Refused, match="never served"):
        rollback.choose(found, "v1.1.0")
    with pytest.raises(Invalid, match="There is no release"):
        rollback.choose(found, "9.9.9")


def test_a_release_without_what_the_schema_lost_is_none_to_go_back_to(home: Path, release: Release) -> None:
    _proved(home, release.id)
    lost = Applied("9001_less", "", "9000")
    (found, *_) = [one for one in rollback.candidates(home, "", [lost]) if one.id == release.id]
    assert "9001_less took away what it needs; only a backup from before brings it back" in found.why_not
    kept = Applied("9001_less", "", release.last_migration)
    assert rollback.choose(rollback.candidates(home, "", [kept]), release.id).id == release.id


def test_a_freeze_holds_until_it_is_lifted(home: Path) -> None:
    rollback.freeze(home, "Mara", "the launch is on", NOW)
    with pytest.raises(Refused, match="by Mara: the launch is on"):
        deploy.refuse_frozen(home)
    assert rollback.lift(home, "Mara", NOW)
    assert not rollback.lift(home, "Mara", NOW)
    deploy.refuse_frozen(home)


@dataclass(frozen=True)
class _Told:
    channel: str
    body: str


async def _is(conn: Connection, clock: FakeClock, role: str, name: str) -> None:
    member = team.Member(role, name, "somebody@example.org", "", "Europe/Lisbon", clock.now())
    await team.name(conn, Sealer(["a secret of the tests"]), member)


async def test_the_lead_may_others_ask(conn: Connection, clock: FakeClock) -> None:
    await authority.may(conn, "Noor", clock.now())  # nobody leads
    await _is(conn, clock, "deployment-lead", "Mara")
    await authority.may(conn, "Mara", clock.now())
    with pytest.raises(Refused, match="Mara leads this deployment and must approve"):
        await authority.may(conn, "Noor", clock.now())
    number = await authority.request(conn, "Noor", "one in ten fails", clock.now(), is_critical=False)
    with pytest.raises(Refused, match="Only the deployment lead approves"):
        await authority.approve(conn, number, "Noor", clock.now())
    assert [one.by for one in await authority.unanswered(conn, clock.now())] == ["Noor"]
    (told,) = await fetch_all(conn, "SELECT channel, body FROM outbox", _Told)
    assert told.channel == "chat"
    assert told.body == 'Noor asks for a rollback: one in ten fails. Mara approves: audiospective ops rollback approve 1 --by "Mara"'
    await authority.approve(conn, number, "Mara", clock.now())
    await authority.may(conn, "Noor", clock.now())
    assert await authority.unanswered(conn, clock.now()) == []
    with pytest.raises(Refused):
        await authority.may(conn, "Noor", clock.now() + timedelta(hours=2))


async def test_when_the_lead_is_away_the_backup_engineer_decides_what_is_critical(conn: Connection, clock: FakeClock) -> None:
    await _is(conn, clock, "deployment-lead", "Mara")
    await _is(conn, clock, "backup-engineer", "Tove")
    number = await authority.request(conn, "Noor", "nothing loads", clock.now(), is_critical=True)
    with pytest.raises(Refused):
        await authority.approve(conn, number, "Tove", clock.now() + timedelta(minutes=4))
    await authority.approve(conn, number, "Tove", clock.now() + timedelta(minutes=5))
    with pytest.raises(Invalid, match="no request 7"):
        await authority.approve(conn, 7, "Mara", clock.now())
