"""Spotify's JSON as we read it: msgspec structs that name only what we use; everything else is passed over unread.

Strict: a field that we depend on has no default, so its absence is an error. Tolerant: whatever may be null, empty or
missing in recorded answers has a default (spotify-api.md §3, §4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]

#: What a decoder raises for bytes that are not the JSON it wants; the last one for a bottomless nesting.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Wire(msgspec.Struct, gc=False):
    """A piece of an answer."""


class TokenAnswer(Wire):
    """`POST /api/token`; a refresh usually brings no refresh_token, sometimes an empty one."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float = 3600
    refresh_token: str | None = None
    scope: str | None = None


class OAuthFault(Wire):
    """The flat error of the token endpoint: `{"error": "invalid_grant", "error_description": "…"}`."""

    error: str
    error_description: str | None = None


class WebFault(Wire):
    """The inner part of the Web API's nested error."""

    message: str = ""
    reason: str = ""


class WebFaultAnswer(Wire):
    """`{"error": {"status": 429, "message": "…", "reason": "QUOTA_EXCEEDED"}}`."""

    error: WebFault


class ProfileAnswer(Wire):
    """`GET /v1/me`; account_id since May 2026, not sent to every token."""

    id: str = ""
    account_id: str | None = None
    display_name: str | None = None


class ImageAnswer(Wire):
    """One size of a picture; the width may be unknown."""

    url: str
    width: int | None = None


class ArtistAnswer(Wire):
    """An artist inside a track or album, or of a page of its own; local files have no id."""

    name: str
    id: str | None = None
    images: list[ImageAnswer] | None = None
    genres: list[str] | None = None


class AlbumAnswer(Wire):
    """An album inside a track, or of a page of its own; local files and old rows have no id."""

    name: str | None = None
    id: str | None = None
    images: list[ImageAnswer] | None = None
    artists: list[ArtistAnswer] | None = None
    release_date: str | None = None


class ExternalIds(Wire):
    """Other registries' numbers."""

    isrc: str | None = None


class BareTrackAnswer(Wire):
    """The part of a track without which there is no play to store."""

    name: str
    id: str | None = None
    duration_ms: int = 0
    artists: list[ArtistAnswer] = []
    type: str | None = None


class TrackAnswer(BareTrackAnswer):
    """A track as `GET /v1/tracks/{id}` and recently-played send it."""

    album: AlbumAnswer | None = None
    external_ids: ExternalIds | None = None


class BareItemAnswer(Wire):
    """A play reduced to what must be understood."""

    played_at: Moment
    track: BareTrackAnswer


class ContextAnswer(Wire):
    """From where it was played: `spotify:playlist:…`, an album, an artist."""

    uri: str | None = None


class ItemAnswer(Wire):
    """One play; `track` is null for what Spotify can't name any more, `context` for what was played from nowhere."""

    played_at: Moment
    track: TrackAnswer | None
    context: ContextAnswer | None = None


class PageAnswer(Wire):
    """`GET /v1/me/player/recently-played`, every item understood."""

    items: list[ItemAnswer]


class RawPageAnswer(Wire):
    """The same, each item left as the bytes that came."""

    items: list[msgspec.Raw]
