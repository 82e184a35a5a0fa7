"""Writes the two packages that Spotify sends on request, as those of 2026 look (spotify-api.md §6), oddities included.

Among the true rows stand, as in real ones: exact duplicates, twins of 0 ms, rows that name nothing, and offline sittings
whose rows all carry the moment of upload as `ts`.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from audiospective.simulator.catalogue import catalogue, chance, episode, show_id
from audiospective.simulator.listeners import Listener
from audiospective.simulator.playing import Play, played_on, plays
from audiospective.simulator.words import SHOWS

EXTENDED_FOLDER, ACCOUNT_FOLDER = "Spotify Extended Streaming History", "Spotify Account Data"
#: About 12.5 MB of JSON, where Spotify begins the next part.
ROWS_A_PART = 15_500
ACCOUNT_ROWS_A_FILE = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_NOT_A_BOOK = """
    "audiobook_title": null,
    "audiobook_uri": null,
    "audiobook_chapter_uri": null,
    "audiobook_chapter_title": null,"""


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a package: history files by name inside the zip, and how many rows they have together."""

    files: tuple[str, ...]
    rows: int
    duplicates: int
    """Rows that repeat another to the letter."""


def write_extended(path: Path, listener: Listener, *, until_ms: int, rows: int | None = None) -> Written:
    """The extended streaming history up to a moment: all of it, or its newest `rows` (exactly, if there are so many).

    A million rows take about half a minute; memory holds one year at a time.
    """
    files: list[str] = []
    total = duplicates = 0
    with zipfile.ZipFile(path, "w") as package:
        made = datetime.fromtimestamp(until_ms / 1000, listener.zone)
        _put(package, f"{EXTENDED_FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf", _PDF, made)
        for year in range(made.year, listener.since.year - 1, -1):
            wanted = None if rows is None else rows - total
            if wanted == 0:
                break
            shelf = _year_rows(listener, year, until_ms, wanted)
            chance("order", listener.seed, year).shuffle(shelf.audio)
            files += _write_year(package, year, shelf, made)
            total += len(shelf.audio) + len(shelf.video)
            duplicates += shelf.duplicates
    return Written(tuple(files), total, duplicates)


def write_account(path: Path, listener: Listener, *, until_ms: int) -> Written:
    """The account data: the last twelve months to the minute, and the other papers that come with them."""
    music: list[str] = []
    podcasts: list[str] = []
    for play in plays(listener, until_ms - 365 * 86_400_000, until_ms):
        if play.track >= 0:
            music.append(_account_song(play, is_nameless=_roll(play, "account") < 0.004))
        else:
            podcasts.append(_account_episode(play))
    files: list[str] = []
    made = datetime.fromtimestamp(until_ms / 1000, listener.zone)
    with zipfile.ZipFile(path, "w") as package:
        for name, content in _other_papers(listener).items():
            _put(package, f"{ACCOUNT_FOLDER}/{name}", content, made)
        for kind, all_rows in (("music", music), ("podcast", podcasts)):
            for number, start in enumerate(range(0, len(all_rows), ACCOUNT_ROWS_A_FILE)):
                files.append(f"{ACCOUNT_FOLDER}/StreamingHistory_{kind}_{number}.json")
                _put(package, files[-1], _array(all_rows[start : start + ACCOUNT_ROWS_A_FILE]), made)
    return Written(tuple(files), len(music) + len(podcasts), 0)


@dataclass(slots=True)
class _Year:
    """The rows of one year, as JSON, oldest first."""

    audio: list[str]
    video: list[str]
    duplicates: int = 0


def _year_rows(listener: Listener, year: int, until_ms: int, wanted: int | None) -> _Year:
    """A year by the listener's own calendar, which is why its first rows may bear the year before in UTC."""
    known = _of_year(listener, year, until_ms, wanted)
    shelf = _Year([], [])
    for play in known:
        _add_rows(shelf, play, year, listener.country)
    return shelf if wanted is None else _trimmed(shelf, wanted)


