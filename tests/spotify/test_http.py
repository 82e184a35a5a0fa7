"""One request: how often it is tried, how long, and what each refusal becomes."""

from __future__ import annotations

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospective.errors import Unavailable
from audiospective.spotify.errors import (
    Forbidden,
    Malformed,
    QuotaExceeded,
    RateLimitedBySpotify,
    Refused,
    SpotifyError,
    TokenRefused,
    Unreachable,
)
from audiospective.spotify.http import Patience, Spotify
from audiospective.spotify.player import recently_played
from audiospective.spotify.profile import me
from tests.clock import FakeClock
from tests.simulators.spotify import SpotifySimulator

REQUEST = "GET /v1/me"


async def asked(spotify: Spotify, simulator: SpotifySimulator) -> SpotifyError:
    """The error of asking who it is."""
    with pytest.raises(SpotifyError) as caught:
        await me(spotify, simulator.tokens().access_token)
    return caught.value


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_burst_of_5xx_is_sat_out(spotify: Spotify, simulator: SpotifySimulator, status: int) -> None:
    simulator.trouble("/v1/me", "status", status=status, times=2)
    assert (await me(spotify, simulator.tokens().access_token)).display_name
    assert simulator.seen(REQUEST) == 3


async def test_after_the_third_5xx_spotify_is_unreachable(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "status", status=503, times=9)
    error = await asked(spotify, simulator)
    assert isinstance(error, Unreachable)
    assert "503" in error.message
    assert simulator.seen(REQUEST) == 3


@pytest.mark.parametrize("trouble", ["reset", "headers_only"])
async def test_a_connection_that_breaks_is_tried_again(spotify: Spotify, simulator: SpotifySimulator, trouble: str) -> None:
    simulator.trouble("/v1/me", trouble)
    assert (await me(spotify, simulator.tokens().access_token)).display_name


async def test_a_slow_answer_is_given_up_and_asked_for_again(simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "slow", seconds=60)
    async with aiohttp.ClientSession() as http:
        brief = Spotify(http, simulator.settings(), Patience(total_s=30, try_s=0.5, tries=9, pause_s=0.005))
        assert (await me(brief, simulator.tokens().access_token)).display_name


@pytest.mark.parametrize("trouble", ["slow", "drip"])
async def test_all_tries_together_have_an_end(simulator: SpotifySimulator, trouble: str) -> None:
    simulator.trouble("/v1/me", trouble, seconds=0.1, times=9)
    async with aiohttp.ClientSession() as http:
        brief = Spotify(http, simulator.settings(), Patience(total_s=0.08, try_s=5))
        error = await asked(brief, simulator)
    assert isinstance(error, Unreachable)
    assert "longer than 0.08 seconds" in error.message


async def test_nobody_at_home_is_unreachable(simulator: SpotifySimulator) -> None:
    async with aiohttp.ClientSession() as http:
        nowhere = Spotify(http, simulator.settings(api_url="http://127.0.0.1:9"), Patience(pause_s=0.001))
        assert isinstance(await asked(nowhere, simulator), Unreachable)


async def test_401_says_that_the_token_is_refused(spotify: Spotify, simulator: SpotifySimulator, clock: FakeClock) -> None:
    token = simulator.tokens().access_token
    clock.forward(seconds=3600)
    with pytest.raises(TokenRefused, match="The access token expired"):
        await me(spotify, token)
    assert simulator.seen(REQUEST) == 1


async def test_403_gives_spotifys_own_reason(spotify: Spotify, simulator: SpotifySimulator) -> None:
    reason = "Active premium subscription required for the owner of the app."
    simulator.trouble("/v1/me", "status", status=403, message=reason)
    error = await asked(spotify, simulator)
    assert isinstance(error, Forbidden)
    assert error.reason == reason.rstrip(".")


async def test_a_token_without_the_scope_is_forbidden(spotify: Spotify, simulator: SpotifySimulator) -> None:
    with pytest.raises(Forbidden, match="Insufficient client scope"):
        await recently_played(spotify, simulator.tokens(scope="user-top-read").access_token)


async def test_any_other_4xx_is_refused(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "status", status=418, message="short and stout")
    error = await asked(spotify, simulator)
    assert isinstance(error, Refused)
    assert error.reason == "short and stout"


@pytest.mark.parametrize(
    ("retry_after", "until_s"),
    [("1", 1), ("60", 60), ("3600", 3600), (None, 30), ("soon", 30), ("-5", 30), ("0", 1), ("²", 30), ("9" * 400, 172_800)],
)
async def test_a_rate_limit_is_never_retried_and_says_how_long(
    spotify: Spotify, simulator: SpotifySimulator, retry_after: str | None, until_s: int
) -> None:
    simulator.trouble("/v1/me", "rate_limit", retry_after=retry_after)
    error = await asked(spotify, simulator)
    assert isinstance(error, RateLimitedBySpotify)
    assert error.until_s == until_s
    assert simulator.seen(REQUEST) == 1


async def test_retry_after_may_be_a_date(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "rate_limit", retry_after="Wed, 18 Mar 2099 20:30:00 GMT")
    error = await asked(spotify, simulator)
    assert isinstance(error, RateLimitedBySpotify)
    assert error.until_s == 172_800


@pytest.mark.parametrize(("retry_after", "until_s"), [("48925", 48_925), (None, 3600)])
async def test_a_spent_quota_is_told_apart(spotify: Spotify, simulator: SpotifySimulator, retry_after: str | None, until_s: int) -> None:
    simulator.trouble("/v1/me", "quota", retry_after=retry_after)
    error = await asked(spotify, simulator)
    assert isinstance(error, QuotaExceeded)
    assert error.until_s == until_s


@pytest.mark.parametrize("trouble", ["malformed", "html", "empty_body"])
async def test_an_answer_that_cannot_be_read_is_malformed(spotify: Spotify, simulator: SpotifySimulator, trouble: str) -> None:
    simulator.trouble("/v1/me", trouble)
    assert isinstance(await asked(spotify, simulator), Malformed)


async def test_a_redirect_is_not_followed(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "redirect", location=f"{simulator.url}/elsewhere")
    error = await asked(spotify, simulator)
    assert isinstance(error, Malformed)
    assert simulator.seen("GET /elsewhere") == 0


async def test_an_endless_answer_is_cut_off(spotify: Spotify, simulator: SpotifySimulator) -> None:
    simulator.trouble("/v1/me", "body", body={"id": "x" * 9_000_000})
    unhurried = Spotify(spotify.http, spotify.settings, Patience())
    assert "larger than" in (await asked(unhurried, simulator)).message


async def test_no_message_holds_a_token(spotify: Spotify, simulator: SpotifySimulator) -> None:
    token = simulator.tokens().access_token
    simulator.revoke()
    with pytest.raises(Unavailable) as caught:
        await me(spotify, token)
    assert token not in f"{caught.value!r} {caught.value.details}"


@given(st.integers(1, 6), st.floats(0, 1, exclude_max=True))
def test_pauses_double_and_jitter_spreads_them(tried: int, jitter: float) -> None:
    patience = Patience(pause_s=0.4, jitter=lambda: jitter)
    middle = 0.4 * 2 ** (tried - 1)
    assert middle / 2 <= patience.pause(tried) <= middle * 1.5
