"""`ops backup`, `verify-backup`, `restore`, `resume`, `rotate-keys`, `keys`, `drill`: the instance's data and keys."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypedDict

from cyclopts import Parameter

from audiospective.accounts import apps
from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.operations import backups as store
from audiospective.operations import launch, ledger, mirror, rotation
from audiospective.operations.backups import Backup
from audiospective.operations.boxes import boxes
from audiospective.operations.ledger import Entry
from audiospective.operations.measure import remembered
from audiospective.operations.rotation import Key
from audiospective.spotify import quota


class BackupAnswer(TypedDict):
    """A backup; `verified` when a trial restore found no difference."""

    file: str
    made_at: datetime
    bytes: int
    sealed: bool
    tables: int
    rows: int


class VerifiedAnswer(TypedDict):
    """What a trial restore found."""

    file: str
    tables: int
    rows: int
    differences: list[str]
    seconds: float


class DrillAnswer(VerifiedAnswer):
    """A rehearsal: seconds until everything is back, and seconds since the last backup before it (None: there was none)."""

    rto_s: float
    rpo_s: float | None


class RotatedAnswer(TypedDict):
    """What a rotation did, and what it had to leave."""

    resealed: int
    left: int
    secrets: int


def backup(
    *,
    to: Path | None = None,
    sealed: Annotated[bool, Parameter(negative=())] = False,
    verify: Annotated[bool, Parameter(negative="--no-verify")] = True,
    as_json: AsJson = False,
) -> int:
    """Write a backup of everything and prove it by restoring it; old ones go: 7 daily, 4 weekly, 12 monthly are kept.

    Example: `audiospective ops backup --to /mnt/backups --sealed`

    Parameters
    ----------
    to
        The folder; `backups` in the data folder unless named.
    sealed
        Encrypt it under the instance's secret, as for a backup that leaves the machine.
    verify
        Restore it into a scratch database and compare.
    """

    async def work(parts: Parts) -> tuple[Backup, list[str]]:
        folder = to or parts.settings.home / "backups"
        left = await store.left_unproven(parts.db, folder, parts.clock.now()) if verify and not sealed else None
        made = left or await store.make(parts.db, parts.clock, folder, sealer=parts.sealer if sealed else None)
        await _made(parts, made)
        differences = (await _verified(parts, made))["differences"] if verify else []
        if verify and not differences:
            store.prune(folder)  # what isn't proven replaces nothing
        return made, differences

    made, differences = with_parts(work)
    told = _answer(made)
    said = "" if not verify else " It was restored and compared: equal." if not differences else f" It differs: {'; '.join(differences)}"
    answer(told, as_json=as_json, text=lambda one: f"Wrote {one['file']}, {one['bytes']:,} bytes, {one['rows']:,} rows.{said}")
    return Exit.NO if differences else Exit.DONE


def backups(*, folder: Path | None = None, as_json: AsJson = False) -> None:
    """List the backups, the newest first.

    Example: `audiospective ops backups`

    Parameters
    ----------
    folder
        Where they are; `backups` in the data folder unless named.
    """

    async def work(parts: Parts) -> list[BackupAnswer]:
        return [_answer(one) for one in store.listed(folder or parts.settings.home / "backups")]

    rows = with_parts(work)
    lines = [f"{one['made_at']:%Y-%m-%d %H:%M} UTC  {one['bytes']:>14,} bytes  {one['rows']:>12,} rows  {one['file']}" for one in rows]
    answer(rows, as_json=as_json, text=lambda _: "\n".join(lines) or "No backups yet: audiospective ops backup")


def verify_backup(file: Path, /, *, as_json: AsJson = False) -> int:
    """Restore a backup into a scratch database and compare every table.

    Example: `audiospective ops verify-backup backups/audiospective-20261124T031700Z.backup`

    Parameters
    ----------
    file
        The backup; its manifest lies beside it.
    """
    found = with_parts(lambda parts: _verified(parts, store.read(file)))
    equal = f"{found['tables']} tables, {found['rows']:,} rows, equal; restored in {found['seconds']:.1f} s."
    answer(found, as_json=as_json, text=lambda one: "\n".join(one["differences"]) or equal)
    return Exit.NO if found["differences"] else Exit.DONE


def restore(
    file: Path, /, *, yes_replace: Annotated[bool, Parameter(name="--yes-replace", negative=())] = False, as_json: AsJson = False
) -> None:
    """Put a backup in place of everything. Who was deleted since stays deleted, and nothing is asked of Spotify until `ops resume`.

    Example: `audiospective ops restore backups/audiospective-20261124T031700Z.backup --yes-replace`

    Parameters
    ----------
    file
        The backup; its manifest lies beside it.
    yes_replace
        What is here now may go.
    """

    async def work(parts: Parts) -> dict[str, float]:
        found = store.read(file)
        client = parts.spotify.client_id
        done = await store.bring_back(parts.db, parts.clock, found, parts.sealer, client_id=client, replace=yes_replace)
        aside = mirror.put_aside(parts.settings.home / mirror.FILE, parts.clock.now())  # it knows of the time since
        entry = store.entry(acting(), "backup.restored", found)
        kept = {"ledger_until_then": aside.name} if aside else {}
        await _remember(parts, Entry(entry.actor, entry.event, entry.subject, {**entry.body, **kept}))
        return {"rows": done.rows, "erased_again": done.erased_again, "seconds": round(done.seconds, 2)}

    done = with_parts(work)
    said = f"Restored {done['rows']:,.0f} rows in {done['seconds']:.1f} s; {done['erased_again']:.0f} deleted accounts were erased again."
    answer(done, as_json=as_json, text=lambda _: f"{said}\nSweeps wait: look around, then say “audiospective ops resume”.")


def resume() -> None:
    """Let Spotify be asked again after a restore.

    Example: `audiospective ops resume`
    """

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            for one in (parts.spotify.client_id, *await apps.client_ids(conn)):
                await quota.resume(conn, one)
            await ledger.append(conn, [Entry(acting(), "sweeps.resumed", "sweeps", {})], parts.clock.now())

    with_parts(work)
    print("Sweeps go on.", flush=True)


def rotate_keys(*, as_json: AsJson = False) -> int:
    """Seal everything anew under the first secret of APP_SECRET; run again after an interruption, it goes on where it was.

    Ends with 1 when something is left that couldn't be sealed anew.

    Example: `APP_SECRET=new,old audiospective ops rotate-keys`
    """

    async def work(parts: Parts) -> RotatedAnswer:
        done = await rotation.rotate(parts.db, parts.sealer, parts.clock, actor=acting(), told=_progress)
        return {"resealed": done.resealed, "left": done.left, "secrets": len(parts.settings.app_secrets)}

    done = with_parts(work)
    left = f"\n{done['left']:,} couldn't be: see “audiospective ops keys”, then run this again." if done["left"] else ""
    more = "\nWhat still needs the other secrets: audiospective ops keys" if done["secrets"] > 1 else ""
    answer(done, as_json=as_json, text=lambda one: f"{one['resealed']:,} permissions were sealed under the first secret now.{left}{more}")
    return Exit.NO if done["left"] else Exit.DONE


def keys(*, as_json: AsJson = False) -> None:
    """Say of each secret how old it is, what is sealed under it, and whether it may go; never the secret itself.

    Example: `audiospective ops keys`
    """

    async def work(parts: Parts) -> tuple[datetime, list[Key]]:
        now = parts.clock.now()
        return now, await rotation.keys(parts.db, parts.sealer, parts.clock, parts.settings.home / "backups")

    now, found = with_parts(work)
    answer(found, as_json=as_json, text=lambda rows: "\n".join(_key(one, now) for one in rows))


def drill_restore(*, as_json: AsJson = False) -> int:
    """Rehearse: make a backup, restore it beside the archive, compare, and write down how long it took and what would have been lost.

    Example: `audiospective ops drill restore`
    """

    async def work(parts: Parts) -> DrillAnswer:
        folder = parts.settings.home / "backups"
        before = next(iter(store.listed(folder)), None)
        lost_s = (parts.clock.now() - before.manifest.made_at).total_seconds() if before else None
        found = await _verified(parts, await store.make(parts.db, parts.clock, folder))
        told = {"rto_s": round(found["seconds"], 2), "rpo_s": lost_s, "rows": found["rows"], "differences": found["differences"]}
        await _remember(parts, Entry(acting(), "restore.drilled", "drill", told))
        return {**found, "rto_s": found["seconds"], "rpo_s": lost_s}

    found = with_parts(work)
    lost = "everything, for there was no backup before" if found["rpo_s"] is None else f"the last {found['rpo_s'] / 3600:.1f} hours"
    said = f"Back in {found['seconds']:.1f} s with {found['rows']:,} rows. Without this rehearsal's backup, lost would be {lost}."
    answer(found, as_json=as_json, text=lambda one: "\n".join(one["differences"]) or said)
    return Exit.NO if found["differences"] else Exit.DONE


async def _made(parts: Parts, one: Backup) -> None:
    """Into the ledger, unless a run that was killed afterwards has written it there."""
    async with parts.db.transaction() as conn:
        if not await store.is_on_record(conn, one, "backup.made"):
            await ledger.append(conn, [store.entry(acting(), "backup.made", one)], parts.clock.now())


async def _verified(parts: Parts, one: Backup) -> VerifiedAnswer:
    found = await store.verify(parts.db, parts.clock, one, parts.sealer)
    async with parts.db.transaction() as conn:
        await ledger.append(conn, [store.entry(acting(), "backup.verified", one, found)], parts.clock.now())
        found_now = await remembered(conn, parts.clock.now())
        settled = [box for box in boxes() if box.reading in {"backup.age_minutes", "backup.restore_differences"}]
        await launch.record(conn, settled, found_now, actor=acting(), now=parts.clock.now())
    return VerifiedAnswer(
        file=str(one.path), tables=found.tables, rows=found.rows, differences=list(found.differences), seconds=found.seconds
    )


def _progress(resealed: int) -> None:
    print(f"{resealed:,} sealed anew …", file=sys.stderr, flush=True)


def _key(one: Key, now: datetime) -> str:
    place = f"number {one.place}" if one.place else "not listed"
    age = f"{(now - one.since).days} days old" if one.since else "age unknown"
    return f"{one.id}  {place}, {age}: {'stays, ' + one.needed if one.needed else 'may go'}"


async def _remember(parts: Parts, one: Entry) -> None:
    async with parts.db.transaction() as conn:
        await ledger.append(conn, [one], parts.clock.now())


def _answer(one: Backup) -> BackupAnswer:
    told = one.manifest
    rows = sum(rows for rows, _ in told.tables.values())
    return BackupAnswer(
        file=str(one.path), made_at=told.made_at, bytes=told.bytes, sealed=told.is_sealed, tables=len(told.tables), rows=rows
    )
