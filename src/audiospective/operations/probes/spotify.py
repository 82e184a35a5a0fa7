"""Does Spotify take our app as it is set up? Two questions that need nobody's permission."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import aiohttp

from audiospective.operations.judge import Reading
from audiospective.settings import SpotifySettings
from audiospective.spotify.rules import redirect_address

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_NAMES = ("credentials", "redirect_uri")


async def look(http: aiohttp.ClientSession, settings: SpotifySettings, app_url: str) -> dict[str, Reading]:
    """Whether id and secret belong together, and whether the sign-in page takes our address to come back to."""
    if settings.simulated:
        nothing = Reading(source="spotify", inapplicable="the built-in simulator stands in for Spotify")
        return {f"spotify.{name}": nothing for name in _NAMES}
    try:
        return {
            "spotify.credentials": await _credentials(http, settings),
            "spotify.redirect_uri": await _redirect(http, settings, redirect_address(app_url)),
        }
    except (aiohttp.ClientError, TimeoutError) as error:
        problem = f"Spotify's sign-in host doesn't answer ({type(error).__name__})"
        return {f"spotify.{name}": Reading(source="spotify", problem=problem) for name in _NAMES}


async def _credentials(http: aiohttp.ClientSession, settings: SpotifySettings) -> Reading:
    """The token that comes is thrown away unread."""
    pair = base64.b64encode(f"{settings.client_id}:{settings.client_secret.reveal()}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    url = f"{settings.accounts_url}/api/token"
    async with http.post(url, data={"grant_type": "client_credentials"}, headers=headers, timeout=_TIMEOUT) as response:
        return _said(response.status)


async def _redirect(http: aiohttp.ClientSession, settings: SpotifySettings, callback: str) -> Reading:
    wish = {"client_id": settings.client_id, "response_type": "code", "redirect_uri": callback, "scope": "user-read-recently-played"}
    async with http.get(f"{settings.accounts_url}/authorize?{urlencode(wish)}", allow_redirects=False, timeout=_TIMEOUT) as response:
        return _said(response.status)


def _said(status: int) -> Reading:
    if status in {429, *range(500, 600)}:
        return Reading(source="spotify", problem=f"Spotify answers {status}; ask again later")
    return Reading("accepted" if status < 400 else f"refused ({status})", "spotify")
