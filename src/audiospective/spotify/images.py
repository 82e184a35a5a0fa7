"""Cover art, fetched from Spotify's picture host and from nowhere else (security.md A085, A086)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import aiohttp

from audiospective.errors import Invalid
from audiospective.spotify.errors import Malformed, Missing, Unreachable
from audiospective.spotify.http import Spotify, read_capped

PICTURE_HOST = "i.scdn.co"
PICTURE_BYTES = 1024 * 1024
_WHAT = "a cover"
#: What the simulator serves pictures under.
_PICTURE_PATH = re.compile(r"/image/\w+")
#: How a file of each type that we pass on begins; a type that is only claimed is refused.
_BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the host sent it."""

    content: bytes = field(repr=False)
    media_type: str


async def fetch(spotify: Spotify, url: str) -> Image:
    """The picture at `url`: JPEG, PNG or WebP, at most 1 MB; no redirect is followed, no token is sent.

    Raises Invalid for any other host, Missing, Unreachable, and Malformed for what is no such picture.
    """
    address = _address(spotify, url)
    if address is None:
        raise Invalid(f"“{url[:80]}” is no cover of Spotify's; only https://{PICTURE_HOST}/… is fetched.", field="image")
    try:
        async with spotify.http.get(
            address, allow_redirects=False, timeout=aiohttp.ClientTimeout(total=spotify.patience.try_s)
        ) as response:
            if response.status == 404:
                raise Missing("Spotify has no such cover any more.")
            if response.status != 200:
                raise Unreachable(f"Spotify's picture host answered {response.status} instead of a cover.")
            return _checked(await read_capped(response, PICTURE_BYTES, _WHAT), response.content_type)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unreachable(f"Spotify's picture host can't be reached ({type(error).__name__}).") from error


def is_picture_address(spotify: Spotify, url: str) -> bool:
    """Whether `url` is one of Spotify's own pictures, or one that the simulator in its place draws."""
    return _address(spotify, url) is not None


def _address(spotify: Spotify, url: str) -> str | None:
    """Where the picture is to be had now; None when it isn't one that we fetch."""
    try:
        parts, stand_in = urlsplit(url), urlsplit(spotify.api_url)
        if _origin(parts) == ("https", PICTURE_HOST, None):
            return url
        if (parts.scheme, parts.hostname) != (stand_in.scheme, stand_in.hostname) or not _PICTURE_PATH.fullmatch(parts.path):
            return None
        _origin(parts)
    except ValueError:
        return None
    # The simulator's port may be another today than when the address was stored.
    return spotify.api_url + parts.path


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    if "@" in parts.netloc:
        raise ValueError("an address with a user name hides its host")
    return parts.scheme, parts.hostname, parts.port


def _checked(content: bytes, media_type: str) -> Image:
    beginning = _BEGINNINGS.get(media_type)
    if beginning is None or not content.startswith(beginning):
        raise Malformed(f"The cover is no JPEG, PNG or WebP picture (it calls itself “{media_type[:40]}”).")
    return Image(content, media_type)