def _add_rows(shelf: _Year, play: Play, year: int, country: str) -> None:
    """The row of a play, with its oddity if it has one."""
    rows = shelf.video if _is_filmed(play) else shelf.audio
    oddity, row = _roll(play, "oddity"), _row(play, year, country)
    if oddity < 0.001:
        rows.append(_row(play, year, country, is_nameless=True))
        return
    rows.append(row)
    if oddity < 0.004:
        rows.append(row)
        shelf.duplicates += 1
    elif oddity < 0.006:
        rows.append(_row(play._replace(ms_played=0), year, country))


def _roll(play: Play, what: str) -> float:
    """A number in [0, 1) that belongs to a play for ever, so that a later package tells of it in the same way."""
    return zlib.crc32(what.encode(), play.ended_ms & 0xFFFFFFFF) / 2**32


def _of_year(listener: Listener, year: int, until_ms: int, wanted: int | None) -> list[Play]:
    """What Spotify knows of a year at a moment, oldest first; of more than `wanted` plays only the newest days."""
    days: list[list[Play]] = []
    count = 0
    for day in range(date(year, 12, 31).toordinal(), date(year, 1, 1).toordinal() - 1, -1):
        known = [play for play in played_on(listener, date.fromordinal(day)) if max(play.ended_ms, play.session.uploaded_ms) <= until_ms]
        days.append(known)
        count += len(known)
        if wanted is not None and count >= wanted:
            break
    return [play for known in reversed(days) for play in known]


def _trimmed(shelf: _Year, wanted: int) -> _Year:
    """The newest `wanted` rows, exactly."""
    video = shelf.video[-wanted:]
    audio = shelf.audio[max(len(shelf.audio) + len(video) - wanted, 0) :]
    return _Year(audio, video, len(audio) + len(video) - len({*audio, *video}))


def _is_filmed(play: Play) -> bool:
    return play.track < 0 and SHOWS[play.show][4]


def _write_year(package: zipfile.ZipFile, year: int, shelf: _Year, made: datetime) -> list[str]:
    """The files of a year: no counter, but later parts are numbered."""
    names = []
    for kind, rows in (("Audio", shelf.audio), ("Video", shelf.video)):
        for part, start in enumerate(range(0, len(rows), ROWS_A_PART)):
            names.append(f"{EXTENDED_FOLDER}/Streaming_History_{kind}_{year}{f'_{part}' if part else ''}.json")
            _put(package, names[-1], _array(rows[start : start + ROWS_A_PART]), made)
    return names


