"""The JSON that Spotify's Web API sends, made from the catalogue, in Spotify's own order of fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from audiospective.simulator.catalogue import Album, Artist, Track, catalogue
from audiospective.simulator.listeners import Listener
from audiospective.simulator.playing import Play
from audiospective.simulator.words import SCENES

Body = dict[str, Any]
#: Apps registered before 2026 still got these (measured); a client must do with and without.
_MARKETS = ["AR", "AU", "AT", "BR", "CA", "DE", "FR", "GB", "JP", "LB", "MX", "PL", "PT", "SE", "US"]
#: How the name of a picture begins tells its kind and width.
ALBUM_SIZES = {640: "ab67616d0000b273", 300: "ab67616d00001e02", 64: "ab67616d00004851"}
ARTIST_SIZES = {640: "ab6761610000e5eb", 320: "ab67616100005174", 160: "ab6761610000f178"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile(listener: Listener, base: str) -> Body:
    """`GET /v1/me` in development mode: no mail, no country, no product."""
    return {
        "display_name": listener.name,
        "external_urls": {"spotify": f"https://open.spotify.com/user/{listener.id}"},
        "href": f"{base}/v1/users/{listener.id}",
        "id": listener.id,
        "account_id": listener.account_id,
        "images": [],
        "type": "user",
        "uri": f"spotify:user:{listener.id}",
    }


def recently_played(shown: list[Play], limit: int, asked: str, base: str) -> Body:
    """`GET /v1/me/player/recently-played`: newest first; cursors are texts, and null for an empty page."""
    address = f"{base}/v1/me/player/recently-played"
    if not shown:
        return {"items": [], "next": None, "cursors": None, "limit": limit, "href": f"{address}?{asked}"}
    newest, oldest = shown[0].ended_ms, shown[-1].ended_ms
    return {
        "items": [item(play, base) for play in shown],
        "next": f"{address}?after={newest}&limit={limit}",
        "cursors": {"after": str(newest), "before": str(oldest)},
        "limit": limit,
        "href": f"{address}?{asked}",
    }


def item(play: Play, base: str) -> Body:
    """One entry of that list."""
    kind, _, name = play.session.context.partition(":")
    context = None
    if kind:
        context = _entity(kind, name, base)
        del context["id"]
    return {"track": track(catalogue().tracks[play.track], base), "played_at": moment(play.ended_ms), "context": context}


def moment(moment_ms: int) -> str:
    """A time as Spotify writes it: a whole second goes without a fraction (251 of 324,932 did)."""
    text = (_EPOCH + timedelta(milliseconds=moment_ms)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment_ms % 1000:03}Z" if moment_ms % 1000 else f"{text}Z"


def track(song: Track, base: str) -> Body:
    """`GET /v1/tracks/{id}`, and the track of a play."""
    shelf = catalogue()
    performers = [shelf.artists[song.artist]] + ([shelf.artists[song.guest]] if song.guest >= 0 else [])
    return {
        "album": album_in_brief(shelf.albums[song.album], base),
        "artists": [artist_in_brief(performer, base) for performer in performers],
        "available_markets": _MARKETS,
        "disc_number": 1,
        "duration_ms": song.duration_ms,
        "explicit": song.place % 11 == 0,
        "external_ids": {"isrc": song.isrc},
        **_entity("track", song.id, base),
        "is_local": False,
        "name": song.name,
        "popularity": 20 + song.place * 7 % 60,
        "preview_url": None,
        "track_number": song.number,
    }


def album_in_brief(record: Album, base: str) -> Body:
    """An album as it stands in a track."""
    day = record.released[:4] if record.precision == "year" else record.released
    return {
        "album_type": record.kind,
        "artists": [artist_in_brief(catalogue().artists[record.artist], base)],
        "available_markets": _MARKETS,
        **_entity("album", record.id, base),
        "images": _images(ALBUM_SIZES, record.cover, base),
        "name": record.name,
        "release_date": day,
        "release_date_precision": record.precision,
        "total_tracks": len(record.tracks),
    }


def album(record: Album, base: str) -> Body:
    """`GET /v1/albums/{id}`."""
    shelf = catalogue()
    tracks = [track(shelf.tracks[index], base) for index in record.tracks]
    for each in tracks:
        del each["album"], each["external_ids"], each["popularity"]
    page = {"href": f"{base}/v1/albums/{record.id}/tracks", "items": tracks, "limit": 50, "next": None, "offset": 0, "total": len(tracks)}
    copyrights = [{"text": f"{record.released[:4]} {shelf.artists[record.artist].name}", "type": "C"}]
    return {**album_in_brief(record, base), "tracks": page, "copyrights": copyrights, "genres": []}


def artist_in_brief(performer: Artist, base: str) -> Body:
    """An artist as it stands in a track or album."""
    return {**_entity("artist", performer.id, base), "name": performer.name}


def artist(performer: Artist, base: str) -> Body:
    """`GET /v1/artists/{id}`; genres are deprecated and empty for one in three."""
    genres = list(SCENES[performer.scene].genres) if performer.place % 3 else []
    return {**artist_in_brief(performer, base), "genres": genres, "images": _images(ARTIST_SIZES, performer.picture, base)}


def _entity(kind: str, name: str, base: str) -> Body:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/{kind}/{name}"},
        "href": f"{base}/v1/{kind}s/{name}",
        "id": name,
        "type": kind,
        "uri": f"spotify:{kind}:{name}",
    }


def _images(sizes: dict[int, str], name: str, base: str) -> list[Body]:
    return [{"height": width, "url": f"{base}/image/{prefix}{name}", "width": width} for width, prefix in sizes.items()]
