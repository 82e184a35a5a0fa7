"""One request to Spotify: bounded time, bounded tries, a typed answer or a typed error. No token ever reaches a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
import msgspec

from audiospective.settings import Secret, SpotifySettings
from audiospective.spotify.errors import (
    Forbidden,
    Malformed,
    Missing,
    QuotaExceeded,
    RateLimitedBySpotify,
    Refused,
    Revoked,
    SpotifyError,
    TokenRefused,
    Unreachable,
)
from audiospective.spotify.wire import UNREADABLE, OAuthFault, WebFault, WebFaultAnswer

T = TypeVar("T")

#: The largest answer that we read; a page of 50 plays has about 200 kB.
ANSWER_BYTES = 8 * 1024 * 1024
#: Stay away this long when a 429 doesn't say how long (the window of the rate limit; an hour of the daily quota).
RATE_PAUSE_S, QUOTA_PAUSE_S = 30, 3600
#: A longer Retry-After than this has not been seen (86,400 s has); a mistyped one must not silence us for years.
LONGEST_PAUSE_S = 2 * 86_400


def no_jitter() -> float:
    """The middle of [0, 1); for callers that bring no chance of their own."""
    return 0.5


class Patience(msgspec.Struct, frozen=True):
    """How long and how often to try. `jitter` gives numbers in [0, 1) and spreads the pauses between tries."""

    total_s: float = 25.0
    """All tries and pauses of one call together."""
    try_s: float = 10.0
    tries: int = 3
    pause_s: float = 0.4
    """Before the second try; doubles each time."""
    jitter: Callable[[], float] = no_jitter

    def pause(self, tried: int) -> float:
        """Seconds to wait after `tried` tries: half to one and a half of the doubled pause."""
        return float(self.pause_s * 2 ** (tried - 1) * (0.5 + self.jitter()))


class Spotify:
    """Spotify's two hosts as one app sees them; the calls are functions of this room's modules."""

    __slots__ = ("accounts_url", "api_url", "http", "patience", "settings")

    def __init__(self, http: aiohttp.ClientSession, settings: SpotifySettings, patience: Patience | None = None) -> None:
        self.http = http
        self.settings = settings
        self.accounts_url = settings.accounts_url
        self.api_url = settings.api_url
        self.patience = patience or Patience()

    @property
    def client_id(self) -> str:
        """The app's public name at Spotify."""
        return self.settings.client_id

    def as_app(self, client_id: str, client_secret: str) -> Spotify:
        """The same hosts as another app sees them; connections are shared."""
        return Spotify(self.http, replace(self.settings, client_id=client_id, client_secret=Secret(client_secret)), self.patience)


@dataclass(frozen=True, slots=True)
class Question:
    """A request; `what` names it in messages, headers and form stay out of them."""

    what: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


async def get(spotify: Spotify, path: str, access_token: str, *, what: str) -> bytes:
    """The body of a Web API answer with status 200; raises a SpotifyError for every other outcome."""
    question = Question(what, "GET", spotify.api_url + path, {"Authorization": f"Bearer {access_token}"})
    answer = await _ask(spotify, question)
    if answer.status != 200:
        raise _web_error(answer, what)
    return answer.body


async def post_form(spotify: Spotify, path: str, form: Mapping[str, str], headers: Mapping[str, str], *, what: str) -> bytes:
    """The body of the accounts host's answer with status 200; raises a SpotifyError for every other outcome."""
    answer = await _ask(spotify, Question(what, "POST", spotify.accounts_url + path, headers, form))
    if answer.status != 200:
        raise _oauth_error(answer, what)
    return answer.body


def decode(decoder: msgspec.json.Decoder[T], body: bytes, *, what: str) -> T:
    """The body as the decoder's type; raises Malformed that names the field, never the content."""
    try:
        return decoder.decode(body)
    except UNREADABLE as error:
        raise Malformed(f"Spotify's answer to {what} can't be read: {error}.") from error


async def read_capped(response: aiohttp.ClientResponse, most: int, what: str) -> bytes:
    """The unpacked body; raises Malformed when it is larger than `most` bytes."""
    parts, size = [], 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > most:
            raise Malformed(f"Spotify's answer to {what} is larger than {most:,} bytes.")
        parts.append(chunk)
    return b"".join(parts)


