"""Signing in: authorization code with PKCE, and refreshing (spotify-api.md §2)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from audiospective.spotify.http import Spotify, decode, post_form
from audiospective.spotify.wire import TokenAnswer

#: The only permission that an archive needs.
SCOPE = "user-read-recently-played"
#: An access token lives an hour; what lies outside of this is a mistake of the sender.
SHORTEST_LIFE_S, LONGEST_LIFE_S = 60, 3600

_token_answer = msgspec.json.Decoder(TokenAnswer)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Fresh tokens. `refresh_token` is None when Spotify sent none or an empty one: then the old one goes on."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    """Seconds of the access token's life, between 60 and 3600."""
    scope: str


def authorize_url(spotify: Spotify, *, state: str, challenge: str, redirect_uri: str) -> str:
    """Where to send the person; `challenge` is base64url(sha256(verifier)) without padding."""
    query = {
        "client_id": spotify.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge_method": "S256",
        "code_challenge": challenge,
    }
    return f"{spotify.accounts_url}/authorize?{urlencode(query)}"


async def exchange(spotify: Spotify, *, code: str, verifier: str, redirect_uri: str) -> TokenPair:
    """Tokens for a code, which works once; raises Revoked when it is spent, expired, or not for this verifier."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return await _tokens(spotify, form, what="the sign-in")


async def refresh(spotify: Spotify, refresh_token: str) -> TokenPair:
    """A new access token, and a new refresh token when Spotify rotates; raises Revoked when the permission has ended.

    Refreshing doesn't extend the permission: it ends six months after the person agreed.
    """
    return await _tokens(spotify, {"grant_type": "refresh_token", "refresh_token": refresh_token}, what="the token refresh")


async def prove(spotify: Spotify) -> None:
    """Whether id and secret of this app belong together; raises Refused when they don't. The token that comes is thrown away."""
    await post_form(spotify, "/api/token", {"grant_type": "client_credentials"}, _identity(spotify), what="the keys of the app")


async def _tokens(spotify: Spotify, form: Mapping[str, str], *, what: str) -> TokenPair:
    body = await post_form(spotify, "/api/token", {**form, "client_id": spotify.client_id}, _identity(spotify), what=what)
    answer = decode(_token_answer, body, what=what)
    life = int(min(max(answer.expires_in, SHORTEST_LIFE_S), LONGEST_LIFE_S))
    return TokenPair(answer.access_token, answer.refresh_token or None, life, answer.scope or "")


def _identity(spotify: Spotify) -> dict[str, str]:
    """The app proves itself by its secret besides PKCE, so that a stolen token alone is worth nothing; without one PKCE suffices."""
    secret = spotify.settings.client_secret.reveal()
    if not secret:
        return {}
    pair = base64.b64encode(f"{spotify.client_id}:{secret}".encode()).decode("ascii")
    return {"Authorization": f"Basic {pair}"}
