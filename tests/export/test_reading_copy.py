"""A reading copy is read by programs that aren't ours, and is the archive again elsewhere, to the letter."""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect, sync_playwright

from audiospective.accounts import people
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, Flag, Kind, Listens, Source, UserId
from audiospective.collect.imports import run as imports
from audiospective.export import run
from audiospective.export.run import Format
from audiospective.infra.database import Database
from audiospective.infra.language import ENGLISH, language, speaking
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from tests.archive.listens import EVENING, Heard, batch, listens
from tests.browser.barriers import barriers
from tests.clock import FakeClock
from tests.databases import Server

_ZONE = Zone("Asia/Kathmandu")
_NAMES = ("Tide", "=SUM(A1)", "</script><script>alert(1)</script>", "真夜中", "Élan, “so”", "line\nbreak", "{{ 7*7 }}")
_numbers = itertools.count()
_FLAGS = (Flag(0), Flag.SKIPPED, Flag.NOT_SKIPPED | Flag.SHUFFLE, Flag.OFFLINE, Flag.INCOGNITO, Flag.VIDEO)


async def _listener(db: Database, clock: FakeClock) -> UserId:
    async with db.transaction() as conn:
        return (await people.add(conn, f"reader {next(_numbers)}", clock.now())).id


def _told(user: UserId, seed: int) -> list[Batch]:
    """What several sources told of up to sixty listenings, far enough apart that each is a play."""
    rng = random.Random(seed)
    found = []
    for source in rng.sample([Source.EXTENDED, Source.API, Source.ACCOUNT, Source.OWN, Source.SCROBBLE, Source.TRACKER], 3):
        kinds = [rng.choice([Kind.TRACK, Kind.TRACK, Kind.EPISODE]) if source is Source.EXTENDED else Kind.TRACK for _ in range(20)]
        heard = [
            Heard(
                place * 4000 + int(source) * 600 + rng.random(),
                rng.choice(_NAMES) + (" said" if kinds[place] else ""),
                rng.choice([0, 12_345, 200_000, -1]),
                address=rng.random() < 0.7,
                artist="Marrow Coast",
                kind=kinds[place],
            )
            for place in range(rng.randrange(20))
        ]
        if source is Source.API:
            heard = [replace(one, address=True, ms=-1) for one in heard]
            found.append(batch(user, source, *heard))
        else:
            found.append(Batch(user, source, _beside(rng, heard, source)))
    return found


def _beside(rng: random.Random, heard: list[Heard], source: Source) -> Listens:
    told, size = listens(heard), len(heard)
    if source is not Source.EXTENDED:
        return told
    flags = [int(rng.choice(_FLAGS)) for _ in heard]
    return replace(
        told,
        flags=told.flags | np.array(flags, np.int16),
        shifted_s=np.array([rng.choice([0, 0, 7200]) for _ in heard], np.int32),
        platform=np.array([rng.randrange(2) for _ in heard], np.int32),
        country=np.full(size, 83, np.int16),
        reasons=np.array([rng.randrange(2) for _ in heard], np.int16),
        platforms=["", "ios"],
        reason_pairs=[("", ""), ("clickrow", "trackdone")],
    )


async def _written(db: Database, user: UserId, folder: Path, spelling: str = "all") -> Path:
    path = folder / f"{next(_numbers)}.zip"
    async with db.reading() as conn:
        pieces = run.stream(conn, user, _ZONE, Period(spelling, None, None), fmt=Format.READING_COPY, now=EVENING)
        path.write_bytes(b"".join([piece async for piece in pieces]))
    return path


async def _brought(db: Database, clock: FakeClock, path: Path) -> UserId:
    user = await _listener(db, clock)
    async with db.transaction() as conn:
        import_id = await imports.begin(conn, user, name=path.name, size=1, now=clock.now())
    await imports.run(db, import_id, [path], clock)
    return user


async def _stored(db: Database, clock: FakeClock, seed: int) -> UserId:
    user = await _listener(db, clock)
    async with db.transaction() as conn:
        await store(conn, _told(user, seed))
    return user


def _unpacked(path: Path) -> Path:
    """By a program that isn't ours."""
    folder = path.with_suffix("")
    assert (_unzip("-q", path, "-d", folder) if _UNZIP else _python_zip("-e", path, folder)) == 0
    (inside,) = folder.iterdir()
    return inside


#: Python's own unpacker where the machine has no other.
_UNZIP = shutil.which("unzip")


def _unzip(*asked: str | Path) -> int:
    return subprocess.run([_UNZIP or "", *asked], check=False, capture_output=True).returncode


def _python_zip(*asked: str | Path) -> int:
    return subprocess.run([sys.executable, "-m", "zipfile", *asked], check=False, capture_output=True).returncode


def _sums_hold(folder: Path) -> bool:
    return subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=False, capture_output=True).returncode == 0


@pytest.fixture
async def elsewhere(server: Server) -> AsyncIterator[Database]:
    """Another instance, which knows nobody and nothing."""
    name = server.create("template_migrated")
    database = Database(server.dsn(name), size=2)
    await database.open()
    yield database
    await database.close()
    server.drop(name)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10_000))
