"""What stands in for providers on one machine: it answers the same boxes, and says why where it can't."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from audiospective.bootstrap import LOG
from audiospective.infra.database import Connection, Database
from audiospective.operations import boxes, ledger, machine, releases, rollback, surroundings
from audiospective.operations.judge import Status, judge
from audiospective.operations.machine import Look, Processor
from audiospective.operations.providers.chosen import Given, Means, in_the_cloud, on_one_machine
from audiospective.operations.surroundings import Surroundings, own_lines
from audiospective.outside import OutsideSettings
from audiospective.settings import AlertSettings, SchedulerSettings, Secret, SpotifySettings, TrackerSettings
from audiospective.spotify.http import Spotify
from tests.operations.cloud import TickingClock
from tests.operations.providers.conftest import HASTE
from tests.web.site import NOWHERE, Site, opened

BOXES = [
    f"R{number:03}"
    for number in (5, 6, 8, 9, 21, *range(24, 29), 36, 37, 46, 114, 115, 116, 119, 121, *range(123, 127), *range(147, 150), 184)
]


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(db, TickingClock(0.02), tmp_path) as running:
        yield running


async def _look(site: Site, *, is_cloud: bool = False, tick_s: float = 0.02) -> dict[str, Status]:
    """`tick_s` is how much later it is each time that somebody looks: a second where ten looks for what never comes are enough."""
    parts, clock = site.parts, TickingClock(tick_s)
    given = Given(OutsideSettings(), SchedulerSettings(), TrackerSettings(), AlertSettings(), site.url)
    async with aiohttp.ClientSession() as http:
        means = Means(http=http, clock=clock, db=parts.db, store=None, carriers={}, spotify_client="app", patience=HASTE)
        who = (in_the_cloud if is_cloud else on_one_machine)(given, means)
        asked = Spotify(http, SpotifySettings("app", Secret("s"), NOWHERE, NOWHERE, simulated=True))
        wanted = frozenset(boxes.box(number).reading for number in BOXES)
        log = parts.settings.home / LOG
        scene = Surroundings(parts.db, http, clock, who, site.url, asked, parts.settings.home, log, "", wanted, "cd" * 16, 0.02)
        found = await surroundings.look(replace(scene, checkout=parts.settings.home))
    return {number: judge(boxes.box(number), found[boxes.box(number).reading]).status for number in BOXES}


async def _well(site: Site) -> None:
    """A worker that lives and looks, somebody who was swept, requests, and a log that is written as it should be."""
    clock, db = site.parts.clock, site.parts.db
    now = clock.now()
    async with db.transaction() as conn:
        await conn.execute("INSERT INTO worker_heartbeats (name, beat_at) VALUES ('w', %s)", [now])
        await _person(conn, "mara", now)
        for minute in range(1, 5):
            await machine.keep(conn, Look(now - timedelta(minutes=minute), "1", True, True, 3, 1_000, 0.02))
    for _ in range(2_000):
        site.parts.recorder.note(now - timedelta(minutes=5), "page", "2xx", 20)
    await site.parts.recorder.flush(db)


async def _person(conn: Connection, name: str, now: datetime) -> None:
    """Somebody who signed in with the operator's app and was swept half an hour ago."""
    row = await conn.execute("INSERT INTO people (name, display_name, created_at) VALUES (%s, '', %s) RETURNING id", [name, now])
    (person,) = await row.fetchone() or (0,)
    half = timedelta(minutes=30)
    await conn.execute("INSERT INTO sweeps (user_id, due_at, swept_at) VALUES (%s, %s, %s)", [person, now + half, now - half])
    await conn.execute(
        "INSERT INTO grants (user_id, client_id, access_token, refresh_token, expires_at, authorized_at, scope) "
        "VALUES (%s, 'app', '', '', %s, %s, '')",
        [person, now, now],
    )


@contextlib.contextmanager
def _log(site: Site, *lines: str) -> Iterator[None]:
    log = site.parts.log_file
    log.path = site.parts.settings.home / LOG
    for line in lines:
        log.write(line)
    log.flush()
    log.start()
    yield
    log.close()


NA, F, U = Status.NOT_APPLICABLE, Status.FAIL, Status.UNKNOWN
#: Where nothing was built, nothing supervises, and no channel is set up.
USUAL = dict.fromkeys(["R021", "R024", "R027", "R028", "R184"], NA) | dict.fromkeys(["R009", "R037", "R114", "R115"], U)


