"""Signing in and out: Spotify's authorization code with PKCE, or a personal token for listeners without Spotify.

The state and the verifier of a sign-in wait in a sealed cookie of the same browser, ten minutes at most, and are used once. Where Spotify
can't send people back to (http on a home server), they paste the address that their browser ended on.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from audiospective.accounts import apps, grants, sessions, tokens
from audiospective.accounts.people import Person
from audiospective.accounts.sign_in import AnotherAccount, Arrived, Came, SignedIn, admit, sign_in
from audiospective.bootstrap import Parts
from audiospective.infra.database import Connection
from audiospective.infra.language import mark, say
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.spotify import oauth
from audiospective.spotify.errors import Forbidden, Revoked
from audiospective.spotify.http import Spotify
from audiospective.spotify.oauth import TokenPair
from audiospective.spotify.rules import needs_paste, redirect_address
from audiospective.web.forms import back_to, fields
from audiospective.web.rendering import render
from audiospective.web.visitor import (
    Asked,
    Whoever,
    WithParts,
    cookie_name,
    credentials,
    leave,
    private_cookie,
    read_cookie,
    session_cookie,
    waiting_cookie,
)

_WAIT_S = 600
_SEALED = b"sign-in"
_STANDING = b"another account"
_LONGEST_COOKIE = 4000
_LONGEST_NEXT = 1000
_LONGEST_ADDRESS = 4000

_AGAIN = mark("Start again from “Sign in with Spotify”; a sign-in is good for ten minutes, once, in the browser that began it.")


class Waiting(msgspec.Struct, frozen=True):
    """A sign-in that has been begun in this browser."""

    state: str
    verifier: str
    next: str
    began_at: float
    """Seconds since 1970."""
    client_id: str = ""
    """The app that they came by; "" the operator's."""
    joins: int = 0
    """Whose archive the Spotify account shall fill from now on; 0: its own."""


class Standing(msgspec.Struct, frozen=True):
    """Somebody whom Spotify has told us of, while they say which archive they mean; sealed in their own browser, and stored nowhere."""

    account: str
    shown: str | None
    access: str
    refresh: str | None
    expires_in: int
    scope: str
    next: str
    began_at: float
    client_id: str = ""


class AnotherView(msgspec.Struct, frozen=True):
    """The view of templates/pages/another_account.html: who came back from Spotify, and where they wanted to go."""

    other: str
    next: str


class SignInTrouble(msgspec.Struct, frozen=True):
    """The view of templates/pages/sign_in_trouble.html: why nobody was signed in, and a way on."""

    title: str
    message: str
    again: str
    """Where to begin once more."""
    brings_app: bool = False
    """Whether an app of one's own is a way on."""


class TokenForm(msgspec.Struct, frozen=True):
    """The view of templates/pages/sign_in_token.html."""

    next: str
    problem: str
    """"" or why the last try didn't work."""


class PasteForm(msgspec.Struct, frozen=True):
    """The view of templates/pages/sign_in_paste.html: Spotify's page, and how the address begins that is to be pasted."""

    spotify: str
    begins: str


@get("/auth/spotify", include_in_schema=False)
async def begin(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:
    """Send the browser to Spotify, which sends it back to `callback`, or to nowhere: then the person brings the address."""
    wanted, named = safe_path(request.query_params.get("next")), request.query_params.get("app", "")[:64]
    home = urlsplit(parts.settings.app_url).netloc
    if request.headers.get("host", "").lower() != home:  # Spotify sends back to the canonical host, and cookies stay on theirs
        return back_to(f"{parts.settings.app_url}/auth/spotify?{urlencode({'next': wanted} | ({'app': named} if named else {}))}")
    async with parts.db.reading() as conn:
        app = await _app(conn, parts, named, visitor)
    joins = visitor.id if visitor is not None and visitor.spotify_id is None else 0
    now = parts.clock.now().timestamp()
    waiting = Waiting(secrets.token_urlsafe(24), secrets.token_urlsafe(48), wanted, now, app.client_id, joins)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(waiting.verifier.encode()).digest()).rstrip(b"=").decode()
    sent_back = redirect_address(parts.settings.app_url)
    there = oauth.authorize_url(app, state=waiting.state, challenge=challenge, redirect_uri=sent_back)
    is_pasted = needs_paste(parts.settings.app_url) or "paste" in request.query_params
    response = render(request, "pages/sign_in_paste.html", PasteForm(there, sent_back)) if is_pasted else back_to(there)
    response.cookies.append(private_cookie(parts.settings, waiting_cookie(parts.settings), _seal(parts.sealer, waiting), max_age=_WAIT_S))
    return response


