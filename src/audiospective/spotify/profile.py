"""Who is it? `GET /v1/me` (spotify-api.md §4)."""

from __future__ import annotations

import msgspec

from audiospective.spotify.errors import Malformed
from audiospective.spotify.http import Spotify, decode, get
from audiospective.spotify.wire import ProfileAnswer

_profile = msgspec.json.Decoder(ProfileAnswer)


class Profile(msgspec.Struct, frozen=True):
    """A Spotify account. `account_key` links it: the stable account_id where Spotify sends one, else the id."""

    account_key: str
    display_name: str | None


async def me(spotify: Spotify, access_token: str) -> Profile:
    """The account that the token acts for; raises TokenRefused, Forbidden (not on the app's allow-list) and the rest."""
    what = "the profile"
    answer = decode(_profile, await get(spotify, "/v1/me", access_token, what=what), what=what)
    key = answer.account_id or answer.id
    if not key:
        raise Malformed("Spotify's profile names neither account_id nor id, so nobody can be told by it.")
    return Profile(key, answer.display_name or None)