async def _ask(spotify: Spotify, question: Question) -> Answer:
    try:
        async with asyncio.timeout(spotify.patience.total_s):
            return await _ask_patiently(spotify, question)
    except TimeoutError as error:
        raise Unreachable(f"Spotify took longer than {spotify.patience.total_s:g} seconds to answer {question.what}.") from error


async def _ask_patiently(spotify: Spotify, question: Question) -> Answer:
    tried = 1
    while True:
        try:
            answer = await _ask_once(spotify, question)
            if answer.status < 500:
                return answer
            trouble, cause = Unreachable(f"Spotify answered {question.what} with {answer.status}."), None
        except (aiohttp.ClientError, TimeoutError) as error:
            trouble, cause = Unreachable(f"Spotify can't be reached for {question.what} ({type(error).__name__})."), error
            if not _may_repeat(question, error):
                raise trouble from cause
        if tried >= spotify.patience.tries:
            raise trouble from cause
        await asyncio.sleep(spotify.patience.pause(tried))
        tried += 1


def _may_repeat(question: Question, error: Exception) -> bool:
    # A token request cut short may have been carried out: repeating it could spend a rotated token twice.
    return question.method == "GET" or isinstance(error, aiohttp.ClientConnectorError)


async def _ask_once(spotify: Spotify, question: Question) -> Answer:
    async with spotify.http.request(
        question.method,
        question.url,
        headers=question.headers,
        data=question.form,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(total=spotify.patience.try_s),
    ) as response:
        return Answer(response.status, response.headers, await read_capped(response, ANSWER_BYTES, question.what))


_oauth_fault = msgspec.json.Decoder(OAuthFault)
_web_fault = msgspec.json.Decoder(WebFaultAnswer)


def _oauth_error(answer: Answer, what: str) -> SpotifyError:
    try:
        fault = _oauth_fault.decode(answer.body)
    except UNREADABLE:
        return _web_error(answer, what)
    reason = fault.error_description or fault.error
    if fault.error == "invalid_grant":
        return Revoked(f"Spotify no longer accepts this sign-in ({reason}); sign in again.", reason=reason)
    return Refused(f"Spotify refused {what}: {reason}.", reason=reason)


def _web_error(answer: Answer, what: str) -> SpotifyError:
    fault = _read_web_fault(answer.body)
    if answer.status == 429:
        return _limit_error(answer, fault, what)
    if answer.status == 404:
        return Missing(f"Spotify knows nothing to answer {what}.")
    if 400 <= answer.status < 500:
        return _refusal(answer.status, fault.message.rstrip(".") or f"status {answer.status}", what)
    if 300 <= answer.status < 400:
        return Malformed(f"Spotify answered {what} with a redirect ({answer.status}), which is not followed.")
    return Malformed(f"Spotify answered {what} with status {answer.status}, where 200 was expected.")


def _refusal(status: int, reason: str, what: str) -> Refused:
    if status == 401:
        return TokenRefused(f"Spotify doesn't accept the access token for {what}: {reason}.", reason=reason)
    if status == 403:
        return Forbidden(f"Spotify forbids {what}: {reason}.", reason=reason)
    return Refused(f"Spotify refused {what}: {reason}.", reason=reason)


def _read_web_fault(body: bytes) -> WebFault:
    try:
        return _web_fault.decode(body).error
    except UNREADABLE:
        return WebFault()  # a 429 of the gateway is the plain text "Too many requests"; proxies send HTML


def _limit_error(answer: Answer, fault: WebFault, what: str) -> RateLimitedBySpotify:
    if fault.reason == "QUOTA_EXCEEDED":
        until_s = _pause(answer.headers, QUOTA_PAUSE_S)
        message = f"The day's quota of this Spotify app is used up; Spotify answers {what} again in {until_s:,} seconds."
        return QuotaExceeded(message, until_s=until_s)
    until_s = _pause(answer.headers, RATE_PAUSE_S)
    return RateLimitedBySpotify(f"Spotify asks to wait {until_s:,} seconds before {what}.", until_s=until_s)


def _pause(headers: Mapping[str, str], default: int) -> int:
    """Seconds of Retry-After, given as a number or a date; the default when absent or not to be read."""
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdecimal():
        return min(max(int(given[:12]), 1), LONGEST_PAUSE_S)
    try:
        # The answer's own Date is the clock that wrote the other one.
        ahead = parsedate_to_datetime(given) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return default
    return min(max(int(ahead.total_seconds()), 1), LONGEST_PAUSE_S)
