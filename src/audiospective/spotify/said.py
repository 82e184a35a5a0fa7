"""What Spotify says of tracks, albums and artists, in our words. Structs, since a sweep makes hundreds of thousands."""

from __future__ import annotations

import msgspec

from audiospective.spotify.wire import AlbumAnswer, ArtistAnswer, BareTrackAnswer, ImageAnswer, TrackAnswer

#: Lists and cards show about this many CSS pixels on a dense screen.
COVER_WIDTH = 300


class ArtistSaid(msgspec.Struct, frozen=True, gc=False):
    """An artist by name; `spotify_id` is "" for local files."""

    spotify_id: str
    name: str


class AlbumSaid(msgspec.Struct, frozen=True, gc=False):
    """An album by name; "" where Spotify gives no id or name; `released` is a year, 0 where it isn't told."""

    spotify_id: str
    name: str
    image_url: str | None
    released: int = 0


class TrackSaid(msgspec.Struct, frozen=True, gc=False):
    """A track; `spotify_id` is "" for local files, `duration_ms` 0 when not told."""

    spotify_id: str
    name: str
    duration_ms: int
    isrc: str | None
    artists: tuple[ArtistSaid, ...]
    album: AlbumSaid


_NO_ALBUM = AlbumSaid("", "", None)


def track_said(answer: TrackAnswer) -> TrackSaid:
    """A track as the wire brought it."""
    album = _NO_ALBUM if answer.album is None else album_said(answer.album)
    isrc = None if answer.external_ids is None else answer.external_ids.isrc
    return TrackSaid(answer.id or "", answer.name, max(answer.duration_ms, 0), isrc or None, _artists(answer.artists), album)


def bare_track_said(answer: BareTrackAnswer) -> TrackSaid:
    """A track of which only the indispensable part could be read."""
    return TrackSaid(answer.id or "", answer.name, max(answer.duration_ms, 0), None, _artists(answer.artists), _NO_ALBUM)


def album_said(answer: AlbumAnswer) -> AlbumSaid:
    """An album as the wire brought it."""
    return AlbumSaid(answer.id or "", answer.name or "", image_of(answer.images), _year(answer.release_date))


def _year(written: str | None) -> int:
    """The year of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; 0 of anything else, and of `0000`, which stands for none."""
    head = (written or "")[:4]
    return int(head) if len(head) == 4 and head.isascii() and head.isdigit() else 0


def image_of(images: list[ImageAnswer] | None) -> str | None:
    """The smallest picture that is wide enough for a card, else the widest; None when there is none."""
    if not images:
        return None
    enough = [image for image in images if (image.width or 0) >= COVER_WIDTH]
    if enough:
        return min(enough, key=lambda image: image.width or 0).url
    return max(images, key=lambda image: image.width or 0).url


def _artists(answers: list[ArtistAnswer]) -> tuple[ArtistSaid, ...]:
    return tuple([ArtistSaid(answer.id or "", answer.name) for answer in answers])
