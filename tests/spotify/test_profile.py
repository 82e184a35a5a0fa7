"""Who is it?"""

from __future__ import annotations

import pytest

from audiospective.spotify.errors import Malformed
from audiospective.spotify.http import Spotify
from audiospective.spotify.profile import Profile, me
from tests.simulators.spotify import SpotifySimulator


async def said(spotify: Spotify, simulator: SpotifySimulator, body: object) -> Profile:
    """The profile that Spotify's answer means."""
    simulator.trouble("/v1/me", "body", body=body)
    return await me(spotify, simulator.tokens().access_token)


async def test_the_stable_account_id_is_the_key(spotify: Spotify, simulator: SpotifySimulator) -> None:
    assert await said(spotify, simulator, {"id": "old", "account_id": "stable", "display_name": "Inês"}) == Profile("stable", "Inês")


@pytest.mark.parametrize("account_id", [None, ""])
async def test_without_it_the_id_is_the_key(spotify: Spotify, simulator: SpotifySimulator, account_id: str | None) -> None:
    assert (await said(spotify, simulator, {"id": "old", "account_id": account_id})).account_key == "old"


async def test_nobody_needs_a_display_name(spotify: Spotify, simulator: SpotifySimulator) -> None:
    assert (await said(spotify, simulator, {"id": "old", "display_name": None})).display_name is None


async def test_a_profile_of_nobody_is_malformed(spotify: Spotify, simulator: SpotifySimulator) -> None:
    with pytest.raises(Malformed, match="neither"):
        await said(spotify, simulator, {"display_name": "Inês"})


async def test_five_listeners_are_five_accounts(spotify: Spotify, simulator: SpotifySimulator) -> None:
    keys = {(await me(spotify, simulator.tokens(listener.seed).access_token)).account_key for listener in simulator.world.listeners}
    assert len(keys) == 5
