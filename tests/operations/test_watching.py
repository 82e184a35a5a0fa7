"""The minute's round, over a real database and services that are and aren't well."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest

from audiospective.infra import outbox
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import execute
from audiospective.infra.outbox import Channel, Message
from audiospective.operations import ledger, machine, watching
from audiospective.operations.health import Observer
from audiospective.operations.ledger import Entry
from audiospective.operations.machine import Processor
from audiospective.operations.measures import Recorder
from audiospective.operations.probes.database import QUOTA_BYTES
from audiospective.operations.watching import Eyes
from tests.stand_in import World

pytestmark = pytest.mark.http


def _eyes(world: World, folder: Path, *, quota_bytes: int = QUOTA_BYTES) -> Eyes:
    return Eyes(Observer(world.db, world.spotify, world.clock), folder, "http://127.0.0.1:9", "1.0.0", quota_bytes=quota_bytes)


async def _round(world: World, folder: Path) -> set[str]:
    """What fires, but for how busy the machine of the tests is."""
    return set(await watching.watch(world.db, _eyes(world, folder), world.clock)) - {"cpu"}


async def test_all_is_quiet_at_first(world: World, tmp_path: Path) -> None:
    assert await _round(world, tmp_path) == set()


async def test_a_database_that_outgrows_its_own_quota_is_told_of(world: World, tmp_path: Path) -> None:
    async with world.db.reading() as conn:
        size = (await machine.size(conn)).database_bytes
    for quota_bytes, fires in ((2 * size, False), (size, True)):
        for _ in range(2):
            world.clock.forward(minutes=1)
            found = await watching.watch(world.db, _eyes(world, tmp_path, quota_bytes=quota_bytes), world.clock)
        assert ("storage" in found) is fires


async def test_somebody_who_waits_to_be_swept_is_told_of(world: World, tmp_path: Path) -> None:
    await world.sign_in("mara")
    world.clock.forward(minutes=11)
    assert await _round(world, tmp_path) == {"sweep"}


async def test_a_message_that_waits_and_one_that_was_given_up_are_told_of(world: World, tmp_path: Path) -> None:
    async with world.db.transaction() as conn:
        await outbox.store(conn, Message("a", Channel.SMS, "A", "A"), world.clock.now())
        await outbox.store(conn, Message("b", Channel.SMS, "B", "B"), world.clock.now())
        await execute(conn, "UPDATE outbox SET state = 'dead', settled_at = created_at WHERE dedupe_key = 'a'")
    world.clock.forward(minutes=6)
    assert await _round(world, tmp_path) == {"outbox", "dead_letters"}


async def _served(world: World, *, failures: int = 0, ms: float = 40) -> None:
    """A hundred requests in this minute, so many of them failing; then the minutes pass until they count."""
    recorder = Recorder()
    for number in range(100):
        recorder.note(world.clock.now(), "page", "5xx" if number < failures else "2xx", ms)
    await recorder.flush(world.db)


async def test_requests_that_fail_are_told_of_after_two_minutes(world: World, tmp_path: Path) -> None:
    told = []
    for _ in range(5):
        await _served(world, failures=3)
        told.append(await _round(world, tmp_path))
        world.clock.forward(minutes=1)
    assert told == [set(), set(), set(), {"errors"}, {"errors"}]


async def test_slow_pages_are_told_of_after_five(world: World, tmp_path: Path) -> None:
    told = []
    for _ in range(8):
        await _served(world, ms=1400)
        told.append(await _round(world, tmp_path))
        world.clock.forward(minutes=1)
    assert told.index({"slow"}) == 6


async def test_permissions_that_end_within_a_week_are_told_of_each_day(world: World, tmp_path: Path) -> None:
    await world.sign_in("mara")
    async with world.db.transaction() as conn:
        await execute(conn, "UPDATE sweeps SET due_at = %(then)s", then=world.clock.now().replace(year=world.clock.now().year + 1))
    assert await _round(world, tmp_path) == set()
    world.clock.forward(days=176)
    assert "consents" in await _round(world, tmp_path)


async def test_a_ledger_that_somebody_changed_is_told_of(world: World, tmp_path: Path) -> None:
    async with world.db.transaction() as conn:
        await ledger.append(conn, [Entry("noor", "box.signed", "R001", {})], world.clock.now())
    assert await _round(world, tmp_path) == set()
    async with world.db.transaction() as conn:
        await execute(conn, "ALTER TABLE ops_ledger DISABLE TRIGGER ops_ledger_stays")
        await execute(conn, "UPDATE ops_ledger SET actor = 'somebody else'")
    world.clock.forward(minutes=1)
    assert await _round(world, tmp_path) == {"ledger"}


async def test_each_minute_leaves_a_look_and_a_pause_is_a_gap(world: World, tmp_path: Path) -> None:
    eyes, began = _eyes(world, tmp_path), world.clock.now()
    for minutes in (1, 1, 20, 1):
        await watching.watch(world.db, eyes, world.clock)
        world.clock.forward(minutes=minutes)
    async with world.db.reading() as conn:
        found = await machine.looks(conn, began, world.clock.now())
    assert [one.version for one in found] == ["1.0.0"] * 4
    assert [run for _, run in machine.missing(found, began, world.clock.now())] == [19]


@pytest.mark.parametrize("url", ["http://music.example.org", "https://127.0.0.1:9"])
def test_where_no_certificate_is_shown_none_ends(url: str) -> None:
    assert watching.certificate_ends(url) is None


def test_the_processor_is_measured_between_two_looks(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    processor = Processor(stat)
    told = []
    for busy, idle in ((100, 100), (130, 170), (130, 170)):
        stat.write_text(f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\n")
        told.append(processor.share())
    assert told == [None, 0.3, None]
    assert 0 <= (Processor(tmp_path / "none").share() or 0) <= 1


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that ends in ten days, and its key."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "10", "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *named], check=True, capture_output=True)
    return certificate, key


async def test_a_certificate_is_read_and_one_that_nobody_trusts_has_ended(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=shown)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
    trust = ssl.create_default_context(cafile=str(certificate))
    ends = await asyncio.to_thread(watching.certificate_ends, url, trust)
    untrusted = await asyncio.to_thread(watching.certificate_ends, url)
    server.close()
    assert ends is not None
    assert 9 <= (ends - SystemClock().now()).days <= 10
    assert untrusted is not None
    assert untrusted.year == 1970
