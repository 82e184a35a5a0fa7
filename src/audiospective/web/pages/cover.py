"""Covers, so that no listener's address goes to Spotify's picture host: fetched once, kept in the data folder, passed on.

Where there is no picture a sleeve is drawn; it comes with 404, and browsers show it all the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from audiospective.archive import catalog
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.spotify import images
from audiospective.spotify.errors import SpotifyError
from audiospective.spotify.images import Image
from audiospective.web.visitor import Whoever, WithParts

#: Cover addresses name their content; a month saves the asking without keeping a picture after its owner's removal.
_KEEP = "private, max-age=2592000, immutable"
_SHORTLY = "private, max-age=60"

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

_SLEEVE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#8a9a9b"/>'
    b'<circle cx="32" cy="32" r="20" fill="none" stroke="#e8ecec" stroke-width="3"/><circle cx="32" cy="32" r="4" fill="#e8ecec"/></svg>'
)


@get("/cover/album/{album_id:int}", include_in_schema=False)
async def album(parts: WithParts, visitor: Whoever, album_id: FromPath[int]) -> Response[bytes]:
    """An album's cover, for who has heard it: what lies here tells what others on this instance hear."""
    if visitor is None or not _is_id(album_id):
        return _sleeve()
    async with parts.db.reading() as conn:
        heard = (await parts.cache.get(conn, UserId(visitor.id))).album_ids
        card = (await catalog.albums(conn, [album_id])).get(album_id) if album_id in heard else None
    return await cover_of(parts, card.image_url if card else None)


@get("/cover/artist/{artist_id:int}", include_in_schema=False)
async def artist(parts: WithParts, visitor: Whoever, artist_id: FromPath[int]) -> Response[bytes]:
    """An artist's picture, for who has heard them."""
    if visitor is None or not _is_id(artist_id):
        return _sleeve()
    async with parts.db.reading() as conn:
        heard = (await parts.cache.get(conn, UserId(visitor.id))).artist_ids
        card = (await catalog.artists(conn, [artist_id])).get(artist_id) if artist_id in heard else None
    return await cover_of(parts, card.image_url if card else None)


async def cover_of(parts: Parts, url: str | None) -> Response[bytes]:
    """The picture at an address of Spotify's, or a sleeve."""
    if url is None or not images.is_picture_address(parts.spotify, url):
        return _sleeve()
    image = await asyncio.to_thread(_kept, parts.settings.home, url)
    if image is None:
        try:
            image = await _fetched(parts, url)
        except SpotifyError as error:
            parts.log.warning("cover.failed", kind=type(error).__name__)
            return _sleeve()
    return Response(image.content, media_type=image.media_type, headers={"Cache-Control": _KEEP})


#: Covers that are being fetched now; a page that shows one twice asks for it once.
_under_way: dict[str, asyncio.Task[Image]] = {}


async def _fetched(parts: Parts, url: str) -> Image:
    running = _under_way.get(url)
    if running is None:
        running = _under_way[url] = asyncio.create_task(_fetch(parts, url))
        running.add_done_callback(lambda _: _under_way.pop(url, None))
    return await asyncio.shield(running)


async def _fetch(parts: Parts, url: str) -> Image:
    image = await images.fetch(parts.spotify, url)
    await asyncio.to_thread(_keep, parts.settings.home, url, image)
    return image


def _kept(home: Path, url: str) -> Image | None:
    stem = _stem(home, url)
    for media_type, ending in _ENDINGS.items():
        path = stem.with_suffix(f".{ending}")
        if path.is_file():
            return Image(path.read_bytes(), media_type)
    return None


def _keep(home: Path, url: str, image: Image) -> None:
    """Written beside and moved into place, so that nobody reads half a picture."""
    path = _stem(home, url).with_suffix(f".{_ENDINGS[image.media_type]}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(image.content)
    Path(beside).replace(path)


def _stem(home: Path, url: str) -> Path:
    digest = hashlib.sha256(url.encode()).hexdigest()
    return home / "covers" / digest[:2] / digest[2:34]


def _sleeve() -> Response[bytes]:
    return Response(_SLEEVE, status_code=404, media_type="image/svg+xml", headers={"Cache-Control": _SHORTLY})


def _is_id(number: int) -> bool:
    return 0 < number < 2**31


routes: tuple[ControllerRouterHandler, ...] = (album, artist)
