"""A sweep of people who live at the simulator, from the sign-in page to the archive."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest

from audiospective.accounts.sign_in import Came, sign_in
from audiospective.archive import history
from audiospective.archive.plays import UserId
from audiospective.collect.rhythm import TroubleKind
from audiospective.collect.sweep import sweep_due, sweep_person
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.spotify import oauth
from audiospective.spotify.http import Spotify
from tests.clock import FakeClock
from tests.simulators.spotify import SpotifySimulator

_HOME = "http://127.0.0.1:8000/auth/spotify/callback"
_VERIFIER = "v" * 64


@pytest.fixture
def parts(db: Database, spotify: Spotify) -> tuple[Database, Spotify, Sealer]:
    """What flows take first."""
    return db, spotify, Sealer(["a secret of the tests"])


@pytest.fixture
async def veteran(parts: tuple[Database, Spotify, Sealer], simulator: SpotifySimulator, clock: FakeClock) -> UserId:
    """The veteran, who has just agreed and come back."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
    address = oauth.authorize_url(parts[1], state="s", challenge=challenge, redirect_uri=_HOME)
    back = await simulator.agree(address)
    return (await sign_in(*parts, clock, Came(back["code"], _VERIFIER, _HOME))).person.id


async def test_the_last_fifty_plays_are_archived_as_spotify_tells_them(
    parts: tuple[Database, Spotify, Sealer], veteran: UserId, clock: FakeClock
) -> None:
    swept = await sweep_due(*parts, clock)
    async with parts[0].transaction() as conn:
        archived = await history.load(conn, veteran)
    assert (swept.leased, swept.fetched, swept.new, len(archived)) == (1, 50, 50, 50)
    assert (archived.duration_ms > 0).all()
    assert (await sweep_person(*parts, clock, veteran)).new == 0


@pytest.mark.parametrize("regime", ["keeps", "rotates", "empty"])
async def test_a_day_of_hourly_sweeps_survives_every_way_of_refreshing(
    parts: tuple[Database, Spotify, Sealer], veteran: UserId, simulator: SpotifySimulator, clock: FakeClock, regime: str
) -> None:
    simulator.regime(regime)
    for _ in range(24):
        assert (await sweep_person(*parts, clock, veteran)).troubles == ()
        clock.forward(hours=1)


async def test_a_play_that_arrives_late_is_archived(
    parts: tuple[Database, Spotify, Sealer], veteran: UserId, simulator: SpotifySimulator, clock: FakeClock
) -> None:
    ended_at = clock.now() - timedelta(minutes=10)
    simulator.play("veteran", ended_at, track=3, seen_at=clock.now() + timedelta(hours=1))
    found = []
    for _ in range(2):
        await sweep_person(*parts, clock, veteran)
        async with parts[0].transaction() as conn:
            found.append(round(ended_at.timestamp() * 1_000_000) in (await history.load(conn, veteran)).ended_at)
        clock.forward(hours=1, minutes=1)
    assert found == [False, True]


async def test_a_permission_that_was_taken_back_ends_the_sweeps_but_not_the_archive(
    parts: tuple[Database, Spotify, Sealer], veteran: UserId, simulator: SpotifySimulator, clock: FakeClock
) -> None:
    await sweep_due(*parts, clock)
    simulator.revoke()
    clock.forward(hours=2)
    swept = await sweep_due(*parts, clock)
    assert [trouble.kind for trouble in swept.troubles] == [TroubleKind.ENDED]
    async with parts[0].transaction() as conn:
        assert len(await history.load(conn, veteran)) == 50
