"""One question to a provider: bounded time, bounded tries, a typed answer or a sentence that says who didn't give one.

ProviderError            all of them are Unavailable: what couldn't be read is unknown, never green
├── Silent               nothing, or nothing whole, came back in time
├── CredentialRefused    the token isn't good, or not for this
├── Refused              it said no: `status` and `code`
└── Odd                  it said something that we don't understand, also with status 200

Redirects aren't followed, since credentials would go along. Only what may be done twice is tried twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp
import msgspec

from audiospective.errors import Unavailable

T = TypeVar("T")

ANSWER_BYTES: Final = 4 * 1024 * 1024
_AGAIN: Final = frozenset({429, 502, 503, 504})
_TWICE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_LONGEST_REASON = 200


class ProviderError(Unavailable):
    """A provider didn't tell what we asked."""


class Silent(ProviderError):
    """Nothing came back in time, or not whole."""


class CredentialRefused(ProviderError):
    """The credential isn't good, or not for this."""


class Odd(ProviderError):
    """It said something that we don't understand."""


class Refused(ProviderError):
    """It said no."""

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message, status=status, code=code)
        self.status = status
        self.code = code


class Patience(msgspec.Struct, frozen=True):
    """How long and how often to try; `jitter` gives numbers in [0, 1)."""

    total_s: float = 30.0
    connect_s: float = 5.0
    tries: int = 4
    pause_s: float = 0.5
    """At most before the second try; doubles each time."""
    longest_pause_s: float = 20.0
    """A provider that asks to wait longer is believed, and not waited for."""
    jitter: Callable[[], float] = lambda: 0.5


@dataclass(frozen=True, slots=True)
class Api:
    """A provider's address, and what we show there. `credential` is the name of the setting that holds it."""

    http: aiohttp.ClientSession
    name: str
    base: str
    credential: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `what` names it in sentences. `repeats`: it may be done twice although it is a POST."""

    what: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    data: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeats: bool = False

    @property
    def may_repeat(self) -> bool:
        """Whether asking again can't do it twice."""
        return self.repeats or self.method in _TWICE


@dataclass(frozen=True, slots=True)
class Told:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


async def ask(api: Api, question: Question, *, good: Sequence[int] = (200,)) -> Told:
    """The answer, with one of these statuses; raises a ProviderError for everything else."""
    try:
        async with asyncio.timeout(api.patience.total_s):
            told = await _patiently(api, question)
    except TimeoutError as error:
        raise Silent(f"{api.name} took longer than {api.patience.total_s:g} seconds for {question.what}.") from error
    if told.status in good:
        return told
    raise _refusal(api, question, told)


async def read(api: Api, question: Question, kind: type[T], *, good: Sequence[int] = (200,)) -> T:
    """The answer's JSON as that type; raises a ProviderError."""
    return decoded(api, question, (await ask(api, question, good=good)).body, kind)


def decoded(api: Api, question: Question, body: bytes, kind: type[T]) -> T:
    """The JSON as that type; raises Odd that names the field, never the content."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Odd(f"{api.name}'s answer to {question.what} can't be read: {error}.") from error


async def _patiently(api: Api, question: Question) -> Told:
    tried = 1
    while True:
        told = trouble = None
        try:
            told = await _once(api, question)
            if told.status not in _AGAIN:
                return told
        except aiohttp.ClientConnectorCertificateError as error:
            reason = getattr(error.certificate_error, "verify_message", "not trusted")
            raise Silent(f"{api.name} shows a certificate that isn't good: {reason}.") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            trouble = Silent(f"{api.name} can't be reached for {question.what} ({type(error).__name__}).")
            if not question.may_repeat and not isinstance(error, aiohttp.ClientConnectorError):
                raise trouble from error
        pause = _pause(api.patience, told, tried)
        if tried >= api.patience.tries or pause is None or not (question.may_repeat or trouble):
            if told is not None:
                return told
            raise trouble or Silent(f"{api.name} can't be reached for {question.what}.")
        await asyncio.sleep(pause)
        tried += 1


async def _once(api: Api, question: Question) -> Told:
    async with api.http.request(
        question.method,
        api.base + question.path,
        params={**api.query, **question.query},
        json=question.json,
        data=question.form or question.data,
        headers={**api.headers, **question.headers},
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=api.patience.connect_s),  # `ask` bounds the whole
    ) as response:
        parts, size = [], 0
        async for chunk in response.content.iter_chunked(65_536):
            size += len(chunk)
            if size > ANSWER_BYTES:
                raise Odd(f"{api.name}'s answer to {question.what} is larger than {ANSWER_BYTES:,} bytes.")
            parts.append(chunk)
        return Told(response.status, response.headers, b"".join(parts))


def _pause(patience: Patience, told: Told | None, tried: int) -> float | None:
    """Seconds until the next try: what the provider asks for, else by chance up to a doubled pause; None: it isn't waited for."""
    asked = told.headers.get("Retry-After", "") if told else ""
    if asked.isascii() and asked.isdecimal():
        return float(asked) if float(asked) <= patience.longest_pause_s else None
    return float(patience.pause_s * 2 ** (tried - 1) * patience.jitter())


def _refusal(api: Api, question: Question, told: Told) -> ProviderError:
    code, reason = reason_of(told.body)
    said = f": {reason}" if reason else ""
    is_limit = told.status == 429 or (told.status == 403 and told.headers.get("X-RateLimit-Remaining") == "0")
    if is_limit:
        wait = told.headers.get("Retry-After") or told.headers.get("X-RateLimit-Reset") or "a while"
        return Refused(f"{api.name} asks to wait before {question.what} (Retry-After {wait}).", status=told.status, code="rate_limited")
    if told.status in {401, 403}:
        return CredentialRefused(f"{api.name}: credential rejected for {question.what} ({told.status}{said}); look at {api.credential}.")
    if 300 <= told.status < 400:
        return Odd(f"{api.name} answers {question.what} with a redirect ({told.status}), which isn't followed.")
    if told.status >= 500:
        return Silent(f"{api.name} answers {question.what} with {told.status}{said}.")
    return Refused(f"{api.name} refuses {question.what} ({told.status}{said}).", status=told.status, code=code)


class _Inner(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Fault(msgspec.Struct):
    """Each provider has its own word for it."""

    error: str | _Inner | None = None
    code: str = ""
    message: str = ""
    detail: str | _Inner | None = None


def reason_of(body: bytes) -> tuple[str, str]:
    """Code and sentence of an error's body; "" for what it doesn't say."""
    try:
        fault = msgspec.json.decode(body, type=_Fault, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        text = body[:_LONGEST_REASON].decode("utf-8", "replace")
        return "", " ".join(text.split()) if text.isprintable() and "<" not in text else ""
    inner = fault.error or fault.detail
    if isinstance(inner, _Inner):
        return inner.code, inner.message[:_LONGEST_REASON]
    return fault.code, (inner or fault.message)[:_LONGEST_REASON]
