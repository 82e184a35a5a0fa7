"""F03: no name, no door, no certificate, a cut, a drip: bounded for one person, and nobody else notices."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest

from audiospective.accounts.sign_in import Came, sign_in
from audiospective.collect import recently_played
from audiospective.collect.sweep import sweep_due
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.spotify.http import Patience, Spotify
from audiospective.spotify.oauth import authorize_url
from tests.clock import FakeClock
from tests.simulators.spotify import SpotifySimulator
from tests.stand_in import World

_VERIFIER = "v" * 43
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
_HOME = "http://127.0.0.1:8000/auth/spotify/callback"
_PATH = "/v1/me/player/recently-played"


@pytest.mark.parametrize(
    "address",
    ["http://nobody.invalid", "http://127.0.0.1:9", "https://{host}", "http://127.0.0.1:0"],
    ids=["no such name", "nobody listens", "no TLS there", "no such port"],
)
async def test_a_host_that_cant_be_had_is_one_persons_trouble(world: World, address: str) -> None:
    await world.sign_in("mara")
    host = world.spotify.api_url.removeprefix("http://")
    settings = world.spotify.settings
    lost = type(settings)(settings.client_id, settings.client_secret, settings.accounts_url, address.format(host=host), simulated=True)
    began = time.monotonic()
    (trouble,) = (
        await sweep_due(world.db, Spotify(world.spotify.http, lost, Patience(pause_s=0.01, try_s=1)), world.sealer, world.clock)
    ).troubles
    assert (trouble.kind, time.monotonic() - began < 40) == ("unreachable", True)


@pytest.mark.parametrize("trouble", ["reset", "headers_only", "drip", "slow"])
async def test_a_bad_line_of_one_person_delays_nobody_else(
    db: Database, spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(recently_played, "LONGEST_S", 4)
    sealer = Sealer(["a secret of the tests"])
    spotify = Spotify(spotify.http, spotify.settings, Patience(try_s=1, tries=3, pause_s=0.005))
    for listener in ("veteran", "newcomer"):
        address = authorize_url(spotify, state="s", challenge=_CHALLENGE, redirect_uri=_HOME)
        back = await simulator.agree(address, listener)
        await sign_in(db, spotify, sealer, clock, Came(back["code"], _VERIFIER, _HOME))
    simulator.trouble(_PATH, trouble, times=spotify.patience.tries, seconds=5.0 if trouble == "slow" else 0.2)
    began = time.monotonic()
    swept = await sweep_due(db, spotify, sealer, clock)
    assert (swept.leased, len(swept.troubles) <= 1, time.monotonic() - began < 40) == (2, True, True)
    clock.forward(minutes=5)
    assert (await sweep_due(db, spotify, sealer, clock)).troubles == ()