@post("/auth/spotify/paste", status_code=303, include_in_schema=False)
async def pasted(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:
    """The address that Spotify sent the browser to, brought by hand."""
    address = (await fields(request)).get("address", "").strip()[:_LONGEST_ADDRESS]
    try:
        query = dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        query = {}
    return await _finish(request, parts, visitor, query)


@get(["/auth/spotify/callback", "/api/auth/callback/spotify"], include_in_schema=False)
async def callback(request: Asked, parts: WithParts, visitor: Whoever) -> Response[bytes]:
    """Take the answer of Spotify: a code becomes a session. Opened twice it still makes one."""
    return await _finish(request, parts, visitor, request.query_params)


async def _finish(request: Asked, parts: Parts, visitor: Person | None, query: Mapping[str, str]) -> Response[bytes]:
    waiting = _waiting(request, parts)
    if waiting is None or not _is_theirs(waiting, query.get("state", ""), visitor):
        return back_to("/dashboard") if visitor else _trouble(request, say("This sign-in can't be finished"), say(_AGAIN), status=400)
    if "error" in query or not query.get("code"):
        return _done(parts, _refused(request, query.get("error", ""), waiting.next))
    try:
        signed_in = await _once(parts, waiting, query["code"], visitor)
    except AnotherAccount as found:
        return _asked_which(request, parts, found.arrived, waiting)
    except Revoked:
        return _done(
            parts, _trouble(request, say("This sign-in was used already, or took too long"), say(_AGAIN), status=400, then=waiting.next)
        )
    except Forbidden as error:
        return _done(parts, _forbidden(request, error, waiting))
    return await _welcome(request, parts, signed_in.session, waiting.next)


def _is_theirs(waiting: Waiting, state: str, visitor: Person | None) -> bool:
    """Whether this answer is of this sign-in; one that joins an archive is only for its owner, who may have left since."""
    is_owner = not waiting.joins or (visitor is not None and visitor.id == waiting.joins)
    return is_owner and hmac.compare_digest(waiting.state.encode(), state.encode())


@post("/auth/spotify/switch", status_code=303, include_in_schema=False)
async def switch(request: Asked, parts: WithParts) -> Response[bytes]:
    """Whoever was signed in as somebody else and came back from Spotify chose the archive of that Spotify account."""
    standing = _opened(request, parts, _STANDING, Standing)
    if standing is None:
        return _trouble(request, say("This choice can't be made any more"), say(_AGAIN), status=400)
    async with parts.db.reading() as conn:
        app = await apps.named(conn, parts.spotify, parts.sealer, standing.client_id) or parts.spotify
    pair = TokenPair(standing.access, standing.refresh, standing.expires_in, standing.scope)
    arrived = Arrived(standing.account, standing.shown, pair)
    signed_in = await admit(parts.db, app, parts.sealer, parts.clock, arrived)
    return await _welcome(request, parts, signed_in.session, standing.next)


@post("/auth/sign-out", status_code=303, include_in_schema=False)
async def sign_out(request: Asked, parts: WithParts) -> Response[bytes]:
    """End this session, here and in the browser."""
    session = credentials(request.scope, parts.settings).session
    if session:
        async with parts.db.transaction() as conn:
            await sessions.end(conn, session)
    response = back_to("/")
    leave(response, parts.settings)
    return response


@get("/auth/token", include_in_schema=False)
async def token_form(request: Asked) -> Response[bytes]:
    """Ask for a personal token."""
    return render(request, "pages/sign_in_token.html", TokenForm(safe_path(request.query_params.get("next")), ""))


@post("/auth/token", status_code=303, include_in_schema=False)
async def sign_in_by_token(request: Asked, parts: WithParts) -> Response[bytes]:
    """A personal token becomes a session, which ends when the token is revoked."""
    form = await fields(request)
    wanted, token = safe_path(form.get("next")), form.get("token", "").strip()
    is_plausible = token.isascii() and token.isprintable()
    async with parts.db.transaction() as conn:
        session = await tokens.begin_session(conn, token[:200], parts.clock.now()) if is_plausible else None
    if session is None:
        problem = say("That is no token of this instance. Make one in Settings, or with “audiospective users token NAME”.")
        return render(request, "pages/sign_in_token.html", TokenForm(wanted, problem), status=400)
    return await _welcome(request, parts, session, wanted)


def safe_path(given: str | None) -> str:
    """`given` if it is a path on this instance, else the dashboard; nothing leads to another site."""
    path = given or ""
    is_plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= _LONGEST_NEXT
    is_path = path.startswith("/") and not path.startswith(("//", "/auth/", "/api/", "/%2f", "/%2F", "/%5c", "/%5C"))
    return path if is_plain and is_path else "/dashboard"


async def _app(conn: Connection, parts: Parts, named: str, visitor: Person | None) -> Spotify:
    """The app to sign in by: the one that was named, else the visitor's own or last one, else the operator's."""
    wanted = [named]
    if visitor is not None:
        brought, state = await apps.own(conn, visitor.id), await grants.state(conn, visitor.id)
        wanted += [brought.client_id if brought else "", state.client_id if state else ""]
    for client_id in filter(None, wanted):
        if found := await apps.named(conn, parts.spotify, parts.sealer, client_id):
            return found
    return parts.spotify


#: Sign-ins that are being finished now, by state: a second click waits for the first instead of spending the code again.
_under_way: dict[str, asyncio.Task[SignedIn]] = {}


async def _once(parts: Parts, waiting: Waiting, code: str, visitor: Person | None) -> SignedIn:
    running = _under_way.get(waiting.state)
    if running is None:
        browsed_by = visitor.spotify_id or "" if visitor else ""
        running = _under_way[waiting.state] = asyncio.create_task(_sign_in(parts, waiting, code, browsed_by))
        running.add_done_callback(lambda _: _under_way.pop(waiting.state, None))
    return await asyncio.shield(running)


async def _sign_in(parts: Parts, waiting: Waiting, code: str, browsed_by: str) -> SignedIn:
    async with parts.db.reading() as conn:
        app = await apps.named(conn, parts.spotify, parts.sealer, waiting.client_id) or parts.spotify
    came = Came(code, waiting.verifier, redirect_address(parts.settings.app_url), waiting.joins, browsed_by)
    return await sign_in(parts.db, app, parts.sealer, parts.clock, came)


async def _welcome(request: Asked, parts: Parts, session: str, wanted: str) -> Response[bytes]:
    """The new session in, the one that this browser had before out: a session id is never carried over a sign-in."""
    old = read_cookie(request.scope, cookie_name(parts.settings))
    if old and old != session:
        async with parts.db.transaction() as conn:
            await sessions.end(conn, old)
    response = _done(parts, back_to(wanted))
    response.cookies.append(session_cookie(parts.settings, session))
    return response


def _asked_which(request: Asked, parts: Parts, arrived: Arrived, waiting: Waiting) -> Response[bytes]:
    """Two people use this browser, or one has two Spotify accounts: nothing is written before they say which archive they mean."""
    pair, now = arrived.pair, parts.clock.now().timestamp()
    standing = Standing(
        account=arrived.account_key,
        shown=arrived.display_name,
        access=pair.access_token,
        refresh=pair.refresh_token,
        expires_in=pair.expires_in,
        scope=pair.scope,
        next=waiting.next,
        began_at=now,
        client_id=waiting.client_id,
    )
    response = render(request, "pages/another_account.html", AnotherView(arrived.display_name or say("another account"), waiting.next), 409)
    sealed = _seal(parts.sealer, standing, _STANDING)
    response.cookies.append(private_cookie(parts.settings, waiting_cookie(parts.settings), sealed, max_age=_WAIT_S))
    return response


def _refused(request: Asked, error: str, then: str) -> Response[bytes]:
    if error == "access_denied":
        message = say("You pressed “Cancel” at Spotify, so nothing was read and nothing is kept. Sign in whenever you like.")
        return _trouble(request, say("You weren't signed in"), message, status=200, then=then)
    message = say("Spotify ended the sign-in with “{reason}”. {again}", reason=error[:60] or "no code", again=say(_AGAIN))
    return _trouble(request, say("Spotify didn't sign you in"), message, status=400, then=then)


def _forbidden(request: Asked, error: Forbidden, waiting: Waiting) -> Response[bytes]:
    """Spotify let them sign in, and won't answer about them."""
    message = say(
        "Spotify says: {reason}. An app in development mode serves five people, each named on its page at Spotify, while its owner "
        "has Premium. Ask whoever runs this instance for a seat, or bring a Spotify app of your own: it is free.",
        reason=error.reason,
    )
    view = SignInTrouble(say("Spotify doesn't let this app read your plays"), message, _again(waiting.next), brings_app=True)
    return render(request, "pages/sign_in_trouble.html", view, status=403)


def _again(then: str) -> str:
    return f"/auth/spotify?{urlencode({'next': then})}"


def _trouble(request: Asked, title: str, message: str, *, status: int, then: str = "/dashboard") -> Response[bytes]:
    view = SignInTrouble(title, message, _again(then))
    return render(request, "pages/sign_in_trouble.html", view, status=status)


def _waiting(request: Asked, parts: Parts) -> Waiting | None:
    return _opened(request, parts, _SEALED, Waiting)


Kept = TypeVar("Kept", "Waiting", "Standing")


def _opened(request: Asked, parts: Parts, bound: bytes, kind: type[Kept]) -> Kept | None:
    """What waits in the browser's cookie, if it is of that kind and not older than ten minutes."""
    given = read_cookie(request.scope, waiting_cookie(parts.settings), longest=_LONGEST_COOKIE)
    if given is None:
        return None
    try:
        sealed = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        kept = msgspec.json.decode(parts.sealer.open(sealed, bound=bound), type=kind)
    except (BrokenSeal, ValueError):
        return None
    return kept if 0 <= parts.clock.now().timestamp() - kept.began_at <= _WAIT_S else None


def _seal(sealer: Sealer, kept: Waiting | Standing, bound: bytes = _SEALED) -> str:
    return base64.urlsafe_b64encode(sealer.seal(msgspec.json.encode(kept), bound=bound)).rstrip(b"=").decode()


def _done(parts: Parts, response: Response[bytes]) -> Response[bytes]:
    """The same answer, and the waiting sign-in is over."""
    response.cookies.append(private_cookie(parts.settings, waiting_cookie(parts.settings), "", max_age=0))
    return response


routes: tuple[ControllerRouterHandler, ...] = (begin, pasted, callback, switch, sign_out, token_form, sign_in_by_token)