def _put(package: zipfile.ZipFile, name: str, content: str | bytes, made: datetime) -> None:
    """A file in the package, dated by the simulator's clock, so that the same package is the same bytes."""
    entry = zipfile.ZipInfo(name, made.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    package.writestr(entry, content, compresslevel=3)


def _array(rows: list[str]) -> str:
    return "[\n" + ",\n".join(rows) + "\n]"


def _row(play: Play, year: int, country: str, *, is_nameless: bool = False) -> str:
    """One row, as indented as the real ones."""
    session = play.session
    is_offline = session.uploaded_ms > 0
    ts = _second(session.uploaded_ms if is_offline else play.ended_ms)
    started_ms = play.ended_ms - play.ms_played
    offline_timestamp: int | str = started_ms // 1000 if is_offline else _claimed_start(year, started_ms, play)
    named = _NOTHING if is_nameless else _named(play)
    skipped = "null" if year < 2022 else _truth(play.reason_end == "fwdbtn")
    return f"""  {{
    "ts": "{ts}",
    "platform": "{_PLATFORMS.get(session.platform, session.platform) if year < 2024 else session.platform}",
    "ms_played": {play.ms_played},
    "conn_country": "{country}",
    "ip_addr": "192.0.2.{year % 100}",{named}{_NOT_A_BOOK}
    "reason_start": "{play.reason_start}",
    "reason_end": "{play.reason_end}",
    "shuffle": {_truth(session.shuffle)},
    "skipped": {skipped},
    "offline": {_truth(is_offline)},
    "offline_timestamp": {offline_timestamp},
    "incognito_mode": {_truth(session.incognito)}
  }}"""


def _claimed_start(year: int, started_ms: int, play: Play) -> int | str:
    """What an online row says: nothing, 0, seconds or milliseconds, as the years went."""
    if year < 2018:
        return "null"
    if year < 2023:
        return 0 if _roll(play, "start") < 0.4 else started_ms
    return started_ms // 1000


def _truth(value: bool) -> str:
    return "true" if value else "false"


#: How devices called themselves before 2024.
_PLATFORMS = {
    "ios": "iOS 15.4.1 (iPhone12,1)",
    "android": "Android OS 11 API 30 (samsung, SM-A515F)",
    "osx": "OS X 12.3.1 [arm 2]",
    "windows": "Windows 10 (10.0.19043; x64)",
    "web_player": "web_player windows 10;chrome 99.0;desktop",
}
_NOTHING_BEFORE = """
    "master_metadata_track_name": null,
    "master_metadata_album_artist_name": null,
    "master_metadata_album_album_name": null,
    "spotify_track_uri": null,"""
_NOTHING_AFTER = """
    "episode_name": null,
    "episode_show_name": null,
    "spotify_episode_uri": null,"""
_NOTHING = _NOTHING_BEFORE + _NOTHING_AFTER


def _named(play: Play) -> str:
    return _song_part(play.track) if play.track >= 0 else _NOTHING_BEFORE + _episode_part(play.show, play.number)


@lru_cache(maxsize=20_000)
def _song_part(index: int) -> str:
    shelf = catalogue()
    song = shelf.tracks[index]
    return f"""
    "master_metadata_track_name": {_text(song.name)},
    "master_metadata_album_artist_name": {_text(shelf.artists[song.artist].name)},
    "master_metadata_album_album_name": {_text(shelf.albums[song.album].name)},
    "spotify_track_uri": "spotify:track:{song.id}",{_NOTHING_AFTER}"""


@lru_cache(maxsize=5_000)
def _episode_part(show: int, number: int) -> str:
    told = episode(show, number)
    return f"""
    "episode_name": {_text(told.name)},
    "episode_show_name": {_text(SHOWS[show][0])},
    "spotify_episode_uri": "spotify:episode:{told.id}","""


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _second(moment_ms: int) -> str:
    return (_EPOCH + timedelta(seconds=moment_ms // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _account_song(play: Play, *, is_nameless: bool) -> str:
    shelf = catalogue()
    song = shelf.tracks[play.track]
    artist, title = ("Unknown Artist", "Unknown Track") if is_nameless else (shelf.artists[song.artist].name, song.name)
    return _account_row(play, "artistName", artist, "trackName", title)


def _account_episode(play: Play) -> str:
    return _account_row(play, "podcastName", SHOWS[play.show][0], "episodeName", episode(play.show, play.number).name)


def _account_row(play: Play, whose: str, maker: str, what: str, title: str) -> str:
    minute = (_EPOCH + timedelta(minutes=play.ended_ms // 60_000)).strftime("%Y-%m-%d %H:%M")
    return f"""  {{
    "endTime" : "{minute}",
    "{whose}" : {_text(maker)},
    "{what}" : {_text(title)},
    "msPlayed" : {play.ms_played}
  }}"""


def _other_papers(listener: Listener) -> dict[str, str | bytes]:
    """What else lies in the package and must never be stored."""
    person = {"username": listener.id, "email": f"{listener.seed}@example.invalid", "country": listener.country}
    shows = [{"name": show[0], "publisher": show[1], "uri": f"spotify:show:{show_id(number)}"} for number, show in enumerate(SHOWS)]
    search = {"platform": "IPHONE", "searchTime": "2026-01-02T08:00:00.000Z[UTC]", "searchQuery": "rain"}
    return {
        "Read_Me_First.pdf": _PDF,
        "Userdata.json": json.dumps(person, indent=2),
        "Identity.json": json.dumps({"displayName": listener.name, "imageUrl": None}, indent=2, ensure_ascii=False),
        "Inferences.json": json.dumps({"inferences": ["1P_Custom_Listeners"]}, indent=2),
        "Playlist1.json": json.dumps({"playlists": []}, indent=2),
        "SearchQueries.json": json.dumps([search], indent=2),
        "YourLibrary.json": json.dumps({"tracks": [], "shows": shows}, indent=2, ensure_ascii=False),
    }
