"""Signing in and refreshing, with everything that may be refused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from audiospective.settings import Secret
from audiospective.spotify import oauth
from audiospective.spotify.errors import Malformed, RateLimitedBySpotify, Refused, Revoked, Unreachable
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair
from audiospective.spotify.profile import me
from tests.clock import FakeClock
from tests.simulators.spotify import QUICK, SpotifySimulator

VERIFIER = "verifier-" * 6
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
HOME = "http://127.0.0.1:8000/auth/spotify/callback"


def address(spotify: Spotify) -> str:
    """Where the person is sent."""
    return oauth.authorize_url(spotify, state="st&te", challenge=CHALLENGE, redirect_uri=HOME)


async def code(spotify: Spotify, simulator: SpotifySimulator) -> str:
    """A code, fresh from the authorize page."""
    return (await simulator.agree(address(spotify)))["code"]


async def exchange(spotify: Spotify, code: str, **changed: str) -> TokenPair:
    """The code for tokens."""
    given: dict[str, str] = {"verifier": VERIFIER, "redirect_uri": HOME, **changed}
    return await oauth.exchange(spotify, code=code, verifier=given["verifier"], redirect_uri=given["redirect_uri"])


async def test_signing_in_ends_in_tokens_that_work(spotify: Spotify, simulator: SpotifySimulator) -> None:
    back = await simulator.agree(address(spotify), "owl")
    assert back["state"] == "st&te"
    pair = await exchange(spotify, back["code"])
    assert (pair.expires_in, pair.scope) == (3600, "user-read-recently-played")
    assert pair.refresh_token
    assert (await me(spotify, pair.access_token)).display_name == "Rafael Jacarandá"


def test_only_the_one_permission_is_asked_for(spotify: Spotify) -> None:
    query = parse_qs(urlsplit(address(spotify)).query)
    assert query["scope"] == ["user-read-recently-played"]
    assert query["code_challenge_method"] == ["S256"]


async def test_a_public_app_without_secret_signs_in_by_pkce_alone(simulator: SpotifySimulator) -> None:
    async with aiohttp.ClientSession() as http:
        public = Spotify(http, simulator.settings(client_secret=Secret("")), QUICK)
        assert (await exchange(public, await code(public, simulator))).access_token


async def test_cancel_brings_access_denied(spotify: Spotify, simulator: SpotifySimulator) -> None:
    assert await simulator.agree(address(spotify), answer="cancel") == {"error": "access_denied", "state": "st&te"}


async def test_a_code_works_once(spotify: Spotify, simulator: SpotifySimulator) -> None:
    spent = await code(spotify, simulator)
    await exchange(spotify, spent)
    with pytest.raises(Revoked, match="Invalid authorization code"):
        await exchange(spotify, spent)


@pytest.mark.parametrize("changed", [{"verifier": "other-" * 9}, {"verifier": ""}, {"redirect_uri": "https://elsewhere.example/"}])
async def test_a_stolen_code_is_worth_nothing(spotify: Spotify, simulator: SpotifySimulator, changed: dict[str, str]) -> None:
    with pytest.raises(Revoked):
        await exchange(spotify, await code(spotify, simulator), **changed)


async def test_a_code_dies_after_ten_minutes(spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock) -> None:
    late = await code(spotify, simulator)
    clock.forward(minutes=10)
    with pytest.raises(Revoked):
        await exchange(spotify, late)


@pytest.mark.parametrize("regime", ["keeps", "empty"])
async def test_no_new_refresh_token_means_that_the_old_goes_on(spotify: Spotify, simulator: SpotifySimulator, regime: str) -> None:
    simulator.regime(regime)
    old = str(simulator.tokens().refresh_token)
    for _ in range(3):
        assert (await oauth.refresh(spotify, old)).refresh_token is None


async def test_a_rotated_refresh_token_replaces_the_old(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.regime("rotates")
    old = str(simulator.tokens().refresh_token)
    fresh = (await oauth.refresh(spotify, old)).refresh_token
    assert fresh not in {None, old}
    with pytest.raises(Revoked):
        await oauth.refresh(spotify, old)
    assert (await oauth.refresh(spotify, str(fresh))).access_token


async def test_a_revoked_permission_is_told_and_not_asked_again(spotify: Spotify, simulator: SpotifySimulator) -> None:
    token = str(simulator.tokens().refresh_token)
    simulator.revoke()
    with pytest.raises(Revoked) as caught:
        await oauth.refresh(spotify, token)
    assert caught.value.reason == "Refresh token revoked"
    assert token not in caught.value.message
    assert simulator.seen("POST /api/token") == 1


async def test_refreshing_does_not_prolong_the_six_months(spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock) -> None:
    token = str(simulator.tokens().refresh_token)
    clock.forward(days=182)
    await oauth.refresh(spotify, token)
    clock.forward(days=1)
    with pytest.raises(Revoked):
        await oauth.refresh(spotify, token)


@pytest.mark.parametrize(("told", "taken"), [(0, 60), (-1, 60), (1e12, 3600), (1800, 1800), (1799.5, 1799)])
async def test_an_absurd_life_is_clamped(spotify: Spotify, simulator: SpotifySimulator, told: float, taken: int) -> None:
    simulator.trouble("/api/token", "body", body={"access_token": "BQ", "expires_in": told})
    assert (await oauth.refresh(spotify, "AQ")).expires_in == taken


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": None}, {"error": "?"}, []])
async def test_an_answer_without_access_token_is_malformed(spotify: Spotify, simulator: SpotifySimulator, body: Any) -> None:
    simulator.trouble("/api/token", "body", body=body)
    with pytest.raises(Malformed):
        await oauth.refresh(spotify, "AQ")


async def test_a_redirect_of_the_token_endpoint_is_refused(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/api/token", "redirect", location=f"{simulator.url}/thief")
    with pytest.raises(Malformed, match="redirect"):
        await oauth.refresh(spotify, "AQ")
    assert simulator.seen("POST /thief") == simulator.seen("GET /thief") == 0


async def test_a_wrong_app_is_refused_with_spotifys_reason(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/api/token", "oauth", message="invalid_client: Invalid client")
    with pytest.raises(Refused, match="Invalid client") as caught:
        await oauth.refresh(spotify, "AQ")
    assert not isinstance(caught.value, Revoked)


async def test_a_refresh_cut_off_is_not_sent_twice(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/api/token", "reset")
    with pytest.raises(Unreachable):
        await oauth.refresh(spotify, str(simulator.tokens().refresh_token))
    assert simulator.seen("POST /api/token") == 1


async def test_a_rate_limited_refresh_says_how_long(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/api/token", "rate_limit", retry_after="7")
    with pytest.raises(RateLimitedBySpotify) as caught:
        await oauth.refresh(spotify, "AQ")
    assert caught.value.until_s == 7


def test_a_pair_never_prints_its_tokens() -> None:
    pair = TokenPair("access-canary", "refresh-canary", 3600, "")
    assert "canary" not in f"{pair} {replace(pair, scope='x')!r}"
