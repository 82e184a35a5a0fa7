"""What is done about an incident: answered, assessed, its evidence kept, its promises kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

import msgspec

from audiospective.bootstrap import LOG, Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.environment import environment
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid
from audiospective.infra import logfile
from audiospective.infra.database import Connection
from audiospective.operations import faults, incidents, ledger, machine, recovery
from audiospective.operations.incidents import Stage
from audiospective.operations.ledger import Entry
from audiospective.operations.probes import environment as names_of

_LINES = 20_000
_BEFORE = timedelta(hours=1)


class EvidenceAnswer(TypedDict):
    """A pack of evidence: where it lies, its digest, what is in it."""

    file: str
    sha256: str
    holds: list[str]


def ack(incident: int, /, *, by: str = "") -> None:
    """Say that you have it: nobody is paged any more.

    Example: `audiospective ops incident ack 3 --by "Mara Quill"`

    Parameters
    ----------
    incident
        Its number.
    by
        Your name; the account that you are signed in with unless named.
    """
    name = by or acting()

    async def work(parts: Parts) -> None:
        now = parts.clock.now()
        async with parts.db.transaction() as conn:
            await incidents.tell(conn, incident, stage=Stage.NOTE, said=f"{name} answers.", actor=name, now=now)
            await ledger.append(conn, [Entry(name, incidents.ACKNOWLEDGED, f"incident {incident}", {})], now)

    with_parts(work)
    print(f"{name} answers for incident {incident}.", flush=True)


def assess(incident: int, /, *, broken: str, affected: float, data_at_risk: bool, rollback: bool, by: str = "") -> None:
    """Answer the commander's four questions: what is broken, for how many, is data at risk, is a rollback needed.

    Example: `audiospective ops incident assess 3 --broken "Exports" --affected 20 --no-data-at-risk --no-rollback`

    Parameters
    ----------
    incident
        Its number.
    broken
        What is broken.
    affected
        Per cent of users.
    data_at_risk
        Whether data is at risk.
    rollback
        Whether a rollback is needed.
    by
        The commander's name; the account that you are signed in with unless named.
    """
    if not broken.strip() or not 0 <= affected <= 100:
        raise Invalid("--broken needs words and --affected per cent, 0 to 100.", field="--affected")
    told: dict[str, object] = {"broken": broken, "affected": affected, "data_at_risk": data_at_risk, "rollback": rollback}
    actor = by or acting()

    async def work(parts: Parts) -> None:
        async with parts.db.transaction() as conn:
            await incidents.find(conn, incident)
            entry = Entry(actor, incidents.ASSESSED, f"incident {incident}", told)
            await ledger.append(conn, [entry], parts.clock.now())

    with_parts(work)
    print(f"Incident {incident} is assessed by {actor}.", flush=True)


def done(incident: int, kind: str, /, *, proof: str = "") -> None:
    """Close a promise of the runbook, if it is proven: a test that passes, a changed checklist, an equal environment, a trained team.

    Example: `audiospective ops incident done 3 test --proof tests/export/test_run.py::test_a_full_disk_is_told`

    Parameters
    ----------
    incident
        Its number.
    kind
        test, checklist, parity or training.
    proof
        The test's name; for the others a note.
    """

    async def promised(parts: Parts) -> None:
        async with parts.db.reading() as conn:
            await recovery.refuse_unpromised(conn, incident, kind)

    if kind == "test":
        with_parts(promised)  # before it is run, for minutes maybe
        _passes(proof)
    if kind == "parity":
        _is_equal()

    async def work(parts: Parts) -> None:
        now, actor = parts.clock.now(), acting()
        async with parts.db.transaction() as conn:
            if kind in {"checklist", "training"} and (why := await recovery.missing_proof(conn, incident, kind)):
                raise Conflict(f"It isn’t done: {why}.")
            await recovery.close(conn, incident, kind, proof=proof or "proven by the ledger", actor=actor, now=now)

    with_parts(work)
    print(f"Kept for incident {incident}: {kind}.", flush=True)


def evidence(incident: int, /, *, to: Path | None = None, as_json: AsJson = False) -> int:
    """Keep what is known now before it is gone: log, errors, health, ledger, names of settings; hashed, readable by you alone.

    Example: `audiospective ops incident evidence 3`

    Parameters
    ----------
    incident
        Its number.
    to
        A folder; the data folder's unless named.
    """

    async def work(parts: Parts) -> EvidenceAnswer:
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            found = await incidents.find(conn, incident)
            files = await _collected(parts, conn, found.opened_at - _BEFORE, now)
        folder = to or parts.settings.home / "evidence"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"incident-{incident}-{now:%Y%m%d-%H%M%S}.zip"
        _write(path, files, [secret for secret in parts.secrets() if len(secret) > 5])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        told: dict[str, object] = {"file": str(path), "sha256": digest, "holds": sorted(files)}
        async with parts.db.transaction() as conn:
            await ledger.append(conn, [Entry(acting(), "incident.evidence", f"incident {incident}", told)], now)
        return EvidenceAnswer(file=str(path), sha256=digest, holds=sorted(files))

    answer(with_parts(work), as_json=as_json, text=lambda one: f"{one['file']}\nsha256 {one['sha256']}\n{', '.join(one['holds'])}")
    return Exit.DONE


async def _collected(parts: Parts, conn: Connection, since: datetime, now: datetime) -> dict[str, bytes]:
    encode = msgspec.json.encode
    variables = names_of.variables(environment(), on_one_machine=True)
    return {
        "log.txt": "\n".join(logfile.tail(parts.settings.home / LOG, most=_LINES)).encode(),
        "errors.json": encode(await faults.kinds(conn, since)),
        "health.json": encode(await machine.looks(conn, since, now)),
        "ledger.json": encode(await ledger.whole(conn)),
        "settings.json": encode([{"name": one.name, "is_set": one.is_set} for one in variables]),
    }


def _write(path: Path, files: dict[str, bytes], secrets: list[str]) -> None:
    """0600 from the first byte on; wherever a secret stands in it, dots stand instead."""
    with (
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack,
    ):
        for name, content in sorted(files.items()):
            for secret in secrets:
                content = content.replace(secret.encode(), "•••".encode())  # noqa: PLW2901
            pack.writestr(name, content)


def _passes(test: str) -> None:
    if not test or test.startswith("-"):
        raise Invalid("Name the test that was added: --proof FILE::TEST.", field="--proof")
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "0", test], capture_output=True, text=True, timeout=600, check=False)
    if ran.returncode != 0:
        raise Conflict(f"It isn’t done: {test} doesn’t pass ({ran.stdout.strip().splitlines()[-1:] or ran.stderr.strip()[-200:]}).")


def _is_equal() -> None:
    from audiospective.cli.main import main  # noqa: PLC0415 (the command line is made of this)

    if main(["ops", "env", "diff"]) != Exit.DONE:
        raise Conflict("It isn’t done: the environments differ (audiospective ops env diff).")
