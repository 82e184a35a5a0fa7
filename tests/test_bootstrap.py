"""Assembling: settings become parts that work, and nothing stays open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audiospective.bootstrap import assemble
from audiospective.infra.database import fetch_one
from audiospective.infra.embedded import EmbeddedPostgres
from audiospective.settings import load
from tests.folders import reachable_folder


@pytest.fixture
def home() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


async def test_with_a_database_url_the_parts_speak_to_it(dsn: str, home: Path) -> None:
    async with assemble(load({"DATABASE_URL": dsn, "AUDIOSPECTIVE_HOME": str(home)})) as parts:
        async with parts.db.transaction() as conn:
            assert await fetch_one(conn, "SELECT count(*) FROM people", int) == 0
        assert parts.sealer.open(parts.sealer.seal(b"x", bound=b""), bound=b"") == b"x"
        assert parts.spotify.client_id == "simulator"
    assert parts.spotify.http.closed


@pytest.mark.db
async def test_without_one_the_embedded_postgres_is_started_migrated_and_stopped(home: Path) -> None:
    async with assemble(load({"AUDIOSPECTIVE_HOME": str(home)})) as parts, parts.db.transaction() as conn:
        assert await fetch_one(conn, "SELECT count(*) FROM plays", int) == 0
    assert not EmbeddedPostgres(home).is_alive()
