"""What a browser can't compare: the export line by line, and a report as another client gets it.

It acts for one listener by a personal token, compares with what the archive holds, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp

from audiospective.collect.imports import own
from audiospective.operations.judge import Reading

_TIMEOUT = aiohttp.ClientTimeout(total=20)
_TITLE = "Test Share"
_LOOKS = 40
#: No play of an export lies in its future.
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_COLUMNS = tuple(own.HEADER.split(","))

NAMES = ("archive_state", "csv_rows_equal", "csv_bad_lines", "csv_differences", "share_public")


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who walks: a token of theirs, which rows an export has, and whether Spotify may be asked for them."""

    token: str
    rows: tuple[Row, ...]
    is_connected: bool


class Row(NamedTuple):
    """What a line of an export must say of a play."""

    played_at: str
    track: str
    artists: str
    album: str
    spotify_id: str


async def look(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    """Every reading; what comes after a step that couldn't be taken is unknown."""
    found = {f"journey.{name}": Reading(source=url, problem="the step before it couldn't be taken") for name in NAMES}
    try:
        for step in (_archive, _export, _share):
            found |= await step(http, url, who)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError, csv.Error) as error:
        return {
            name: one if one.value is not None else Reading(source=url, problem=f"{type(error).__name__}") for name, one in found.items()
        }
    return found


async def _archive(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    if not who.is_connected:
        return {"journey.archive_state": Reading(source=url, inapplicable="this listener isn't connected to Spotify")}
    await _told(http, "POST", f"{url}/api/archive/request", who)
    told = await _told(http, "GET", f"{url}/api/archive/status", who)
    for _ in range(_LOOKS):
        if told["state"] in {"done", "failed"}:
            break
        await asyncio.sleep(0.5)
        told = await _told(http, "GET", f"{url}/api/archive/status", who)
    return {"journey.archive_state": Reading(str(told["state"]), url, str(told["message"]))}


async def _export(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    """The file, line by line: as a spreadsheet reads it, as an import reads it, and as the archive holds it."""
    async with http.get(f"{url}/api/export?format=csv", headers=_as(who), timeout=_TIMEOUT) as response:
        response.raise_for_status()
        content = await response.read()
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    bad = sum(len(line) != len(lines[0]) or any(cell.startswith(("=", "+", "-", "@")) for cell in line) for line in lines)
    bad += len(own.parse_table(io.BytesIO(content), "export.csv", _EVER).rejected)
    more = len(lines) - 1 - len(who.rows)
    differing = sum(_row(one) != wanted for one, wanted in zip(lines[1:], who.rows, strict=False)) + max(-more, 0)
    return {
        # What was archived a moment ago may have come on top.
        "journey.csv_rows_equal": Reading("yes" if 0 <= more <= 50 else "no", url, f"{len(lines) - 1:,} rows"),
        "journey.csv_bad_lines": Reading(bad, url),
        "journey.csv_differences": Reading(differing, url, f"{len(who.rows):,} rows compared"),
    }


def _row(cells: list[str]) -> Row | None:
    """A line as it is read back; None where it has another shape."""
    if len(cells) != len(_COLUMNS):
        return None
    named = dict(zip(_COLUMNS, cells, strict=True))
    texts = (own.plain(named[name]) for name in ("track", "artists", "album", "spotify_track_id"))
    return Row(named["played_at"], *texts)


async def _share(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    """A report made and taken back, seen by somebody who shows nothing."""
    body = {"title": _TITLE, "dateRange": "7d", "showName": False}
    async with http.post(f"{url}/api/share", json=body, headers=_as(who), timeout=_TIMEOUT) as response:
        share_id = str((await response.json())["data"]["shareId"])
    async with http.get(f"{url}/share/{share_id}", timeout=_TIMEOUT) as page:
        wrong = [f"{page.status}"] if page.status != 200 else []
        wrong += ["sets a cookie"] if "Set-Cookie" in page.headers else []
        wrong += ["may be listed by search engines"] if "noindex" not in page.headers.get("X-Robots-Tag", "") else []
    async with http.delete(f"{url}/api/share/{share_id}", headers=_as(who), timeout=_TIMEOUT):
        pass
    return {"journey.share_public": Reading("; ".join(wrong) or "yes", url)}


async def _told(http: aiohttp.ClientSession, method: str, address: str, who: Traveller) -> dict[str, object]:
    async with http.request(method, address, headers=_as(who), timeout=_TIMEOUT) as response:
        found: dict[str, object] = await response.json()
        return found


def _as(who: Traveller) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"}
