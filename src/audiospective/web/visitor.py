"""Who is asking? The session cookie or a personal token, as a Person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from litestar import Request, Response
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from litestar.types import Scope

from audiospective.accounts import people, sessions, tokens
from audiospective.accounts.people import Person
from audiospective.bootstrap import Parts
from audiospective.errors import NotFound, NotSignedIn
from audiospective.infra.sealing import Sealer
from audiospective.settings import Settings

#: A request of this app; nothing is kept in Litestar's own user and auth.
Asked: TypeAlias = Request[Any, Any, State]

#: What a handler may ask for: `parts: WithParts`, and who is signed in, as `person: Listener` (else 401, or the landing page) or as
#: `visitor: Whoever` (None: nobody).
WithParts: TypeAlias = NamedDependency[Parts]
Listener: TypeAlias = NamedDependency[Person]
Whoever: TypeAlias = NamedDependency[Person | None]
Operator: TypeAlias = NamedDependency[Person]

#: The browser forgets a session when the server would at the latest (accounts/sessions.py ends it after 90 days).
_COOKIE_S = 90 * 86_400

_LONGEST_TOKEN = 200

#: Where the person of a request is kept once found.
_KEPT = "audiospective_person"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows. A personal token wins: whoever sends one means it, and no browser sends one by itself."""

    session: str | None = field(repr=False)
    token: str | None = field(repr=False)
    """None: none was sent; "": one that can't be right."""


def cookie_name(settings: Settings) -> str:
    """The session cookie's name; `__Host-` binds it to this host and to https, where there is https."""
    return "__Host-audiospective" if is_https(settings) else "audiospective_session"


def waiting_cookie(settings: Settings) -> str:
    """The name of the cookie in which a sign-in waits."""
    return "__Host-audiospective_sign_in" if is_https(settings) else "audiospective_sign_in"


def is_https(settings: Settings) -> bool:
    """Whether people reach this instance over https."""
    return settings.app_url.startswith("https://")


def session_cookie(settings: Settings, session: str) -> Cookie:
    """The cookie that carries a session; an empty one removes it."""
    return private_cookie(settings, cookie_name(settings), session, max_age=_COOKIE_S if session else 0)


def private_cookie(settings: Settings, name: str, value: str, *, max_age: int) -> Cookie:
    """A cookie that no script reads and no other site sends along."""
    return Cookie(key=name, value=value, path="/", max_age=max_age, secure=is_https(settings), httponly=True, samesite="lax")


def leave(response: Response[Any], settings: Settings) -> None:
    """Nobody is signed in in this browser any more, no sign-in waits there, and it keeps no page of theirs.

    Both cookies are named, since over plain http browsers pass over Clear-Site-Data.
    """
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.cookies += [session_cookie(settings, ""), private_cookie(settings, waiting_cookie(settings), "", max_age=0)]


def credentials(scope: Scope, settings: Settings) -> Credentials:
    """What this request shows, however malformed: what can't be a session or token is none."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
    scheme, _, token = given.partition(" ")
    is_bearer = scheme.lower() in {"bearer", "token"}  # scrobblers say Token
    return Credentials(read_cookie(scope, cookie_name(settings)), (_plausible(token.strip()) or "") if is_bearer else None)


def read_cookie(scope: Scope, wanted: str, *, longest: int = _LONGEST_TOKEN) -> str | None:
    """The first cookie of this name; of several the browser's own order decides, and the others are ignored."""
    for header, value in scope["headers"]:
        if header != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            name, equals, given = part.strip().partition("=")
            if equals and name == wanted:
                return _plausible(given, longest)
    return None


async def visitor(request: Asked, parts: WithParts) -> Person | None:
    """Dependency `visitor`: who is signed in, or None."""
    state = request.scope["state"]
    if _KEPT not in state:
        state[_KEPT] = await _find(parts, credentials(request.scope, parts.settings))
    found: Person | None = state[_KEPT]
    return found


async def person(visitor: Whoever) -> Person:
    """Dependency `person`: who is signed in; raises NotSignedIn."""
    if visitor is None:
        raise NotSignedIn("You aren't signed in, or your session has ended. Sign in, or send a personal token from Settings.")
    return visitor


async def is_operator(parts: Parts, visitor: Person | None) -> bool:
    """Whether whoever is signed in may see how the instance is run."""
    if visitor is None:
        return False
    return await parts.db.ask(partial(people.is_operator, user=visitor.id))


async def operator(request: Asked, parts: WithParts, visitor: Whoever) -> Person:
    """Dependency `operator`: an operator; for everybody else there is nothing here.

    Pages of operators are for browsers: what is signed there bears a name, and a scrobbler holds a token of the same person.
    """
    by_token = credentials(request.scope, parts.settings).token is not None
    if visitor is None or (by_token and not request.url.path.startswith("/api/")) or not await is_operator(parts, visitor):
        raise NotFound("There is nothing at this address.")
    return visitor


def known(request: Asked) -> Person | None:
    """The person of this request if somebody has asked already; for pages that greet whom they know."""
    found: Person | None = request.scope.get("state", {}).get(_KEPT)
    return found


def forget(request: Asked) -> None:
    """The person of this request has gone; the page that follows greets nobody."""
    request.scope["state"].pop(_KEPT, None)


def form_token(sealer: Sealer, session: str, now: datetime) -> str:
    """What a plain form carries to prove that one of our pages, shown in this session, made it.

    It begins with a stamp so that it differs in each page: a secret that repeats could be guessed from packed lengths.
    """
    stamp = f"{int(now.timestamp() * 1e6):x}"
    return f"{stamp}.{sealer.sign(f'{stamp} {session}'.encode(), purpose='form')}"


def is_form_token(sealer: Sealer, session: str, given: str) -> bool:
    """Whether `given` was made for this session."""
    stamp, _, signature = given.partition(".")
    return sealer.verify(f"{stamp} {session}".encode(), signature, purpose="form")


async def _find(parts: Parts, shown: Credentials) -> Person | None:
    if not (shown.session if shown.token is None else shown.token):
        return None
    now = parts.clock.now().astimezone(UTC)
    if shown.token is not None:
        return await parts.db.ask(partial(tokens.find, token=shown.token, now=now))
    return await parts.db.ask(partial(sessions.find, token=shown.session or "", now=now))


def _plausible(text: str, longest: int = _LONGEST_TOKEN) -> str | None:
    return text if text and len(text) <= longest and text.isascii() and text.isprintable() else None
