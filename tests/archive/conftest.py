"""A listener for the archive's tests."""

from __future__ import annotations

import pytest

from audiospective.archive.plays import UserId
from audiospective.infra.database import Connection, fetch_all
from tests.archive.listens import EVENING

_ADD = "INSERT INTO people (name, display_name, created_at) VALUES (%(name)s, %(name)s, %(now)s) RETURNING id"


@pytest.fixture
async def user(conn: Connection) -> UserId:
    """Somebody with an empty archive."""
    return UserId((await fetch_all(conn, _ADD, int, name="mara", now=EVENING))[0])


@pytest.fixture
async def other(conn: Connection) -> UserId:
    """Somebody else."""
    return UserId((await fetch_all(conn, _ADD, int, name="ines", now=EVENING))[0])
