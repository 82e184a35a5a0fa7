"""What a browser can't compare: the export line by line, and a report as another client gets it.

It acts for one listener by a personal token, compares with what the archive holds, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

import aiohttp
import msgspec

from audiospective.collect.imports import own
from audiospective.errors import Invalid
from audiospective.operations.judge import Reading
from audiospective.operations.probes.acting import PROBE_HEADER

_TIMEOUT = aiohttp.ClientTimeout(total=20)
_TITLE = "Test Share"
_LOOKS = 40
#: No play of an export lies in its future.
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_COLUMNS = tuple(own.HEADER.split(","))
#: What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Where a line ends otherwise than RFC 4180 has it, outside of quotes.
_QUOTED, _ODD_END = re.compile(r'"[^"]*"'), re.compile(r"(?<!\r)\n|\r(?!\n)")


class Traveller(msgspec.Struct, frozen=True):
    """Who walks: a token of theirs, what stands in the database of them each time that it is asked, and whether Spotify may be asked
    for them. `nonce` is what their requests leave in the log.
    """

    token: str
    rows: Callable[[], Awaitable[tuple[Row, ...]]]
    """What an export must have, in order."""
    events: Callable[[], Awaitable[int]]
    """How many of their plays the runbook's own question counts."""
    is_connected: bool
    nonce: str = ""


class Row(NamedTuple):
    """What a line of an export must say of a play."""

    played_at: str
    track: str
    artists: str
    album: str
    spotify_id: str


async def look(http: aiohttp.ClientSession, url: str, who: Traveller, *, pace_s: float = 0.5) -> dict[str, Reading]:
    """Every reading; of a step that couldn't be taken nothing is known, and the next one is taken all the same."""
    found: dict[str, Reading] = {}
    for step, names in _STEPS:
        try:
            found |= await step(http, url, who, pace_s)
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
            why = f"{error.status} {error.message}" if isinstance(error, aiohttp.ClientResponseError) else type(error).__name__
            found |= {f"journey.{name}": Reading(source=url, problem=f"it couldn't be looked at ({why})") for name in names}
    return found


async def _archive(http: aiohttp.ClientSession, url: str, who: Traveller, pace_s: float) -> dict[str, Reading]:
    """Press, wait for how that very request ends, and see what came to be stored."""
    if not who.is_connected:
        aside = Reading(source=url, inapplicable="this listener isn't connected to Spotify")
        return {"journey.archive_state": aside, "journey.play_events": await _stored(who, before=0, told=0)}
    before = await who.events()
    async with http.post(f"{url}/api/archive/request", headers=_as(who), timeout=_TIMEOUT) as response:
        if 400 <= response.status < 500:
            unasked = Reading(source="database", problem="the archive couldn't be asked to fill itself")
            return {"journey.archive_state": Reading(f"refused with {response.status}", url), "journey.play_events": unasked}
        response.raise_for_status()
        number = (await response.json())["requestId"]
    for _ in range(_LOOKS):
        told = await _told(http, f"{url}/api/archive/status", who)
        state = str(told["state"]) if told["requestId"] == number else "replaced by another"
        if state in {"done", "failed"}:
            break
        await asyncio.sleep(pace_s)
    stored = await _stored(who, before=before, told=int(str(told["songsArchived"])) if state == "done" else 0)
    return {"journey.archive_state": Reading(state, url, str(told["message"])), "journey.play_events": stored}


async def _stored(who: Traveller, *, before: int, told: int) -> Reading:
    """Of this listener: what has come since the press where it says that something came, else whatever there is."""
    after = await who.events()
    if not after and not told and not await who.rows():
        return Reading(source="database", inapplicable="this listener has no plays yet")
    note = f"{after:,} of this listener by the runbook's own count, {after - before:,} since the press, which told of {told:,}"
    return Reading(after - before if told else after, "database", note)


async def _export(http: aiohttp.ClientSession, url: str, who: Traveller, _: float) -> dict[str, Reading]:
    """The file, line by line: as a spreadsheet reads it, as an import reads it, and as the archive holds it."""
    before = await who.rows()
    async with http.get(f"{url}/api/export?format=csv", headers=_as(who), timeout=_TIMEOUT) as response:
        response.raise_for_status()
        content = await response.read()
    try:
        text = content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        rejected = own.parse_table(io.BytesIO(content), "export.csv", _EVER).rejected
    except (UnicodeDecodeError, csv.Error, Invalid) as error:
        unread = Reading(source=url, problem=f"the file is no table ({error})")
        return {f"journey.{name}": unread for name in _OF_EXPORT} | {"journey.csv_bad_lines": Reading(1, url, f"{error}"[:200])}
    bad = sum(len(line) != len(lines[0]) or any(cell.startswith(_FORMULA) for cell in line) for line in lines)
    bad += (lines[:1] != [list(_COLUMNS)]) + len(_ODD_END.findall(_QUOTED.sub("", text))) + len(rejected)
    # What is archived meanwhile may be in it or not.
    rows = before if len(lines) - 1 == len(before) else await who.rows()
    more = len(lines) - 1 - len(rows)
    differing = sum(_row(one) != wanted for one, wanted in zip(lines[1:], rows, strict=False)) + max(more, 0)
    return {
        "journey.csv_rows_equal": Reading("yes" if not more else "no", url, f"{len(lines) - 1:,} rows, the archive holds {len(rows):,}"),
        "journey.csv_bad_lines": Reading(bad, url),
        "journey.csv_differences": Reading(differing, url, f"{len(rows):,} rows compared"),
    }


def _row(cells: list[str]) -> Row | None:
    """A line as it is read back; None where it has another shape."""
    if len(cells) != len(_COLUMNS):
        return None
    named = dict(zip(_COLUMNS, cells, strict=True))
    texts = (own.plain(named[name]) for name in ("track", "artists", "album", "spotify_track_id"))
    return Row(named["played_at"], *texts)


async def _share(http: aiohttp.ClientSession, url: str, who: Traveller, _: float) -> dict[str, Reading]:
    """A report made and taken back, seen by somebody who shows nothing."""
    body = {"title": _TITLE, "dateRange": "7d", "showName": False}
    async with http.post(f"{url}/api/share", json=body, headers=_as(who), timeout=_TIMEOUT) as response:
        response.raise_for_status()
        share_id = str((await response.json())["data"]["shareId"])
    try:
        async with http.get(f"{url}/share/{share_id}", timeout=_TIMEOUT) as page:
            wrong = [f"{page.status}"] if page.status != 200 else []
            wrong += ["sets a cookie"] if "Set-Cookie" in page.headers else []
            wrong += ["may be listed by search engines"] if "noindex" not in page.headers.get("X-Robots-Tag", "") else []
    finally:
        async with http.delete(f"{url}/api/share/{share_id}", headers=_as(who), timeout=_TIMEOUT):
            pass
    return {"journey.share_public": Reading("; ".join(wrong) or "yes", url)}


async def _told(http: aiohttp.ClientSession, address: str, who: Traveller) -> dict[str, object]:
    async with http.get(address, headers=_as(who), timeout=_TIMEOUT) as response:
        response.raise_for_status()
        found: dict[str, object] = await response.json()
        return found


def _as(who: Traveller) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"} | ({PROBE_HEADER: who.nonce} if who.nonce else {})


_OF_EXPORT = ("csv_rows_equal", "csv_bad_lines", "csv_differences")
_STEPS = ((_archive, ("archive_state", "play_events")), (_export, _OF_EXPORT), (_share, ("share_public",)))