async def test_it_is_the_archive_again_elsewhere_to_the_letter(
    db: Database, elsewhere: Database, clock: FakeClock, tmp_path: Path, seed: int
) -> None:
    clock.forward(days=1)
    user = await _stored(db, clock, seed)
    before = await _written(db, user, tmp_path)
    there = _unpacked(before)
    if not _lines(there):
        return
    again = _unpacked(await _written(elsewhere, await _brought(elsewhere, clock, before), tmp_path))
    assert again.joinpath("plays.csv").read_bytes() == there.joinpath("plays.csv").read_bytes()
    assert _lines(again) == _lines(there)


def _lines(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.rglob("*.jsonl"))}


async def test_it_comes_back_into_the_same_archive_as_nothing_new(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    clock.forward(days=1)
    user = await _stored(db, clock, 5)
    path = await _written(db, user, tmp_path)
    async with db.transaction() as conn:
        import_id = await imports.begin(conn, user, name="copy", size=1, now=clock.now())
    told = (await imports.run(db, import_id, [_unpacked(path)], clock)).summary
    assert (told.new, told.rejected, told.duplicates) == (0, 0, told.rows)
    assert told.rows > 0


async def test_its_sums_are_right_and_find_what_was_altered(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    folder = _unpacked(await _written(db, await _stored(db, clock, 5), tmp_path))
    assert _sums_hold(folder)
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    assert listed == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    with (folder / "plays.csv").open("a") as file:
        file.write(" ")
    assert not _sums_hold(folder)


async def test_every_line_is_as_its_schema_says(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    folder = _unpacked(await _written(db, await _stored(db, clock, 5), tmp_path))
    schema = json.loads((folder / "schema.json").read_text("utf-8"))
    lines = [json.loads(line) for path in folder.rglob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        jsonschema_rs.validate(schema, line)
    with (folder / "plays.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(lines)


async def test_a_copy_that_was_cut_short_opens_nowhere(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    path = await _written(db, await _stored(db, clock, 5), tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    assert _unzip("-tq", path) if _UNZIP else _python_zip("-t", path)


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path, dsn: str) -> Path:
    """The page of an unpacked copy, made in a loop of its own, since the browser's driver has one too; in a test's language."""
    tongue = language(getattr(request, "param", "en")) or ENGLISH

    async def make() -> Path:
        db = Database(dsn)
        await db.open()
        try:
            clock = FakeClock()
            user = await _listener(db, clock)
            heard = [Heard(place * 90_000, _NAMES[place % len(_NAMES)], 200_000 if place % 9 else 3_000) for place in range(400)]
            async with db.transaction() as conn:
                await store(conn, [batch(user, Source.EXTENDED, *heard)])
            with speaking(tongue):
                return _unpacked(await _written(db, user, tmp_path))
        finally:
            await db.close()

    return asyncio.run(make()) / "index.html"


@pytest.fixture
def page(chromium: Path, copied: Path) -> Iterator[Page]:
    """Chromium without a network."""
    assert copied.exists()  # made before the browser's driver has its loop
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        context = running.new_context(offline=True, viewport={"width": 1280, "height": 900})
        yield context.new_page()
        running.close()


def test_the_page_opens_from_the_disk_without_a_network(page: Page, copied: Path) -> None:
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith("file:") else troubles.append(request.url))
    page.goto(copied.as_uri())
    expect(page.locator("h1")).to_contain_text("400 plays between 19 March 2026 and")
    expect(page.locator("#said")).to_have_text("400 plays, the last first.")
    page.get_by_label("Track, artist or album").fill("elan so")
    expect(page.locator("#said")).to_contain_text("57 of 400 plays")
    expect(page.locator("#found tbody tr")).to_have_count(57)
    expect(page.locator("rect.lit").first).to_be_attached()
    page.get_by_role("combobox").select_option("2026")
    expect(page.locator("#found tbody tr").first).to_contain_text("Élan, “so”")
    page.get_by_label("Track, artist or album").fill("alert")
    expect(page.locator("#found tbody tr").first).to_contain_text("</script><script>alert(1)</script>")
    assert barriers(page) == []
    assert troubles == []


@pytest.mark.parametrize("copied", ["en", "de", "es", "ja"], indirect=True)
def test_the_page_fits_a_desk_and_a_phone(page: Page, copied: Path) -> None:
    page.goto(copied.as_uri())
    for width in (1440, 1280, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".scroll").evaluate_all("(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"), width


async def test_the_page_is_in_the_language_that_is_spoken(db: Database, clock: FakeClock, tmp_path: Path) -> None:
    user, german = await _stored(db, clock, 5), language("de")
    assert german is not None
    with speaking(german):
        page = (_unpacked(await _written(db, user, tmp_path)) / "index.html").read_text("utf-8")
    assert '<html lang="de-DE" dir="ltr">' in page
    assert re.search(r"<h1>\d+ Wiedergaben zwischen \d+\.\xa0\w+ 20\d\d und ", page)
    assert 'data-found="{n} von {all} Wiedergaben."' in page
    assert ">Plays<" not in page


def test_the_page_answers_without_scripts_too(chromium: Path, copied: Path) -> None:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        page = running.new_context(offline=True, java_script_enabled=False).new_page()
        page.goto(copied.as_uri())
        expect(page.locator("#tracks ~ ol li").first).to_contain_text("51")
        expect(page.locator("#plain")).to_contain_text("plays.csv")
        expect(page.locator("#months rect.bar").first).to_be_attached()
        running.close()
