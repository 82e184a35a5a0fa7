"""What was played last? `GET /v1/me/player/recently-played` (spotify-api.md §3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from audiospective.spotify.http import Spotify, decode, get
from audiospective.spotify.said import TrackSaid, bare_track_said, track_said
from audiospective.spotify.wire import UNREADABLE, BareItemAnswer, ItemAnswer, PageAnswer, RawPageAnswer

_WHAT = "the last plays"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Spotify opened in October 2008: an earlier play is a broken clock, and would bend every statistic.
_OPENING = datetime(2008, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_ID = 64

_page = msgspec.json.Decoder(PageAnswer)
_raw_page = msgspec.json.Decoder(RawPageAnswer)
_item = msgspec.json.Decoder(ItemAnswer)
_bare_item = msgspec.json.Decoder(BareItemAnswer)


class Heard(msgspec.Struct, frozen=True, gc=False):
    """One finished play; `ended_at_us` is microseconds since 1970 UTC. Spotify doesn't tell how long was listened.

    `playlist` is the bare id of the playlist from which it was played, "" for none.
    """

    ended_at_us: int
    track: TrackSaid
    playlist: str = ""


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """An item that names no play; `raw` is its JSON as it came, so that it can be read again one day."""

    raw: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """The newest plays, at most 50, newest first. `fingerprint` is equal for equal answers."""

    items: tuple[Heard, ...]
    rejected: tuple[Unreadable, ...]
    fingerprint: bytes = field(default=b"", repr=False)
    is_unchanged: bool = False
    """The answer is the one whose fingerprint the caller knew; then nothing was decoded and `items` is empty."""


async def recently_played(spotify: Spotify, access_token: str, *, known: bytes = b"") -> Page:
    """The newest 50 plays; an unreadable item never loses the others.

    Never with a cursor: `after=` hides plays that arrive late (1.1 % of all), and the last 50 cost the same. With the
    `fingerprint` of the answer before as `known`, an unchanged answer costs a hash instead of a decoding.
    """
    return read_page(await get(spotify, "/v1/me/player/recently-played?limit=50", access_token, what=_WHAT), known=known)


def read_page(body: bytes, *, known: bytes = b"") -> Page:
    """A recently-played answer, read; raises Malformed only when it isn't such an answer at all."""
    fingerprint = hashlib.blake2b(body, digest_size=16).digest()
    if fingerprint == known:
        return Page((), (), fingerprint, is_unchanged=True)
    try:
        answers = _page.decode(body).items
    except UNREADABLE:
        return _read_one_by_one(body, fingerprint)
    items = tuple([heard for answer in answers if (heard := _heard(answer)) is not None])
    if len(items) < len(answers):
        return _read_one_by_one(body, fingerprint)
    return Page(items, (), fingerprint)


def _read_one_by_one(body: bytes, fingerprint: bytes) -> Page:
    outcomes = [_read_item(bytes(raw)) for raw in decode(_raw_page, body, what=_WHAT).items]
    items = tuple(outcome for outcome in outcomes if isinstance(outcome, Heard))
    rejected = tuple(outcome for outcome in outcomes if isinstance(outcome, Unreadable))
    return Page(items, rejected, fingerprint)


def _read_item(raw: bytes) -> Heard | Unreadable:
    try:
        answer = _item.decode(raw)
    except UNREADABLE as error:
        return _read_bare_item(raw, str(error))
    return _heard(answer) or Unreadable(raw, _objection(answer))


def _read_bare_item(raw: bytes, objection: str) -> Heard | Unreadable:
    """A new shape of an album's pictures must not cost the play."""
    try:
        answer = _bare_item.decode(raw)
    except UNREADABLE:
        return Unreadable(raw, objection)
    if answer.played_at < _OPENING or answer.track.type == "episode":
        return Unreadable(raw, objection)
    return Heard((answer.played_at - _EPOCH) // _MICROSECOND, bare_track_said(answer.track))


def _heard(answer: ItemAnswer) -> Heard | None:
    if answer.track is None or answer.played_at < _OPENING or answer.track.type == "episode":
        return None
    playlist = _playlist(answer.context.uri) if answer.context is not None and answer.context.uri else ""
    return Heard((answer.played_at - _EPOCH) // _MICROSECOND, track_said(answer.track), playlist)


def _playlist(uri: str) -> str:
    """The bare id of `spotify:playlist:ID`, or of `spotify:user:NAME:playlist:ID` as it once was; "" for anything else."""
    before, _, bare = uri.rpartition(":playlist:") if ":playlist:" in uri else ("", "", "")
    return bare if before.startswith("spotify") and bare.isascii() and bare.isalnum() and len(bare) <= _LONGEST_ID else ""


def _objection(answer: ItemAnswer) -> str:
    if answer.track is None:
        return "names no track"
    if answer.played_at < _OPENING:
        return "was played before Spotify existed"
    return "is an episode, which this call is not known to report"
