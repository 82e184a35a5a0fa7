"""Does Spotify take our app as it is set up, and are there seats for everybody? Questions that need nobody's permission."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import aiohttp

from audiospective.accounts import apps
from audiospective.infra.database import Database
from audiospective.operations.judge import Reading
from audiospective.operations.probes.outside import Readings, told
from audiospective.settings import SpotifySettings
from audiospective.spotify.http import Spotify
from audiospective.spotify.rules import SEATS, redirect_address

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_NAMES = ("credentials", "redirect_uri")
_OVER = "spotify.people_over_cap"
_STANDS_IN = "the built-in simulator stands in for Spotify"
#: As its pages say it, whatever their status.
_REFUSALS = ("invalid_client", "invalid redirect uri", "redirect_uri: not matching")


async def look(http: aiohttp.ClientSession, settings: SpotifySettings, app_url: str) -> Readings:
    """Whether id and secret belong together, and whether the sign-in page takes our address to come back to."""
    if settings.simulated:
        nothing = Reading(source="spotify", inapplicable=_STANDS_IN)
        return {f"spotify.{name}": nothing for name in _NAMES}
    try:
        return {
            "spotify.credentials": await _credentials(http, settings),
            "spotify.redirect_uri": await _redirect(http, settings, redirect_address(app_url)),
        }
    except (aiohttp.ClientError, TimeoutError) as error:
        problem = f"Spotify's sign-in host doesn't answer ({type(error).__name__})"
        return {f"spotify.{name}": Reading(source="spotify", problem=problem) for name in _NAMES}


async def seats(db: Database, spotify: Spotify) -> Readings:
    """People who signed in beyond the seats that Spotify gives an app in development mode; it tells no other mode."""
    if spotify.settings.simulated:
        return {_OVER: Reading(source="spotify", inapplicable=_STANDS_IN)}

    async def question() -> Readings:
        async with db.reading() as conn:
            found = await apps.seats(conn, spotify)
        over = sum(max(one.taken - SEATS, 0) for one in found)
        refused = [one for one in found if one.taken and one.forbidden >= one.taken]
        note = f"{sum(one.taken for one in found)} people with {len(found)} apps of {SEATS} seats"
        lapsed = "; everybody of an app is refused: its owner's Premium may have ended" if refused else ""
        return {_OVER: Reading(over + sum(one.taken for one in refused), "accounts", note + lapsed)}

    return await told((_OVER,), "accounts", question)


def agreed(found: Mapping[str, Reading], app_url: str) -> Readings:
    """What follows from these together: whoever signs in is sent back to where Spotify was asked about, and of an app that Spotify doesn't
    take nobody knows how many it may serve. Pure.
    """
    said: Readings = {}
    ours, sent = redirect_address(app_url), found.get("site.redirect_uri", Reading())
    if found["spotify.redirect_uri"].value == "accepted" and sent.value and sent.value != ours:
        said["spotify.redirect_uri"] = Reading(f"{sent.value} is where people are sent back to, not {ours}", "spotify")
    doubts = [f"{name}: {one.problem or one.value}" for name in _NAMES if _is_doubted(one := found[f"spotify.{name}"])]
    if _OVER in found and doubts and not found[_OVER].inapplicable:
        said[_OVER] = Reading(source="spotify", problem=f"Spotify wasn't seen to take the app ({'; '.join(doubts)})")
    return said


def _is_doubted(one: Reading) -> bool:
    return not one.inapplicable and one.value != "accepted"


async def _credentials(http: aiohttp.ClientSession, settings: SpotifySettings) -> Reading:
    """Only a token proves the pair; it is thrown away."""
    pair = base64.b64encode(f"{settings.client_id}:{settings.client_secret.reveal()}".encode()).decode()
    headers, form = {"Authorization": f"Basic {pair}"}, {"grant_type": "client_credentials"}
    url = f"{settings.accounts_url}/api/token"
    async with http.post(url, data=form, headers=headers, allow_redirects=False, timeout=_TIMEOUT) as response:
        status = response.status
        try:
            body = await response.json(content_type=None)
        except ValueError:
            body = None
    if status in {400, 401, 403}:
        return Reading(f"refused ({status})", "spotify")
    is_token = isinstance(body, dict) and bool(body.get("access_token")) and str(body.get("token_type")).lower() == "bearer"
    return Reading("accepted", "spotify") if status == 200 and is_token else _silent(f"{status} and no token")


async def _redirect(http: aiohttp.ClientSession, settings: SpotifySettings, callback: str) -> Reading:
    """A page or a way to one; what isn't in order is said there, or in the address."""
    wish = {"client_id": settings.client_id, "response_type": "code", "redirect_uri": callback, "scope": "user-read-recently-played"}
    async with http.get(f"{settings.accounts_url}/authorize?{urlencode(wish)}", allow_redirects=False, timeout=_TIMEOUT) as response:
        status, page, leads = response.status, (await response.text(errors="replace")).lower(), response.headers.get("Location", "")
    if status == 429 or status >= 500:
        return _silent(str(status))
    why = next((one for one in _REFUSALS if one in page), "error" if "error=" in urlsplit(leads).query else "")
    return Reading(f"refused ({why or status})" if why or status >= 400 else "accepted", "spotify", callback)


def _silent(said: str) -> Reading:
    return Reading(source="spotify", problem=f"Spotify answers {said}; ask again later")
