"""What stands before every route: host, rate, origin, form token; and the headers of every answer.

1. The host must be this instance's own, so that no link or redirect can be built from somebody else's.
2. The address, or the person once known, has a budget; proxies' claims about addresses are not believed.
3. A change must come from one of our own pages (Origin, Sec-Fetch-Site; a plain form also brings its token) or show a personal token,
   which no browser sends by itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from urllib.parse import parse_qs, urlsplit

from litestar import Response
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPDisconnectEvent, HTTPRequestEvent
from litestar.utils import normalize_path

from audiospective.bootstrap import Parts
from audiospective.errors import AudiospectiveError, Invalid, NotAllowed, RateLimited, TooLarge
from audiospective.infra.language import speak
from audiospective.infra.ratelimit import Limit, SharedLimiter, Verdict
from audiospective.infra.telemetry import get_logger
from audiospective.web.headers import Headers, constant_headers, framed, headers_for, may_be_framed
from audiospective.web.tongue import first_language
from audiospective.web.visitor import Asked, Credentials, credentials, is_form_token, known

STRICT = Limit("strict", 10, 10)
NORMAL = Limit("normal", 100, 10)
LENIENT = Limit("lenient", 1000, 10, shared=False)

#: What is dear, or worth guessing (contract.md §4, "Rate limits").
_STRICT_PATHS = ("/ops/first", "/auth/", "/api/auth/", "/api/export", "/api/share", "/api/user/delete")
_LENIENT_PATHS = ("/api/health", "/static/", "/cover/")
#: A report shows two dozen at once, to everybody of a family who opens the link.
_REPORTS_COVER = re.compile(r"/share/[^/]+/cover/[^/]+/\d+", re.ASCII)

#: Where programs ask, not pages.
_CALLS = ("/api/", "/apis/", "/1/", "/2.0")

#: What lasts as long as a page is open says nothing of how fast answers are.
_STREAMS = frozenset({"/api/live"})

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.ASCII)

#: So long one piece of an answer may wait to be taken.
_TAKING_S = 60.0
_FORM_BYTES = 64 * 1024
_FORM = "application/x-www-form-urlencoded"

#: Where a route says, in its request's state, which generator its answer is read from.
READ_FROM = "audiospective_read_from"

#: People whose session or token this process has seen to be good: from then on they have budgets of their own.
_MOST_KNOWN = 10_000


class Guard:
    """Wraps the whole application; `explain` turns an error into an answer, `observe` hears of scope, status and seconds of each."""

    def __init__(
        self,
        app: ASGIApp,
        parts: Parts,
        explain: Callable[[Asked, Exception], Response[bytes]],
        observe: Callable[[HTTPScope, int, float], None],
    ) -> None:
        self._app = app
        self._observe = observe
        self._parts = parts
        self._settings = parts.settings
        self._explain = explain
        self._constant = constant_headers(parts.settings)
        self._framed = framed(self._constant)
        self._limiter = SharedLimiter(parts.clock.monotonic, parts.store, parts.settings.app_secrets[0].reveal())
        self._people: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, hand it on, and dress the answer."""
        if scope["type"] != ScopeType.HTTP:
            await send({"type": "websocket.close", "code": 4404, "reason": "There is nothing here to connect to."})
            return
        began, status = self._parts.clock.monotonic(), 0
        scope = _as_routed(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        routed = await self._answer(scope, receive, noting)
        if scope["path"] not in _STREAMS:
            self._observe(routed, status, self._parts.clock.monotonic() - began)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> HTTPScope:
        shown = credentials(scope, self._settings)
        speak(first_language(scope, shown))
        verdict = await self._limiter.take(self._key(scope, shown), limit_for(scope["path"]))
        dressed = self._dressed(scope["path"], verdict, send)
        inner = _as_get(scope)
        request = Asked(inner, receive, dressed)
        try:
            self._check_host(scope)
            self._check_rate(verdict)
            receive = await self._check_change(scope, shown, receive)
        except AudiospectiveError as error:
            answer = self._explain(request, error).to_asgi_response(app=None, request=request)
            await answer(inner, receive, dressed)
            return inner
        await self._carried_out(inner, receive, dressed)
        self._remember(request, shown)
        return inner

    async def _carried_out(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """The route's own work; what it reads from while it answers is closed, however that ends."""
        try:
            await self._app(scope, receive, send)
        except* TimeoutError:
            get_logger().warning("web.untaken")
        finally:
            if read_from := scope["state"].get(READ_FROM):
                await read_from.aclose()

    def _check_host(self, scope: HTTPScope) -> None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            raise Invalid(f"This instance is at {self._settings.app_url} and answers to no other host.", field="Host")

    def _is_ours(self, host: str) -> bool:
        own = urlsplit(self._settings.app_url)
        if host.lower() in {own.netloc, f"{own.netloc}:{443 if own.scheme == 'https' else 80}"}:
            return True
        return not self._settings.is_production and _HERE.fullmatch(host) is not None

    def _key(self, scope: HTTPScope, shown: Credentials) -> str:
        user = self._people.get(shown.token or shown.session or "")
        if user is not None:
            return f"person {user}"
        client = scope.get("client")
        return address_key(client[0] if client else "")

    def _check_rate(self, verdict: Verdict) -> None:
        if not verdict.allowed:
            message = f"That was more than {verdict.limit} requests in a short time; try again in {verdict.reset_s} seconds."
            if verdict.reset_s == 1:
                message = f"That was more than {verdict.limit} requests in a short time; try again in a second."
            raise RateLimited(message, retry_after=verdict.reset_s)

    def _remember(self, request: Asked, shown: Credentials) -> None:
        person = known(request)
        given = shown.token or shown.session
        if person is None or given is None:
            return
        self._people[given] = person.id
        self._people.move_to_end(given)
        while len(self._people) > _MOST_KNOWN:
            self._people.popitem(last=False)

    async def _check_change(self, scope: HTTPScope, shown: Credentials, receive: Receive) -> Receive:
        """Refuse a change that another site may have caused; a plain form's body is read here and handed on."""
        if scope["method"] in _SAFE or shown.token is not None:
            return receive
        is_anonymous_call = scope["path"].startswith(_CALLS) and shown.session is None
        if is_anonymous_call:  # nothing is changed on anybody's behalf, and "not signed in" says more
            return receive
        self._check_origin(scope)
        if shown.session is None or _header(scope, b"content-type").partition(";")[0].strip().lower() != _FORM:
            return receive
        body = await _read(receive)
        if not is_form_token(self._parts.sealer, shown.session, _field(body, "form_token")):
            raise NotAllowed("This form belongs to an earlier session; reload the page and send it again.")
        return _replay(body)

    def _check_origin(self, scope: HTTPScope) -> None:
        """Browsers have told where a change comes from since 2020; what doesn't tell is no page of ours."""
        origin, site = _header(scope, b"origin"), _header(scope, b"sec-fetch-site")
        is_same = site in {"", "same-origin"} and (self._is_own_origin(origin, scope) if origin else site == "same-origin")
        if not is_same:
            raise NotAllowed("This must be sent from a page of this instance, or with a personal token; nothing was changed.")

    def _is_own_origin(self, origin: str, scope: HTTPScope) -> bool:
        scheme = urlsplit(self._settings.app_url).scheme
        return origin in {self._settings.app_url, f"{scheme}://{_header(scope, b'host')}"}

    def _framing(self, path: str, status: int) -> Headers:
        return self._framed if may_be_framed(path, status) else self._constant

    def _dressed(self, path: str, verdict: Verdict, send: Send) -> Send:
        async def dress(message: Message) -> None:
            if message["type"] == "http.response.start":
                given: Headers = list(message.get("headers", []))
                message["headers"] = [*given, *self._framing(path, message["status"]), *headers_for(path, given), *_rate_headers(verdict)]
            async with asyncio.timeout(_TAKING_S):  # who doesn't take what was asked for holds nothing of ours for ever
                await send(message)

        return dress


def limit_for(path: str) -> Limit:
    """The budget that a request to this path is taken from."""
    if path.startswith(_LENIENT_PATHS) or _REPORTS_COVER.fullmatch(path):
        return LENIENT
    return STRICT if path.startswith(_STRICT_PATHS) else NORMAL


def address_key(address: str) -> str:
    """One budget per IPv4 address or IPv6 /64, since whoever has one address of such a network has all of them."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"address {address}"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return f"network {ipaddress.ip_network((ip, 64), strict=False)}"
    return f"address {getattr(ip, 'ipv4_mapped', None) or ip}"


def _rate_headers(verdict: Verdict) -> Headers:
    named = {"x-ratelimit-limit": verdict.limit, "x-ratelimit-remaining": verdict.remaining, "x-ratelimit-reset": verdict.reset_s}
    return [(name.encode(), str(value).encode()) for name, value in named.items()]


def _as_routed(scope: HTTPScope) -> HTTPScope:
    """With the path by which the router will find its route, so that //api/export is no way around what is held against /api/export."""
    inner = scope.copy()
    inner["path"] = normalize_path(scope["path"])
    return inner


def _as_get(scope: HTTPScope) -> HTTPScope:
    """HEAD is answered as GET; the server leaves the body out."""
    inner = scope.copy()
    inner["state"] = dict(scope.get("state") or {})
    if scope["method"] == HttpMethod.HEAD:
        inner["method"] = HttpMethod.GET
    return inner


def _header(scope: HTTPScope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += message.get("body", b"")
        if len(body) > _FORM_BYTES:
            raise TooLarge(f"A form may have {_FORM_BYTES // 1024} kB at most.")
        if not message.get("more_body", False):
            return body


def _field(body: bytes, name: str) -> str:
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=100).get(name, [""])[0]
    except ValueError:
        return ""


def _replay(body: bytes) -> Receive:
    whole: HTTPRequestEvent = {"type": "http.request", "body": body, "more_body": False}
    gone: HTTPDisconnectEvent = {"type": "http.disconnect"}
    messages: Iterator[HTTPReceiveMessage] = chain([whole], repeat(gone))

    async def receive() -> HTTPReceiveMessage:
        return next(messages)

    return receive
