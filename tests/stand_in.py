"""A stand-in for Spotify's two hosts, as small as the tests of tokens and sweeps need it; it answers over real HTTP.

The simulator plays whole lives; this one does exactly what a test says, and counts what it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any, TypeAlias, cast

import aiohttp
import msgspec
from aiohttp import web

from audiospective.accounts.sign_in import Came, SignedIn, sign_in
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.settings import Secret, SpotifySettings
from audiospective.spotify.http import Patience, Spotify
from tests.clock import FakeClock

#: Status, body and headers of an answer.
Said: TypeAlias = tuple[int, dict[str, Any], dict[str, str]]

_NOWHERE = "http://spotify.invalid"


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
    slow_s: dict[str, float] = field(default_factory=dict)
    """By account: its tokens come so much later."""
    expires_in: int = 3600
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """When plays ended that an account's answers have told."""
    trouble: dict[str, Said] = field(default_factory=dict)
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

    async def answer(self, method: str, path: str, authorization: str, form: Mapping[str, str]) -> Said:
        """What Spotify says to a request of either host."""
        wanted = path.partition("?")[0].removeprefix("/v1/")
        if (method, wanted) == ("POST", "/api/token"):
            return await self._token(form)
        kind = {"me/player/recently-played": "plays"}.get(wanted, wanted)
        await self._work(kind)
        account = _named(self.access_tokens, authorization.removeprefix("Bearer "))
        if not account:
            return 401, {"error": {"status": 401, "message": "The access token expired"}}, {}
        if kind == "me":
            return 200, {"id": account, "display_name": account.title()}, {}
        if kind == "plays":
            return self.trouble.get("plays") or self.trouble.get(account) or self._recent(account)
        unknown: Said = (404, {"error": {"status": 404, "message": "Not found."}}, {})
        return self.trouble.get(kind) or ((200, self.catalogue[kind], {}) if kind in self.catalogue else unknown)

    async def _token(self, form: Mapping[str, str]) -> Said:
        self.apps.add(form["client_id"])
        number = self.asked.total()
        await self._work("token")
        if "token" in self.trouble:
            return self.trouble["token"]
        if form["grant_type"] == "authorization_code":
            account = form["code"].removeprefix("code-")
        else:
            account = _named(self.refresh_tokens, form["refresh_token"])
        if not account:
            return 400, {"error": "invalid_grant", "error_description": "Refresh token revoked"}, {}
        await asyncio.sleep(self.slow_s.get(account, 0))
        answer: dict[str, Any] = {"token_type": "Bearer", "scope": "user-read-recently-played", "expires_in": self.expires_in}
        answer["access_token"] = self.access_tokens[account] = f"access-{account}-{number}"
        if self.rotates or account not in self.refresh_tokens:
            answer["refresh_token"] = self.refresh_tokens[account] = f"refresh-{account}-{number}"
        elif self.sends_empty:
            answer["refresh_token"] = ""
        return 200, answer, {}

    def _recent(self, account: str) -> Said:
        told = self._told(account)
        self.shown[account].update([item["played_at"] for item in told])
        return 200, {"items": told, "next": None, "cursors": None, "limit": 50}, {}

    def _told(self, account: str) -> list[dict[str, Any]]:
        """The last fifty by their ends, whenever they became known."""
        items = sorted(self.plays[account], key=itemgetter("played_at"), reverse=True)
        if self.now is None:
            return items[:50]
        now, oldest = self.now(), self.now() - timedelta(days=90)
        known = (item for item in items if self.known_from.get((account, item["played_at"]), oldest) <= now)
        return list(islice((item for item in known if oldest < datetime.fromisoformat(item["played_at"]) <= now), 50))

    async def _work(self, kind: str) -> None:
        self.asked[kind] += 1
        await asyncio.sleep(self.delay_s)


async def _answered(stand_in: StandIn, request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    status, said, headers = await stand_in.answer(request.method, request.path, request.headers.get("Authorization", ""), form)
    return web.Response(body=msgspec.json.encode(said), status=status, headers=headers, content_type="application/json")


@contextlib.asynccontextmanager
async def answering(stand_in: StandIn) -> AsyncIterator[Spotify]:
    """The stand-in on a free port of this machine, and a client that asks it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", partial(_answered, stand_in))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as http:
            yield Spotify(http, SpotifySettings("app", Secret("s"), base, base, simulated=True), Patience(pause_s=0.01, try_s=5))
    finally:
        await asyncio.sleep(0)  # who was let in at the last moment, and has left, is seen to have left
        await runner.cleanup()


class _Said:
    """As much of an answer as our client looks at."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self._body = status, headers, body

    @property
    def content(self) -> _Said:
        return self

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        yield self._body


class _Unwired:
    """In the place of an HTTP client: asks the stand-in itself. A year of sweeps then takes the product's time, not that of sockets."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    @contextlib.asynccontextmanager
    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], data: Mapping[str, str] | None, **_how: object
    ) -> AsyncIterator[_Said]:
        said = await self._stand_in.answer(method, url.removeprefix(_NOWHERE), headers.get("Authorization", ""), data or {})
        yield _Said(said[0], said[2], msgspec.json.encode(said[1]))


def unwired(stand_in: StandIn) -> Spotify:
    """A client that asks the stand-in without a network between them."""
    http = cast(aiohttp.ClientSession, _Unwired(stand_in))
    return Spotify(http, SpotifySettings("app", Secret("s"), _NOWHERE, _NOWHERE, simulated=True), Patience(pause_s=0.01, try_s=5))


def _named(tokens: Mapping[str, str], shown: str) -> str:
    """Whose token this is; ours name their account, a test's own may not."""
    account = shown.partition("-")[2].rpartition("-")[0]
    return account if tokens.get(account) == shown else next((name for name, token in tokens.items() if token == shown), "")


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


def _item(at: datetime, song: str) -> dict[str, Any]:
    artist = {"id": "artist-1", "name": "Marrow Coast"}
    album = {"id": "album-1", "name": "Estuary", "images": [{"url": "https://i.scdn.co/image/estuary", "width": 300, "height": 300}]}
    track = {"id": f"id-{song}", "name": song, "duration_ms": 200_000, "artists": [artist], "album": album, "type": "track"}
    return {"track": track, "played_at": at.isoformat().replace("+00:00", "Z"), "context": None}
