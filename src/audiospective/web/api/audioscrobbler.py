"""Last.fm's interface (Audioscrobbler 2.0), so that scrobblers which let one choose the address work unchanged (peers.md §5).

The password, and the session key, are a personal token, taken from the body alone: what stands in an address is written into logs. A key of
one's own comes by saying yes in the browser (`auth.getToken`). Whatever a client signs with (`api_key`, `api_sig`) is its secret, not
ours, and isn't looked at. Answers and errors have the shapes that those clients know, XML unless `format=json`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import scrobblers, tokens
from audiospective.accounts.people import Person
from audiospective.archive.plays import UserId
from audiospective.bootstrap import Parts
from audiospective.collect import audioscrobbler
from audiospective.collect.audioscrobbler import Ignored, Said
from audiospective.errors import AudiospectiveError
from audiospective.reports import ask
from audiospective.web.api.audioscrobbler_words import Told, as_json, as_xml
from audiospective.web.visitor import Asked, WithParts

_PLACES: Final = ["/2.0", "/apis/audioscrobbler/2.0"]
_MOST_BYTES: Final = 256 * 1024
_MOST_FIELDS: Final = 600
#: Never taken from an address.
_SECRET: Final = frozenset({"sk", "password"})

_NO_METHOD, _NOT_LET_IN, _WRONG, _NO_SESSION, _NOT_ALLOWED_YET = 3, 4, 6, 9, 14
_FORBIDDEN: Final = frozenset({_NOT_LET_IN, _NO_SESSION, _NOT_ALLOWED_YET})


class Failed(Exception):
    """What those clients are told, by its number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Call(msgspec.Struct, frozen=True):
    """A call: what was given, and over what it goes."""

    request: Asked
    parts: Parts
    given: Mapping[str, str]


_Method: TypeAlias = Callable[[Call], Awaitable[Told]]


@post(_PLACES, status_code=200, include_in_schema=False, request_max_body_size=_MOST_BYTES)
async def told(request: Asked, parts: WithParts) -> Response[bytes]:
    """A call with its fields in the body."""
    try:
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        fields = []
    return await _answer(Call(request, parts, _of_address(request) | dict(fields)), _METHODS)


@get(_PLACES, include_in_schema=False)
async def asked(request: Asked, parts: WithParts) -> Response[bytes]:
    """A call with its fields in the address, which changes nothing."""
    return await _answer(Call(request, parts, _of_address(request)), _BY_ADDRESS)


def _of_address(request: Asked) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in _SECRET}


async def _answer(call: Call, methods: Mapping[str, _Method]) -> Response[bytes]:
    is_json = call.given.get("format") == "json"
    written = as_json if is_json else as_xml
    try:
        method = methods.get(call.given.get("method", "").lower())
        if method is None:
            raise Failed(_NO_METHOD, "There is no such method here, or not by GET.")
        body, status = written(await method(call)), 200
    except Failed as error:
        body, status = written(error), 403 if error.code in _FORBIDDEN else 400
    except AudiospectiveError as error:
        body, status = written(Failed(_WRONG, error.message)), 400
    return Response(body, status_code=status, media_type="application/json" if is_json else "text/xml")


async def _person(call: Call, key: str) -> Person | None:
    if not (key and len(key) <= 200 and key.isascii()):
        return None
    return await call.parts.db.ask(partial(tokens.find, token=key, now=call.parts.clock.now()))


async def _own(call: Call) -> Person:
    person = await _person(call, call.given.get("sk", ""))
    if person is None:
        raise Failed(_NO_SESSION, "The session key isn't right; sign in again. It is sent in the body, not in the address.")
    return person


async def _sign_in(call: Call) -> Told:
    """`auth.getMobileSession`: a personal token as the password; any user name, since the token says whose it is."""
    key = call.given.get("password", "")
    person = await _person(call, key)
    if person is None:
        raise Failed(_NOT_LET_IN, "The password is a personal token of yours; make one in Settings.")
    return _session(person.name, key)


async def _token(call: Call) -> Told:
    return {"token": scrobblers.ask(call.parts.sealer, call.parts.clock.now())}


async def _key(call: Call) -> Told:
    async with call.parts.db.reading() as conn:
        found = await scrobblers.fetch(conn, call.parts.sealer, call.given.get("token", ""), call.parts.clock.now())
    if found is None:
        raise Failed(_NOT_ALLOWED_YET, "Nobody has allowed this yet, or it is over; open /auth/scrobbler?token=… in a browser.")
    return _session(found.name, found.key)


def _session(name: str, key: str) -> Told:
    return {"session": {"name": name, "key": key, "subscriber": 0}}


async def _scrobble(call: Call) -> Told:
    person = await _own(call)
    submission = audioscrobbler.read(call.given, call.parts.clock.now())
    async with call.parts.db.transaction() as conn:
        await audioscrobbler.keep(conn, UserId(person.id), submission)
    rows = [{**_echo(one), "timestamp": one.timestamp} for one in submission.said]
    ignored = sum(one.ignored is not Ignored.NOT for one in submission.said)
    counts = {"accepted": len(rows) - ignored, "ignored": ignored}
    return {"scrobbles": {"@attr": counts, "scrobble": rows if len(rows) > 1 else rows[0]}}


async def _now_playing(call: Call) -> Told:
    person = await _own(call)
    one = audioscrobbler.playing(call.given, call.parts.clock.now())
    call.request.app.state.playing.tell(person.id, one.metadata, one.length_ms, call.parts.clock.monotonic())
    return {"nowplaying": _echo(one, ignored=Ignored.NOT)}


def _echo(one: Said, ignored: Ignored | None = None) -> dict[str, Any]:
    """A listen as it was told; nothing is corrected here."""
    names = {"track": one.track, "artist": one.artist, "album": one.album, "albumArtist": one.album_artist}
    code = one.ignored if ignored is None else ignored
    return {name: {"corrected": "0", "#text": value} for name, value in names.items()} | {
        "ignoredMessage": {"code": str(int(code)), "#text": _WHY[code]}
    }


_WHY: Final = {
    Ignored.NOT: "",
    Ignored.ARTIST: "It names no artist.",
    Ignored.TRACK: "It names no track.",
    Ignored.TOO_OLD: "It doesn't tell when, or before there were scrobbles.",
    Ignored.TOO_NEW: "Its time lies in the future.",
}


async def _about(call: Call) -> Told:
    """`user.getInfo`, of oneself alone."""
    person = await _own(call)
    async with call.parts.db.reading() as conn:
        plays = len(await ask.listening(conn, call.parts.cache, person, "all", call.parts.clock.now()))
    since = {"unixtime": str(int(person.created_at.timestamp())), "#text": f"{person.created_at:%Y-%m-%d %H:%M}"}
    named = {"name": person.name, "realname": person.display_name, "url": call.parts.settings.app_url, "subscriber": "0"}
    return {"user": {**named, "playcount": str(plays), "registered": since}}


_BY_ADDRESS: Final[Mapping[str, _Method]] = {"auth.gettoken": _token, "auth.getsession": _key}
_METHODS: Final[Mapping[str, _Method]] = {
    **_BY_ADDRESS,
    "auth.getmobilesession": _sign_in,
    "track.scrobble": _scrobble,
    "track.updatenowplaying": _now_playing,
    "user.getinfo": _about,
}

routes: tuple[ControllerRouterHandler, ...] = (told, asked)
