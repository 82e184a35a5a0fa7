"""Export files as tests like to write them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

Row = dict[str, object]


def extended(ts: str = "2024-05-06T18:43:11Z", ms: int = 216_783, *, track: str | None = "Low Tide Choir", **other: object) -> Row:
    """A row of the extended history; private fields are there as in life."""
    return {
        "ts": ts,
        "platform": "ios",
        "ms_played": ms,
        "conn_country": "PT",
        "ip_addr": "203.0.113.7",
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": "Marrow Coast" if track else None,
        "master_metadata_album_album_name": "Estuary" if track else None,
        "spotify_track_uri": f"spotify:track:{track.replace(' ', ''):0<22}" if track else None,
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "trackdone",
        "reason_end": "fwdbtn",
        "shuffle": True,
        "skipped": None,
        "offline": False,
        "offline_timestamp": 0,
        "incognito_mode": False,
    } | other


def account(end: str = "2024-05-06 18:43", ms: int = 216_783, track: str = "Low Tide Choir", artist: str = "Marrow Coast") -> Row:
    """A row of the account data."""
    return {"endTime": end, "artistName": artist, "trackName": track, "msPlayed": ms}


def write_json(path: Path, rows: object) -> Path:
    """A file as Spotify writes it."""
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def write_zip(path: Path, **files: object) -> Path:
    """A zip with these files; `__` in a name is a slash, and bytes are written as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name.replace("__", "/") + ("" if "." in name else ".json"), data)
    return path
