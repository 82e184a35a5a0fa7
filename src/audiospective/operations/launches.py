"""Which launch is under way? Its version, commit and window, opened and closed in the ledger; what was found before doesn't count."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import Conflict, Invalid
from audiospective.infra.database import Connection
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry

OPENED: Final = "launch.opened"
CLOSED: Final = "launch.closed"

#: A quarter of an hour to both sides of the moment (runbook, "Final Checks").
WINDOW: Final = timedelta(minutes=15)
_DAY, _HOUR = 1, 10
_VERSION: Final = re.compile(r"v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z.]{1,60})?)")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,40}")


class Launch(msgspec.Struct, frozen=True):
    """A launch: `version` without a v, `commit` pinned ("" where none was), `window` the moment that it is meant for."""

    version: str
    commit: str
    window: datetime
    opened_at: datetime
    opened_by: str
    seq: int
    closed_at: datetime | None


async def begin(conn: Connection, version: str, *, commit: str, window: datetime | None, actor: str, now: datetime) -> Launch:
    """Open the record of a launch. Raises Invalid, or Conflict while another is open."""
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        raise Invalid(f"“{version[:40]}” is no version; use one such as 1.0.0.", field="VERSION")
    if commit and not _COMMIT.fullmatch(commit):
        raise Invalid(f"“{commit[:50]}” is no commit; use its hash.", field="--commit")
    if window is not None and window.tzinfo is None:
        raise Invalid("A window needs its zone, as in 2026-12-01T10:00Z.", field="--window")
    last = await current(conn)
    if last is not None and last.closed_at is None:
        raise Conflict(f"The launch of {last.version} is open; end it first: audiospective ops launch close")
    when = (window or next_window(now)).astimezone(UTC)
    body: dict[str, object] = {"commit": commit, "window": when.isoformat()}
    (line,) = await ledger.append(conn, [Entry(actor, OPENED, found[1], body)], now)
    return Launch(found[1], commit, when, line.at, actor, line.seq, None)


async def pinned(conn: Connection) -> str:
    """The commit that the open launch is of; "" without one."""
    last = await current(conn)
    return last.commit if last is not None and last.closed_at is None else ""


async def close(conn: Connection, *, actor: str, now: datetime) -> Launch:
    """End the record. Raises Conflict when none is open."""
    last = await current(conn)
    if last is None or last.closed_at is not None:
        raise Conflict("No launch is open.")
    await ledger.append(conn, [Entry(actor, CLOSED, last.version, {})], now)
    return last


async def current(conn: Connection) -> Launch | None:
    """The launch that is open, or the one that was last; None before the first."""
    line = await ledger.last_of(conn, OPENED)
    if line is None:
        return None
    told = line.told()
    ended = await ledger.last_of(conn, CLOSED)
    closed_at = ended.at if ended and ended.seq > line.seq else None
    return Launch(line.subject, str(told["commit"]), datetime.fromisoformat(str(told["window"])), line.at, line.actor, line.seq, closed_at)


def next_window(now: datetime) -> datetime:
    """The next Tuesday at 10:00 UTC, or this one while it lasts."""
    utc = now.astimezone(UTC)
    begins = utc.replace(hour=_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=(_DAY - utc.weekday()) % 7)
    return begins if utc <= begins + WINDOW else begins + timedelta(days=7)


def is_within(now: datetime, window: datetime) -> bool:
    """Whether now is the moment."""
    return abs(now - window) <= WINDOW
