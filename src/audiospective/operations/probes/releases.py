"""What the releases beside each other in the data folder say, in place of a host's project."""

from __future__ import annotations

import asyncio
from pathlib import Path

from audiospective.errors import AudiospectiveError, Unavailable
from audiospective.infra.database import Database
from audiospective.operations import ledger, release_state, releases, supervision
from audiospective.operations.judge import Reading
from audiospective.operations.ledger import Line
from audiospective.operations.probes.outside import Readings
from audiospective.operations.release_record import BUILT


async def look(db: Database, home: Path) -> Readings:
    """Folder, freeze, the newest build, and the release that serves."""
    built = await _built(db)
    return {**await asyncio.to_thread(_folder, home), **await _serving(home), **_build(built)}


def _folder(home: Path) -> Readings:
    if not home.is_dir():
        return {"hosting.project": Reading("missing", "releases"), "hosting.deploys": Reading("impossible", "releases")}
    try:
        frozen, there = release_state.read(home).freeze, releases.listed(home)
    except AudiospectiveError as error:
        problem = Reading(source="releases", problem=error.message)
        return {"hosting.project": problem, "hosting.deploys": problem}
    said = f"frozen by {frozen.by}: {frozen.reason}" if frozen else "possible"
    return {
        "hosting.project": Reading("there", "releases", f"{len(there)} releases are laid out"),
        "hosting.deploys": Reading(said, "releases", "by hand: audiospective ops deploy"),
    }


async def _serving(home: Path) -> Readings:
    try:
        found = await supervision.standing(home)
    except Unavailable:
        return {"hosting.state": Reading(source="releases", problem="no “audiospective up” runs on this data folder")}
    return {"hosting.state": Reading("Ready" if found.is_proved else "being watched", "releases", f"{found.serving} at {found.address}")}


async def _built(db: Database) -> Line | str | None:
    try:
        async with db.reading() as conn:
            lines = await ledger.newest(conn, BUILT)
    except Unavailable as error:
        return error.message
    return max(lines.values(), key=lambda line: line.seq, default=None)


def _build(line: Line | str | None) -> Readings:
    if not isinstance(line, Line):
        problem = Reading(source="ledger", problem=line or "nothing was built here yet: audiospective ops build")
        return {"hosting.build": problem, "hosting.build_lines": problem}
    told = line.told()
    said = "successful" if told.get("succeeded") else f"failed: {told.get('reason', 'no reason')}"
    return {
        "hosting.build": Reading(said, "ledger", f"line {line.seq}"),
        "hosting.build_lines": Reading(len(told), "ledger", f"line {line.seq}"),
    }
