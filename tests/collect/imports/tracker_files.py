"""Files of other trackers as their programs write them, and of this one; each tells the same two listenings."""

from __future__ import annotations

import json

#: 2025-06-13 00:55:00 and 00:59:10 UTC, when both began.
FIRST, SECOND = 1_749_776_100, 1_749_776_350
TITLES = ["Low Tide Choir", "No 7, for Left Hand"]

_NAMED = [(FIRST, "Low Tide Choir", "Marrow Coast", "Estuary"), (SECOND, "No 7, for Left Hand", "Ilse Vandermeer", "Études")]


def lastfm_bare() -> bytes:
    """The most used exporter: no header, newest first, minutes."""
    return (
        'Ilse Vandermeer,Études,"No 7, for Left Hand",13 Jun 2025 00:59\nMarrow Coast,Estuary,Low Tide Choir,13 Jun 2025 00:55\n'.encode()
    )


def lastfm_bare_without_album() -> bytes:
    """An older build of it."""
    return b'Ilse Vandermeer,"No 7, for Left Hand",13 Jun 2025 00:59\nMarrow Coast,Low Tide Choir,13 Jun 2025 00:55\n'


def lastfm_header() -> bytes:
    """The other one: a header, everything quoted, CRLF."""
    head = '"uts","utc_time","artist","artist_mbid","album","album_mbid","track","track_mbid"'
    rows = [f'"{at}","13 Jun 2025, 00:55","{artist}","","{album}","","{title}",""' for at, title, artist, album in _NAMED]
    return "\r\n".join([head, *rows, ""]).encode()


def lastfm_r() -> bytes:
    """A package for R."""
    rows = [
        '"","date","artist","track","album"',
        '"1",2025-06-13 00:59:10,"Ilse Vandermeer","No 7, for Left Hand","Études"',
        '"2",2025-06-13 00:55:00,"Marrow Coast","Low Tide Choir","Estuary"',
    ]
    return "\n".join(rows).encode()


def lastfm_pages() -> bytes:
    """Pages of the API; what is playing just then has no date."""
    tracks = [
        {"artist": {"mbid": "", "#text": artist}, "album": {"mbid": "", "#text": album}, "name": title, "date": {"uts": str(at)}}
        for at, title, artist, album in _NAMED
    ]
    return json.dumps([{"track": tracks[:1]}, {"track": tracks[1:]}]).encode()


def listen(at: float, title: str, artist: str, album: str, **info: object) -> dict[str, object]:
    """A listen of ListenBrainz."""
    told = {"track_name": title, "artist_name": artist, "release_name": album, "additional_info": info}
    return {"inserted_at": 1_749_780_613.95, "listened_at": at, "track_metadata": told}


def listenbrainz_lines() -> bytes:
    """Its export today: a listen a line."""
    return "".join(json.dumps(listen(*one)) + "\n" for one in _NAMED).encode()


def listenbrainz_list() -> bytes:
    """Its older export."""
    return json.dumps([listen(*one) for one in _NAMED]).encode()


def maloja() -> bytes:
    """Maloja's export."""
    scrobbles = [
        {
            "time": at,
            "track": {"artists": [artist], "title": title, "album": {"artists": [artist], "albumtitle": album}, "length": None},
            "duration": None,
            "origin": "client:default",
        }
        for at, title, artist, album in _NAMED
    ]
    return json.dumps({"maloja": {"export_time": 1_748_738_994}, "scrobbles": scrobbles}).encode()


def koito() -> bytes:
    """Koito's export."""

    def named(name: str, **more: object) -> dict[str, object]:
        return {"mbid": None, "aliases": [{"alias": "?", "is_primary": False}, {"alias": name, "is_primary": True}]} | more

    stamps = ("2025-06-13T00:55:00Z", "2025-06-13T00:59:10Z")
    listens = [
        {
            "listened_at": stamp,
            "client": "test",
            "track": named(title, duration=0),
            "album": named(album),
            "artists": [named("A guest", is_primary=False), named(artist, is_primary=True)],
        }
        for stamp, (_, title, artist, album) in zip(stamps, _NAMED, strict=True)
    ]
    return json.dumps({"version": "1", "exported_at": "2025-06-18T12:56:53Z", "user": "koito", "listens": listens}).encode()


def own_table() -> bytes:
    """This program's CSV."""
    head = "\ufeffplayed_at,local_time,track,artists,album,ms_played,duration_ms,spotify_track_id,source"
    rows = [
        "2025-06-13T00:55:00.000Z,2025-06-13 01:55:00,Low Tide Choir,Marrow Coast; A guest,Estuary,200000,,,spotify-extended",
        '2025-06-13T00:59:10.000Z,2025-06-13 01:59:10,"No 7, for Left Hand",Ilse Vandermeer,Études,,,,spotify-api',
    ]
    return "\r\n".join([head, *rows, ""]).encode()


def own_document() -> bytes:
    """This program's JSON."""
    stamps = ("2025-06-13T00:55:00Z", "2025-06-13T00:59:10Z")
    plays = [
        {"playedAt": stamp, "msPlayed": None, "track": {"name": title, "album": {"name": album}, "artists": [{"name": artist}]}}
        for stamp, (_, title, artist, album) in zip(stamps, _NAMED, strict=True)
    ]
    head = {"exportedAt": "2026-01-01T00:00:00Z", "exportType": "listening-history-export", "isTruncated": False}
    return json.dumps(head | {"plays": plays}).encode()


def old_table() -> bytes:
    """The CSV of the program that bore this name before."""
    rows = [
        "# Warning: Export limited to 10000 most recent plays",
        "Date,Time,Track,Artists,Album,Duration (min)",
        '6/13/2025,12:59:10 AM,"No 7, for Left Hand","Ilse Vandermeer","Études",3.61',
        '6/13/2025,12:55:00 AM,"Low Tide Choir","Marrow Coast; A guest","Estuary",3.20',
    ]
    return "\n".join(rows).encode()


#: Every kind of file: the format as which it is known, its usual name, its bytes.
FILES = {
    "bare": ("lastfm-csv", "user.csv", lastfm_bare),
    "bare-without-album": ("lastfm-csv", "user.csv", lastfm_bare_without_album),
    "header": ("lastfm-csv", "scrobbles.csv", lastfm_header),
    "r": ("lastfm-csv", "history.csv", lastfm_r),
    "pages": ("lastfm-json", "recenttracks-mara-1749776100.json", lastfm_pages),
    "listenbrainz": ("listenbrainz", "6.jsonl", listenbrainz_lines),
    "listenbrainz-list": ("listenbrainz-json", "mara_lb-2025-06-13.json", listenbrainz_list),
    "maloja": ("maloja", "maloja_export_1.json", maloja),
    "koito": ("koito", "koito_export.json", koito),
    "own-csv": ("audiospective-csv", "spotify-archive-2026-01-01.csv", own_table),
    "own-json": ("audiospective-json", "spotify-archive-2026-01-01.json", own_document),
    "old-csv": ("audiospective-csv", "spotify-history-30d.csv", old_table),
}
