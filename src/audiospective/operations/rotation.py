"""New secrets with overlap: everything is sealed anew under the first of the list, and what still needs the others is told.

A secret is told by its key id, four bytes that give nothing away about it. A rotation that was killed is begun again: each batch is a
transaction of its own, and what is under the first secret already isn't touched.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from audiospective.accounts import apps, grants
from audiospective.infra.clock import Clock
from audiospective.infra.database import Database
from audiospective.infra.sealing import Sealer
from audiospective.operations import backups, ledger, team
from audiospective.operations.ledger import Entry, Line

_AT_ONCE: Final = 500
#: A permission that is being renewed is held this long at most; then it can be sealed anew.
_TRIES, _PAUSE_S = 24, 0.25
#: The oldest backup that is kept; it may hold people whom only marks made under an earlier secret keep away.
_LONGEST_KEPT: Final = timedelta(days=400)


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did: permissions sealed anew, and those `left` under another secret because they couldn't be opened or held."""

    resealed: int
    left: int


class Key(msgspec.Struct, frozen=True):
    """A secret by its id: its place in APP_SECRET (0: not listed), since when it was seen first, and what is sealed under it."""

    id: str
    place: int
    since: datetime | None
    permissions: int
    backups: int
    needed: str
    """Why it must stay, in words; empty when it may go."""


async def rotate(
    db: Database, sealer: Sealer, clock: Clock, *, actor: str, told: Callable[[int], None] = lambda _: None, size: int = _AT_ONCE
) -> Rotated:
    """Seal everything anew under the first secret, `size` at a time; `told` hears after every batch how many are done."""
    resealed = left = 0
    for attempt in range(_TRIES):
        while count := await _batch(db, sealer, size):
            resealed += count
            told(resealed)
        left, is_held = await _left(db, sealer)
        if not is_held:
            break
        await asyncio.sleep(_PAUSE_S if attempt < _TRIES - 1 else 0)
    async with db.transaction() as conn:
        last = (await ledger.newest(conn, "keys.noted", "keys.rotated")).get("keys")
        await ledger.append(conn, [_entry(actor, sealer, last, clock.now(), Rotated(resealed, left))], clock.now())
    return Rotated(resealed, left)


async def keys(db: Database, sealer: Sealer, clock: Clock, folder: Path) -> list[Key]:
    """Every secret that is listed or still needed, the first of APP_SECRET first; `folder` is where backups are."""
    async with db.reading() as conn:
        uses = {one.key: one.permissions for one in await grants.uses(conn)}
        lines = [line for line in await ledger.whole(conn) if line.event in {"keys.noted", "keys.rotated"}]
    first_seen = {str(line.told().get("key")): since(line) for line in reversed(lines)}
    sealed = Counter(key for one in backups.listed(folder) if (key := backups.key_of(one)))
    listed = sealer.key_ids
    unlisted = sorted((uses.keys() | sealed.keys()) - set(listed))
    newest = first_seen.get(listed[0])
    found = []
    for key in [*listed, *unlisted]:
        place = listed.index(key) + 1 if key in listed else 0
        needed = _needed(place, uses.get(key, 0), sealed[key], newest is None or clock.now() - newest < _LONGEST_KEPT)
        found.append(Key(key, place, first_seen.get(key), uses.get(key, 0), sealed[key], needed))
    return found


def since(line: Line) -> datetime:
    """When the secret of this line was seen first."""
    return datetime.fromisoformat(str(line.told()["since"])) if "since" in line.told() else line.at


async def _batch(db: Database, sealer: Sealer, size: int) -> int:
    async with db.transaction() as conn:
        return await apps.reseal(conn, sealer) + await team.seal_again(conn, sealer) + await grants.reseal(conn, sealer, size=size)


async def _left(db: Database, sealer: Sealer) -> tuple[int, bool]:
    """How many permissions aren't under the first secret, and whether any of them might be opened."""
    first, *others = sealer.key_ids
    async with db.reading() as conn:
        used = {one.key for one in await grants.uses(conn)}
        return await grants.not_under(conn, first), not used.isdisjoint(others)


def _entry(actor: str, sealer: Sealer, last: Line | None, now: datetime, done: Rotated) -> Entry:
    """A rotation, or only a note of the secret there is: saying so again makes no secret younger."""
    key, before = sealer.key_ids[0], last.told() if last else {}
    is_same = before.get("key") == key
    seen = str(before["since"]) if is_same else now.isoformat()
    is_note = last.event == "keys.noted" if last and is_same else last is None and len(sealer.key_ids) == 1
    told = {"key": key, "since": seen, "secrets": len(sealer.key_ids), "resealed": done.resealed, "left": done.left}
    return Entry(actor, "keys.noted" if is_note else "keys.rotated", "keys", told)


def _needed(place: int, permissions: int, sealed: int, is_young: bool) -> str:
    """The reasons for which a secret must stay in the list."""
    reasons = [
        "it seals and signs" if place == 1 else "",
        f"{permissions:,} permissions are sealed under it" if permissions else "",
        f"{sealed:,} backups are sealed under it" if sealed else "",
        "kept backups may hold people whom its marks keep away" if place > 1 and is_young else "",
    ]
    return "; ".join(reason for reason in reasons if reason)
