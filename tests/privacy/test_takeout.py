"""Everything that is held about a person comes out, and no secret with it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from audiospective.accounts import sessions, tokens
from audiospective.accounts.people import Person
from audiospective.archive.ingest import store
from audiospective.archive.plays import Source
from audiospective.collect import unread
from audiospective.infra.database import Connection, Database, fetch_all
from audiospective.insights.zones import Zone
from audiospective.privacy import takeout
from audiospective.privacy.holdings import HOLDINGS
from audiospective.spotify.player import Unreadable
from tests.archive.listens import EVENING, Heard, batch
from tests.clock import FakeClock
from tests.stand_in import World, world_of

_OF_PEOPLE = """
SELECT DISTINCT c.table_name::text FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.column_name IN ('user_id', 'import_id')
"""


@pytest.fixture
async def mara(db: Database, clock: FakeClock) -> tuple[Person, list[str]]:
    """Signed in, with plays and a token; and what must never come out."""
    async with world_of(db, clock) as world:
        signed_in = await world.sign_in("mara")
        async with db.transaction() as conn:
            await store(conn, [batch(signed_in.person.id, Source.API, Heard(0, "Tide"))])
            token = await tokens.issue(conn, signed_in.person.id, "phone", clock.now())
            session = await sessions.begin(conn, signed_in.person.id, clock.now())
        return signed_in.person, [token, session, signed_in.session, *_spotify_tokens(world)]


def _spotify_tokens(world: World) -> list[str]:
    return [*world.stand_in.access_tokens.values(), *world.stand_in.refresh_tokens.values()]


async def _zip(db: Database, person: Person) -> bytes:
    async with db.reading() as conn:
        return b"".join([piece async for piece in takeout.zipped(conn, person.id, Zone("UTC"), EVENING + timedelta(days=1))])


async def test_every_table_with_something_of_a_person_has_its_place(conn: Connection) -> None:
    listed = {table for holding in HOLDINGS for table in holding.tables}
    assert listed - {"people"} == set(await fetch_all(conn, _OF_PEOPLE, str))


async def test_the_index_says_what_each_file_is(db: Database, mara: tuple[Person, list[str]]) -> None:
    with zipfile.ZipFile(io.BytesIO(await _zip(db, mara[0]))) as whole:
        assert whole.testzip() is None
        index = json.loads(whole.read("index.json"))
        assert set(index["files"]) == set(whole.namelist()) - {"index.json"}
        assert all(len(says) > 20 for says in index["files"].values())


async def test_what_is_held_comes_out(db: Database, mara: tuple[Person, list[str]]) -> None:
    with zipfile.ZipFile(io.BytesIO(await _zip(db, mara[0]))) as whole:
        held = {name: json.loads(whole.read(name)) for name in whole.namelist()}
    assert held["profile.json"][0]["displayName"] == "Mara"
    assert [row["master_metadata_track_name"] for row in held["plays.json"]] == ["Tide"]
    assert held["spotify.json"][0]["scope"] == "user-read-recently-played"
    assert [row["name"] for row in held["access.json"] if row["kind"] == "personal token"] == ["phone"]


async def test_what_another_report_stands_for_comes_out_too(
    db: Database, mara: tuple[Person, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeout, "_PORTION", 2)
    async with db.transaction() as conn:
        await store(conn, [batch(mara[0].id, Source.EXTENDED, Heard(0, "Tide", 200_000), Heard(700, "Harbour", 5))])
    with zipfile.ZipFile(io.BytesIO(await _zip(db, mara[0]))) as whole:
        told = json.loads(whole.read("reports.json"))
    assert sorted((one["track"], one["source"], one["msPlayed"], one["standsForThePlay"]) for one in told) == [
        ("Harbour", "spotify-extended", 5, True),
        ("Tide", "spotify-api", None, False),
        ("Tide", "spotify-extended", 200_000, True),
    ]


@pytest.mark.parametrize("raw", [b'{"played_at":"\xff"}', ('["' + "真" * 30_000).encode()], ids=["no text", "cut within a letter"])
async def test_what_could_not_be_read_keeps_nobody_from_their_own(db: Database, mara: tuple[Person, list[str]], raw: bytes) -> None:
    async with db.transaction() as conn:
        await unread.keep(conn, [(mara[0].id, Unreadable(raw, "it names no play"))], EVENING)
    with zipfile.ZipFile(io.BytesIO(await _zip(db, mara[0]))) as whole:
        (aside,) = [row for row in json.loads(whole.read("sweeps.json")) if "unreadable" in row]
    assert aside["unreadable"][:5] == raw.decode("utf-8", "replace")[:5]
    assert aside["objection"] == "it names no play"


async def test_no_secret_comes_out(db: Database, mara: tuple[Person, list[str]]) -> None:
    person, secrets = mara
    with zipfile.ZipFile(io.BytesIO(await _zip(db, person))) as whole:
        everything = b"".join(whole.read(name) for name in whole.namelist())
    assert [secret for secret in secrets if secret.encode() in everything] == []


async def test_one_document_has_the_same(db: Database, mara: tuple[Person, list[str]]) -> None:
    async with db.reading() as conn:
        pieces = takeout.document(conn, mara[0].id, Zone("UTC"), EVENING + timedelta(days=1))
        told = json.loads(b"".join([piece async for piece in pieces]))
    assert {f"{name}.json" for name in told} >= {holding.file for holding in HOLDINGS}
