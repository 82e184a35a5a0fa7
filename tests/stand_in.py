"""A stand-in for Spotify's two hosts, as small as the tests of tokens and sweeps need it; it answers over real HTTP.

The simulator plays whole lives; this one does exactly what a test says, and counts what it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from audiospective.accounts.sign_in import Came, SignedIn, sign_in
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.settings import Secret, SpotifySettings
from audiospective.spotify.http import Patience, Spotify
from tests.clock import FakeClock


@dataclass(slots=True)
class StandIn:
    """What Spotify knows, and how it behaves. Accounts are named by a word: `code-mara` signs mara in."""

    plays: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by kind: token, me, plays."""
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """The one that is good now, by account."""
    access_tokens: dict[str, str] = field(default_factory=dict)
    apps: set[str] = field(default_factory=set)
    """Client ids that asked for tokens."""
    rotates: bool = True
    sends_empty: bool = False
    delay_s: float = 0.0
    expires_in: int = 3600
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """When plays ended that an account's answers have told."""
    trouble: dict[str, tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=dict)
    """By kind, or by account for plays: status, body and headers instead of the usual answer."""

    catalogue: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Answers of the calls for one track or artist, by "tracks/ID" and "artists/ID"; 404 for any other."""

    now: Callable[[], datetime] | None = None
    """With a clock, plays are told from when they became known, and for ninety days."""
    known_from: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def hear(self, account: str, *played: tuple[datetime, str], known_from: datetime | None = None) -> None:
        """The account listens: when each ended, and which song; told from `known_from` on, else at once."""
        for at, song in played:
            item = _item(at, song)
            self.plays[account].insert(0, item)
            if known_from is not None:
                self.known_from[account, item["played_at"]] = known_from

    async def token(self, request: web.Request) -> web.Response:
        """POST /api/token."""
        form = await request.post()
        self.apps.add(str(form["client_id"]))
        number = self.asked.total()
        await self._work("token")
        if (bad := self._troubled("token")) is not None:
            return bad
        if form["grant_type"] == "authorization_code":
            account = str(form["code"]).removeprefix("code-")
        else:
            account = next((name for name, token in self.refresh_tokens.items() if token == form["refresh_token"]), "")
        if not account:
            return web.json_response({"error": "invalid_grant", "error_description": "Refresh token revoked"}, status=400)
        answer: dict[str, Any] = {"token_type": "Bearer", "scope": "user-read-recently-played", "expires_in": self.expires_in}
        answer["access_token"] = self.access_tokens[account] = f"access-{account}-{number}"
        if self.rotates or account not in self.refresh_tokens:
            answer["refresh_token"] = self.refresh_tokens[account] = f"refresh-{account}-{number}"
        elif self.sends_empty:
            answer["refresh_token"] = ""
        return web.json_response(answer)

    async def me(self, request: web.Request) -> web.Response:
        """GET /v1/me."""
        await self._work("me")
        account = self._account(request)
        return web.json_response({"id": account, "display_name": account.title()}) if account else _unauthorized()

    async def recent(self, request: web.Request) -> web.Response:
        """GET /v1/me/player/recently-played."""
        await self._work("plays")
        account = self._account(request)
        if not account:
            return _unauthorized()
        if (bad := self._troubled("plays") or self._troubled(account)) is not None:
            return bad
        told = self._told(account)
        self.shown[account].update(item["played_at"] for item in told)
        return web.json_response({"items": told, "next": None, "cursors": None, "limit": 50})

    async def described(self, request: web.Request) -> web.Response:
        """GET /v1/tracks/ID and /v1/artists/ID."""
        wanted = request.path.removeprefix("/v1/")
        await self._work(wanted)
        if not self._account(request):
            return _unauthorized()
        unknown = web.json_response({"error": {"status": 404, "message": "Not found."}}, status=404)
        return self._troubled(wanted) or (web.json_response(self.catalogue[wanted]) if wanted in self.catalogue else unknown)

    def _told(self, account: str) -> list[dict[str, Any]]:
        """The last fifty by their ends, whenever they became known."""
        items = sorted(self.plays[account], key=lambda item: str(item["played_at"]), reverse=True)
        if self.now is not None:
            now, oldest = self.now(), self.now() - timedelta(days=90)
            known = (item for item in items if self.known_from.get((account, item["played_at"]), oldest) <= now)
            items = [item for item in known if oldest < datetime.fromisoformat(item["played_at"]) <= now]
        return items[:50]

    async def _work(self, kind: str) -> None:
        self.asked[kind] += 1
        await asyncio.sleep(self.delay_s)

    def _account(self, request: web.Request) -> str:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return next((name for name, token in self.access_tokens.items() if token == shown), "")

    def _troubled(self, key: str) -> web.Response | None:
        if key not in self.trouble:
            return None
        status, body, headers = self.trouble[key]
        return web.json_response(body, status=status, headers=headers)


@contextlib.asynccontextmanager
async def answering(stand_in: StandIn) -> AsyncIterator[Spotify]:
    """The stand-in on a free port of this machine, and a client that asks it."""
    app = web.Application()
    app.router.add_post("/api/token", stand_in.token)
    app.router.add_get("/v1/me", stand_in.me)
    app.router.add_get("/v1/me/player/recently-played", stand_in.recent)
    app.router.add_get("/v1/tracks/{id}", stand_in.described)
    app.router.add_get("/v1/artists/{id}", stand_in.described)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as http:
        yield Spotify(http, SpotifySettings("app", Secret("s"), base, base, simulated=True), Patience(pause_s=0.01, try_s=5))
    await runner.cleanup()


@dataclass(frozen=True, slots=True)
class World:
    """A database, a clock, and Spotify as a test wants it."""

    db: Database
    spotify: Spotify
    sealer: Sealer
    clock: FakeClock
    stand_in: StandIn

    @property
    def parts(self) -> tuple[Database, Spotify, Sealer]:
        """What flows take first."""
        return self.db, self.spotify, self.sealer

    async def sign_in(self, account: str) -> SignedIn:
        """Somebody signs in; who they are, and their session."""
        return await sign_in(*self.parts, self.clock, Came(f"code-{account}", "v", "http://127.0.0.1/"))


@contextlib.asynccontextmanager
async def world_of(db: Database, clock: FakeClock) -> AsyncIterator[World]:
    """A world on this database."""
    stand_in = StandIn()
    async with answering(stand_in) as spotify:
        yield World(db, spotify, Sealer(["a secret of the tests"]), clock, stand_in)


def _unauthorized() -> web.Response:
    return web.json_response({"error": {"status": 401, "message": "The access token expired"}}, status=401)


def _item(at: datetime, song: str) -> dict[str, Any]:
    artist = {"id": "artist-1", "name": "Marrow Coast"}
    album = {"id": "album-1", "name": "Estuary", "images": [{"url": "https://i.scdn.co/image/estuary", "width": 300, "height": 300}]}
    track = {"id": f"id-{song}", "name": song, "duration_ms": 200_000, "artists": [artist], "album": album, "type": "track"}
    return {"track": track, "played_at": at.isoformat().replace("+00:00", "Z"), "context": None}
