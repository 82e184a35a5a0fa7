"""accounts.spotify.com, played: the authorize page and the token endpoint (spotify-api.md §2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from audiospective.simulator import pages, tokens
from audiospective.simulator.tokens import Token
from audiospective.simulator.web_api import WORLD
from audiospective.simulator.world import Grant, Regime, World

_SCOPES = {
    "user-read-recently-played", "user-read-private", "user-read-email", "user-top-read", "user-read-currently-playing",
    "user-read-playback-state", "user-library-read", "playlist-read-private",
}  # fmt: skip
_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK = {"127.0.0.1", "::1"}


def routes() -> list[web.RouteDef]:
    """The paths of this host."""
    return [web.get("/authorize", authorize), web.post("/authorize", answer), web.post("/api/token", token)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an app asks for, found to be in order."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    challenge: str

    def back(self, **query: str) -> web.HTTPException:
        """Back to the app, with the state that it gave."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return web.HTTPSeeOther(f"{self.redirect_uri}{joint}{urlencode({**query, 'state': self.state} if self.state else query)}")


async def authorize(request: web.Request) -> web.Response:
    """The page where somebody signs in and agrees."""
    wish = _wish(request.query)
    page = pages.authorize(request.app[WORLD].listeners, dict(request.query), wish.client_id, wish.redirect_uri)
    return web.Response(text=page, content_type="text/html", headers=pages.HEADERS)


async def answer(request: web.Request) -> web.Response:
    """Agree or Cancel, pressed; the app's wish comes along and is looked at again."""
    form = await _form(request)
    wish, world = _wish(form), request.app[WORLD]
    listener = world.listener(form.get("listener", ""))
    if form.get("answer") != "agree" or listener is None:
        raise wish.back(error="access_denied")
    grant = world.grant(listener.seed, wish.client_id, wish.scope)
    code = Token(grant, world.now_ms, challenge=wish.challenge, redirect_uri=wish.redirect_uri)
    raise wish.back(code=tokens.write("code", code))


async def token(request: web.Request) -> web.Response:
    """A code or a refresh token for an access token."""
    form = await _form(request)
    client_id = _client(request, form, request.app[WORLD].secrets)
    match form.get("grant_type"):
        case "authorization_code":
            return _exchange(request.app[WORLD], form, client_id)
        case "client_credentials":
            return web.json_response({"access_token": "of-an-app", "token_type": "Bearer", "expires_in": tokens.ACCESS_LIFE_S})
        case "refresh_token":
            return _refresh(request.app[WORLD], form, client_id)
        case _:
            raise _oauth("unsupported_grant_type", "grant_type parameter is missing or unknown")


def _wish(query: Mapping[str, str]) -> Wish:
    """The app's wish; what makes the redirect itself unsafe gets a page, the rest goes back to the app."""
    wish = Wish(
        query.get("client_id", ""),
        query.get("redirect_uri", ""),
        query.get("scope", ""),
        query.get("state", ""),
        query.get("code_challenge", ""),
    )
    if not _CLIENT_ID.fullmatch(wish.client_id):
        raise _refusal("INVALID_CLIENT: Invalid client")
    if not _is_safe(wish.redirect_uri):
        raise _refusal("INVALID_CLIENT: Insecure redirect URI. Use https, or http on 127.0.0.1 or [::1]; localhost is refused.")
    if query.get("response_type") != "code":
        raise _refusal("response_type must be code")
    if wish.challenge and (query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(wish.challenge)):
        raise _refusal("code_challenge_method must be S256, and code_challenge 43 characters of base64url")
    if set(wish.scope.split()) - _SCOPES:
        raise wish.back(error="invalid_scope")
    return wish


def _is_safe(redirect_uri: str) -> bool:
    try:
        parts = urlsplit(redirect_uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.fragment or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _exchange(world: World, form: Mapping[str, str], client_id: str) -> web.Response:
    text = form.get("code", "")
    code = tokens.read("code", text)
    if code is None or code.grant.client_id != client_id or code.is_older(world.now_ms, tokens.CODE_LIFE_S):
        raise _oauth("invalid_grant", "Invalid authorization code")
    if code.redirect_uri != form.get("redirect_uri"):
        raise _oauth("invalid_grant", "Invalid redirect URI")
    if code.challenge and not _proves(form.get("code_verifier", ""), code.challenge):
        raise _oauth("invalid_grant", "code_verifier was incorrect")
    if world.is_revoked(code.grant) or not world.spend(hashlib.sha256(text.encode()).hexdigest()):
        raise _oauth("invalid_grant", "Invalid authorization code")
    return _tokens(world, code.grant, tokens.write("refresh", Token(code.grant, world.now_ms)))


def _proves(verifier: str, challenge: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
    return bool(_VERIFIER.fullmatch(verifier)) and digest == challenge


def _refresh(world: World, form: Mapping[str, str], client_id: str) -> web.Response:
    old = tokens.read("refresh", form.get("refresh_token", ""))
    if old is None or old.grant.client_id != client_id:
        raise _oauth("invalid_grant", "Invalid refresh token")
    if world.is_revoked(old.grant) or not old.has_consent(world.now_ms):
        raise _oauth("invalid_grant", "Refresh token revoked")
    generation = world.turn(old.grant, old.generation)
    if generation is None:
        raise _oauth("invalid_grant", "Refresh token revoked")
    if world.regime is Regime.ROTATES:
        return _tokens(world, old.grant, tokens.write("refresh", Token(old.grant, world.now_ms, generation)))
    return _tokens(world, old.grant, "" if world.regime is Regime.EMPTY else None)


def _tokens(world: World, grant: Grant, refresh_token: str | None) -> web.Response:
    access = tokens.write("access", Token(grant, world.now_ms))
    body: dict[str, object] = {"access_token": access, "token_type": "Bearer", "expires_in": tokens.ACCESS_LIFE_S, "scope": grant.scope}
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _client(request: web.Request, form: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """Which app asks: by Basic authorization, else by client_id with PKCE.

    Any app is known here, an unnamed one is not; one whose secret was told must have it right.
    """
    scheme, _, pair = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        pair = base64.b64encode(f"{form.get('client_id', '')}:none".encode()).decode()
    try:
        client_id, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        client_id, secret = "", ""
    if not client_id or not secret or secrets.get(client_id, secret) != secret:
        raise _oauth("invalid_client", "Invalid client")
    return client_id


async def _form(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _oauth(error: str, description: str) -> web.HTTPException:
    return web.HTTPBadRequest(text=json.dumps({"error": error, "error_description": description}), content_type="application/json")


def _refusal(reason: str) -> web.HTTPException:
    return web.HTTPBadRequest(text=pages.refusal(reason), content_type="text/html", headers=pages.HEADERS)
