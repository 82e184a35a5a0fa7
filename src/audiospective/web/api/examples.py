"""One line for a shell for each call of the API, as its description and page show it; a test sends every one."""

from __future__ import annotations

import json
from collections.abc import Mapping

_QUERIES: Mapping[str, str] = {
    "/api/stats": "range=2024",
    "/api/insights": "range=365d",
    "/api/top-tracks": "range=30d&limit=5",
    "/api/top-artists": "range=2024&limit=5&by=time",
    "/api/top-albums": "range=all&limit=5",
    "/api/genres": "range=90d",
    "/api/activity": "range=2024-03",
    "/api/recent-plays": "limit=20&q=choir",
    "/api/comparison": "range=2024&against=2023",
    "/api/gaps": "range=all",
    "/api/analytics/trends": "range=2024&interval=week",
    "/api/analytics/discovery": "range=2024",
    "/api/analytics/firsts": "of=artists&limit=5",
    "/api/analytics/movement": "range=30d&of=tracks",
    "/api/export": "format=csv&range=2024",
}
_BODIES: Mapping[str, Mapping[str, object]] = {
    "PATCH /api/lens": {"leastPlaySeconds": 30},
    "POST /api/lens/left-out": {"kind": "hours", "first": 22, "last": 5},
    "PATCH /api/settings": {"timeZone": "Europe/Lisbon", "theme": "dark"},
    "POST /api/tokens": {"name": "my script"},
    "POST /api/share": {"title": "My summer", "description": "", "dateRange": "2024-06-01..2024-08-31"},
}
#: What a shell fills in, and what must stand in double quotes for it.
_IN_QUERY = {"/api/share": "id=$SHARE_ID"}
_UPLOADED = frozenset({"/api/imports", "/api/imports/rehearsal"})
#: Only the outside scheduler can sign these; and no token deletes an account.
_NOT_BY_TOKEN = frozenset({"/api/cron/archive", "/api/queue/archive-batch", "/api/user/delete"})
_OPEN = frozenset({"/api/health", "/api/status"})


def body(method: str, path: str) -> Mapping[str, object] | None:
    """What may be sent to a call, where it takes JSON."""
    return _BODIES.get(f"{method} {path}")


def example(method: str, path: str) -> str:
    """How a shell asks; `$HERE` is the instance, `$TOKEN` a personal token, `$…_ID` what other answers give. "" for what no token may."""
    if path in _NOT_BY_TOKEN:
        return ""
    query = _QUERIES.get(path, "") or (_IN_QUERY.get(path, "") if method == "GET" else "")
    address = path.replace("{", "$").replace("}", "")
    for name in ("play_id", "import_id", "rule_id", "token_id", "share_id"):
        address = address.replace(f"${name}", f"${name.upper()}")
    words = ["curl", *(() if method == "GET" or _is_post(method, path) else ("-X", method))]
    words += [] if path in _OPEN else ['-H "Authorization: Bearer $TOKEN"']
    words.append(f'"$HERE{address}{"?" if query else ""}{query}"')
    return " ".join([*words, *_sent(method, path)])


def _is_post(method: str, path: str) -> bool:
    """Curl posts by itself what has a body."""
    return method == "POST" and (body(method, path) is not None or path in _UPLOADED)


def _sent(method: str, path: str) -> list[str]:
    told = body(method, path)
    if method == "POST" and path in _UPLOADED:
        return ["-F file=@my_spotify_data.zip"]
    return [] if told is None else ['-H "Content-Type: application/json"', f"-d '{json.dumps(told)}'"]
