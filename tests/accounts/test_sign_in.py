"""From a code to a session."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from audiospective.accounts import sessions
from audiospective.infra.database import fetch_all
from audiospective.spotify.errors import SpotifyError
from tests.stand_in import World


async def test_a_sign_in_makes_person_grant_session_and_a_sweep_that_is_due(world: World) -> None:
    with capture_logs() as logs:
        signed_in = await world.sign_in("mara")
    async with world.db.transaction() as conn:
        assert await sessions.find(conn, signed_in.session, world.clock.now()) == signed_in.person
        due = await fetch_all(conn, "SELECT (due_at = %(now)s) FROM sweeps", bool, now=world.clock.now())
    assert (signed_in.person.name, signed_in.person.spotify_id, due) == ("mara", "mara", [True])
    assert [line["message"] for line in logs] == ["User authenticated"]


async def test_a_sign_in_that_fails_leaves_nothing(world: World) -> None:
    world.stand_in.trouble["token"] = (400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}, {})
    with pytest.raises(SpotifyError):
        await world.sign_in("mara")
    async with world.db.transaction() as conn:
        assert await fetch_all(conn, "SELECT count(*) FROM people", int) == [0]


async def test_what_is_shown_of_a_sign_in_holds_no_session(world: World) -> None:
    signed_in = await world.sign_in("mara")
    assert signed_in.session not in repr(signed_in)