async def _seen(site: Site, wrong: Callable[[Site], Awaitable[None]] | None = None) -> dict[str, Status]:
    """What isn't green of an instance in good order, but for one thing."""
    await _well(site)
    with _log(site, f"[{site.parts.clock.now():%H:%M:%S}] info sweep.stored people=1"):
        if wrong:
            await wrong(site)
        return {number: status for number, status in (await _look(site)).items() if status is not Status.PASS}


async def test_on_one_machine_what_is_built_in_answers(site: Site) -> None:
    assert await _seen(site) == USUAL
    async with site.parts.db.reading() as conn:
        assert "cdcd" in (await ledger.newest(conn, "chat.noted"))["inbox"].body


async def _busy(site: Site) -> None:
    """The kernel counts nine busy ticks in ten between two looks of the worker."""
    stat, now = site.parts.settings.home / "stat", site.parts.clock.now()
    processor = Processor(stat)
    for ticks in ("cpu  100 0 0 100 0 0 0 0", "cpu  190 0 0 110 0 0 0 0"):
        stat.write_text(f"{ticks}\n")
        share = processor.share()
    async with site.parts.db.transaction() as conn:
        await machine.keep(conn, Look(now, "1", True, True, 3, 1_000, share))


async def _nobody_looks(site: Site) -> None:
    async with site.parts.db.transaction() as conn:
        await conn.execute("DELETE FROM machine_minutes WHERE at > %s", [site.parts.clock.now() - timedelta(minutes=4)])


def _says(*, instead: bool) -> Callable[[Site], Awaitable[None]]:
    """The log tells of an error, among the rest or instead of it."""

    async def do(site: Site) -> None:
        log = site.parts.log_file.path
        before = "" if instead else log.read_text()
        log.write_text(f"{before}[{site.parts.clock.now():%H:%M:%S}] error web.failed kind=KeyError\n")

    return do


async def _frozen(site: Site) -> None:
    releases.folder_of(site.parts.settings.home).mkdir()
    rollback.freeze(site.parts.settings.home, "mara", "the launch is on", site.parts.clock.now())


MUTATIONS: list[tuple[str, Callable[[Site], Awaitable[None]], dict[str, Status]]] = [
    ("the machine is busy", _busy, {"R121": F}),
    ("nobody has looked for minutes", _nobody_looks, dict.fromkeys(["R121", "R123", "R124"], U)),
    ("an error in our own log", _says(instead=False), {"R125": F}),
    ("deploys are frozen", _frozen, {"R008": F}),
    ("nothing but errors in it", _says(instead=True), {"R125": F, "R126": F}),
]


@pytest.mark.parametrize(("wrong", "red"), [one[1:] for one in MUTATIONS], ids=[one[0] for one in MUTATIONS])
async def test_one_broken_thing_turns_its_own_boxes_and_no_other(
    site: Site, wrong: Callable[[Site], Awaitable[None]], red: dict[str, Status]
) -> None:
    assert await _seen(site, wrong) == USUAL | red


async def test_without_a_worker_and_a_log_nothing_of_them_is_green(site: Site) -> None:
    found = await _look(site, tick_s=1)
    assert {number for number in ("R026", "R147", "R148", "R149") if found[number] is Status.PASS} == set()
    assert {found[number] for number in ("R036", "R119", "R121", "R123", "R124", "R125", "R126")} == {Status.UNKNOWN}


async def test_in_the_cloud_what_is_not_set_up_is_unknown_and_never_green(site: Site) -> None:
    await _well(site)
    found = await _look(site, is_cloud=True)
    names = ("R005", "R024", "R025", "R026", "R027", "R028", "R036", "R121", "R123", "R124", "R125", "R126", "R147", "R148", "R149", "R184")
    assert {found[number] for number in names} == {Status.UNKNOWN}


def test_lines_without_a_date_belong_to_the_last_day_and_the_one_before() -> None:
    now = datetime(2026, 11, 26, 0, 5, tzinfo=UTC)
    lines = ["[23:59:00] info a", "[00:01:00] warning b x=1", "[00:02:00] GET / 200 (0.01s)", "[00:04:00] error c"]
    assert [(line.at.day, line.level, line.message) for line in own_lines(lines, now)] == [
        (25, "info", "a"),
        (26, "warning", "b x=1"),
        (26, "error", "c"),
    ]


def test_the_probe_of_the_log_writes_nothing_but_digits() -> None:
    from audiospective.web.observing import probe_mark  # noqa: PLC0415 (beside its test)

    assert probe_mark(b"ab" * 16) == f" probe={'ab' * 16}"
    assert {probe_mark(bad) for bad in (b"", b"ab", b"../x", b"ab" * 16 + b"\n[00:00:00] error forged", b"AB" * 16)} == {""}
