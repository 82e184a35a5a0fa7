"""Does it work for a listener? The runbook's smoke tests as a program walks them: archive, export, share, and take back.

It acts for one listener by a personal token, compares with what the archive holds, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from dataclasses import dataclass

import aiohttp

from audiospective.operations.judge import Reading

_TIMEOUT = aiohttp.ClientTimeout(total=20)
_NAME = re.compile(r'attachment; filename="spotify-archive-\d{4}-\d{2}-\d{2}\.csv"')
_TITLE = "Test Share"
_ARCHIVED = re.compile(r"Successfully archived [\d,]+ tracks?")
_LOOKS = 40

NAMES = (
    "stats_equal",
    "dashboard_status",
    "archive_state",
    "archive_words",
    "csv_status",
    "csv_name",
    "csv_rows_equal",
    "csv_bad_lines",
    "share_status",
    "share_id_bits",
    "share_page_status",
    "share_title",
    "share_tracks",
    "share_noindex",
    "identity_leaks",
    "share_gone",
)


@dataclass(frozen=True, slots=True)
class Traveller:
    """Who walks: a token of theirs, what must not be seen of them, how many plays count and how many rows an export has; whether
    Spotify may be asked for them.
    """

    token: str
    canaries: tuple[str, ...]
    plays: int
    rows: int
    is_connected: bool


async def look(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    """Every reading; what comes after a step that couldn't be taken is unknown."""
    found = {f"journey.{name}": Reading(source=url, problem="the step before it couldn't be taken") for name in NAMES}
    try:
        for step in (_archive, _stats, _export, _share):
            found |= await step(http, url, who)
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        return {
            name: one if one.value is not None else Reading(source=url, problem=f"{type(error).__name__}") for name, one in found.items()
        }
    return found


async def _archive(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    if not who.is_connected:
        nothing = Reading(source=url, inapplicable="this listener isn't connected to Spotify")
        return {"journey.archive_state": nothing, "journey.archive_words": nothing}
    await _told(http, "POST", f"{url}/api/archive/request", who)
    for _ in range(_LOOKS):
        told = await _told(http, "GET", f"{url}/api/archive/status", who)
        if told["state"] in {"done", "failed"}:
            break
        await asyncio.sleep(0.5)
    words = "as the runbook says" if _ARCHIVED.fullmatch(str(told["message"])) else str(told["message"])
    return {"journey.archive_state": Reading(str(told["state"]), url), "journey.archive_words": Reading(words, url)}


async def _stats(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    told = await _told(http, "GET", f"{url}/api/stats?range=all", who)
    async with http.get(f"{url}/dashboard", headers=_as(who), timeout=_TIMEOUT) as response:
        status = response.status
    more = int(str(told["totalPlays"])) - who.plays  # what was archived a moment ago may have come on top
    return {
        "journey.stats_equal": Reading(
            "yes" if 0 <= more <= 50 else "no", url, f"{told['totalPlays']} plays shown, {who.plays} stored before"
        ),
        "journey.dashboard_status": Reading(str(status), url),
    }


async def _export(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    async with http.get(f"{url}/api/export?format=csv", headers=_as(who), timeout=_TIMEOUT) as response:
        content, disposition = await response.read(), response.headers.get("Content-Disposition", "")
        status = response.status
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    bad = sum(len(row) != len(rows[0]) or any(cell.startswith(("=", "+", "-", "@")) for cell in row) for row in rows)
    more = len(rows) - 1 - who.rows
    return {
        "journey.csv_status": Reading(str(status), url),
        "journey.csv_name": Reading("right" if _NAME.fullmatch(disposition) else disposition or "none", url),
        "journey.csv_rows_equal": Reading("yes" if 0 <= more <= 50 else "no", url, f"{len(rows) - 1:,} rows"),
        "journey.csv_bad_lines": Reading(bad, url),
    }


async def _share(http: aiohttp.ClientSession, url: str, who: Traveller) -> dict[str, Reading]:
    body = {"title": _TITLE, "dateRange": "7d", "showName": False}
    async with http.post(f"{url}/api/share", json=body, headers=_as(who), timeout=_TIMEOUT) as response:
        status, share_id = response.status, str((await response.json())["data"]["shareId"])
    async with http.get(f"{url}/share/{share_id}", timeout=_TIMEOUT) as page:
        text, seen, headers = await page.text(), page.status, page.headers
    tracks = await _told(http, "GET", f"{url}/api/top-tracks?range=7d&limit=10", who)
    wanted = [str(one["track"]["name"]) for one in tracks["tracks"]]  # type: ignore[attr-defined]  # as the API says it
    plain = text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    everything = text + repr(headers)
    async with http.delete(f"{url}/api/share/{share_id}", headers=_as(who), timeout=_TIMEOUT):
        pass
    async with http.get(f"{url}/share/{share_id}", timeout=_TIMEOUT) as gone:
        after = gone.status
    return {
        "journey.share_status": Reading(str(status), url),
        "journey.share_id_bits": Reading(len(share_id) * 6, url),
        "journey.share_page_status": Reading(str(seen), url, "with a cookie" if "Set-Cookie" in headers else ""),
        "journey.share_title": Reading("yes" if _TITLE in text else "no", url),
        "journey.share_tracks": Reading("yes" if all(name in plain for name in wanted) else "no", url, f"{len(wanted)} tracks"),
        "journey.share_noindex": Reading("yes" if "noindex" in headers.get("X-Robots-Tag", "") else "no", url),
        "journey.identity_leaks": Reading(sum(canary in everything for canary in who.canaries if canary), url),
        "journey.share_gone": Reading(str(after), url),
    }


async def _told(http: aiohttp.ClientSession, method: str, address: str, who: Traveller) -> dict[str, object]:
    async with http.request(method, address, headers=_as(who), timeout=_TIMEOUT) as response:
        found: dict[str, object] = await response.json()
        return found


def _as(who: Traveller) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"}
