"""api.spotify.com, played: the profile, the last plays, tracks, artists, albums, and the pictures."""

from __future__ import annotations

import asyncio
import json
from functools import cache, lru_cache

from aiohttp import web

from audiospective.simulator import bodies, tokens
from audiospective.simulator.catalogue import catalogue
from audiospective.simulator.listeners import Listener
from audiospective.simulator.world import LAST_PLAYS, World

WORLD = web.AppKey("world", World)
_KINDS: dict[int, type[web.HTTPException]] = {
    400: web.HTTPBadRequest,
    401: web.HTTPUnauthorized,
    403: web.HTTPForbidden,
    404: web.HTTPNotFound,
}
_SCOPE = "user-read-recently-played"


def routes() -> list[web.RouteDef]:
    """The paths of this host; batch calls exist only to refuse (spotify-api.md §4)."""
    return [
        web.get("/v1/me", me),
        web.get("/v1/me/player/recently-played", recently_played),
        web.get("/v1/tracks/{id}", one),
        web.get("/v1/artists/{id}", one),
        web.get("/v1/albums/{id}", one),
        *[web.get(f"/v1/{kind}", batch) for kind in ("tracks", "artists", "albums", "episodes", "shows")],
        web.get("/image/{name}", image),
    ]


async def me(request: web.Request) -> web.Response:
    """Who the token acts for."""
    listener, _ = _bearer(request)
    return web.json_response(bodies.profile(listener, base_of(request)))


async def recently_played(request: web.Request) -> web.Response:
    """The last plays, with Spotify's limits: 50, 90 days, one cursor, nothing older by paging."""
    listener, scope = _bearer(request)
    if _SCOPE not in scope.split():
        raise problem(403, "Insufficient client scope")
    limit, after, before = _number(request, "limit"), _number(request, "after"), _number(request, "before")
    limit = 20 if limit is None else limit
    if not 1 <= limit <= LAST_PLAYS:
        raise problem(400, "Invalid limit")
    if after is not None and before is not None:
        raise problem(400, "Only one of the parameters 'before' and 'after' may be set")
    shown = request.app[WORLD].last_plays(listener)
    if after is not None:
        shown = [play for play in shown if play.ended_ms > after]
    if before is not None:
        shown = [play for play in shown if play.ended_ms < before]
    return web.json_response(bodies.recently_played(shown[:limit], limit, request.query_string, base_of(request)))


async def one(request: web.Request) -> web.Response:
    """One track, artist or album by its id."""
    _bearer(request)
    kind, name = request.path.split("/")[2], request.match_info["id"]
    index = _by_id()[kind].get(name)
    if index is None:
        raise problem(404, "Resource not found")
    shelf, base = catalogue(), base_of(request)
    if kind == "tracks":
        return web.json_response(bodies.track(shelf.tracks[index], base))
    if kind == "artists":
        return web.json_response(bodies.artist(shelf.artists[index], base))
    return web.json_response(bodies.album(shelf.albums[index], base))


async def batch(request: web.Request) -> web.Response:
    """Gone for development mode since 2026-02-11."""
    _bearer(request)
    raise problem(403, "Forbidden")


async def image(request: web.Request) -> web.Response:
    """A sleeve or portrait, drawn from its name; nobody needs a token for it."""
    name = request.match_info["name"]
    width = _picture_widths().get(name[:16])
    if width is None or len(name) != 40:
        raise problem(404, "Resource not found")
    content = await asyncio.get_running_loop().run_in_executor(None, _picture, name[16:], width)
    return web.Response(body=content, content_type="image/png", headers={"Cache-Control": "public, max-age=31536000, immutable"})


def base_of(request: web.Request) -> str:
    """The address under which the client reached us."""
    return f"{request.scheme}://{request.host}"


def problem(status: int, message: str) -> web.HTTPException:
    """Spotify's nested error, to be raised."""
    return _KINDS[status](text=json.dumps({"error": {"status": status, "message": message}}), content_type="application/json")


def _bearer(request: web.Request) -> tuple[Listener, str]:
    """Whose access token it is, and what it may do."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not text:
        raise problem(401, "No token provided")
    world, token = request.app[WORLD], tokens.read("access", text)
    listener = world.listener(token.grant.listener) if token else None
    if token is None or listener is None or world.is_revoked(token.grant):
        raise problem(401, "Invalid access token")
    if token.is_older(world.now_ms, tokens.ACCESS_LIFE_S):
        raise problem(401, "The access token expired")
    return listener, token.grant.scope


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not text.removeprefix("-").isdecimal():
        raise problem(400, f"Invalid {name}")
    return int(text)


@cache
def _by_id() -> dict[str, dict[str, int]]:
    shelf = catalogue()
    return {
        "tracks": {track.id: track.place for track in shelf.tracks},
        "artists": {artist.id: artist.place for artist in shelf.artists},
        "albums": {album.id: album.place for album in shelf.albums},
    }


@cache
def _picture_widths() -> dict[str, int]:
    sizes = (bodies.ALBUM_SIZES, bodies.ARTIST_SIZES)
    return {prefix: width for kind in sizes for width, prefix in kind.items()}


@lru_cache(maxsize=512)
def _picture(name: str, width: int) -> bytes:
    from audiospective.simulator import covers  # noqa: PLC0415 (it draws with numpy, a fifth of a start, and most never draw)

    return covers.draw(name, width)
