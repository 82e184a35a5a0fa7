"""The launch record: how each box stood when its stage was passed; where none was, as it was found last."""

from __future__ import annotations

from audiospective.infra.database import Connection
from audiospective.operations import launch, launches, ledger, walk
from audiospective.operations.launch import Standing


async def recorded(conn: Connection) -> list[Standing]:
    """All 219, in the runbook's order."""
    passed = await stages_passed(conn)
    found = [one for stage in walk.STAGES for one in await launch.standings(conn, stage.boxes, None, until=passed.get(stage.name))]
    return sorted(found, key=lambda one: one.box.id)


async def stages_passed(conn: Connection) -> dict[str, int]:
    """The stages that this launch passed, each with the line of the ledger that says so."""
    opened = await launches.current(conn)
    if opened is None:
        return {}
    return {name: line.seq for name, line in (await ledger.newest(conn, walk.PASSED)).items() if line.seq > opened.seq}
