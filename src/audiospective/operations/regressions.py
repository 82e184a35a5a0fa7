"""Do the tests against the release that serves pass, and does one fail that passed with the release before? By whole walks of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from audiospective.errors import Unavailable
from audiospective.infra.database import Connection, Database
from audiospective.operations import ledger
from audiospective.operations.judge import GOOD, Reading, Status, Verdict
from audiospective.operations.ledger import Entry, Line
from audiospective.operations.probes.browser.walking import Picture
from audiospective.operations.release_state import DEPLOYED, ROLLED_BACK

WALKED: Final = "smoke.walked"
#: A walk of a release before is remembered for so long.
_BACK: Final = timedelta(days=90)


def walked(by: str, pictures: Sequence[Picture], verdicts: Sequence[Verdict], *, is_whole: bool) -> Entry:
    """What the ledger keeps of a walk; of a part of the tests only the pictures, since it says nothing of the rest."""
    boxes = {one.box: one.status.value for one in verdicts} if is_whole else {}
    told = [{"name": one.name, "path": one.path, "sha256": one.sha256} for one in pictures]
    return Entry(by, WALKED, "smoke", {"pictures": told, "boxes": boxes})


async def look(db: Database, now: datetime) -> dict[str, Reading]:
    """Failures of the newest whole walk of the release that serves, and those among them that passed with the one before."""
    try:
        async with db.reading() as conn:
            return await _compared(conn, now)
    except Unavailable as error:
        return {f"suite.{name}": Reading(source="ledger", problem=error.message) for name in ("failures", "regressions")}


async def _compared(conn: Connection, now: datetime) -> dict[str, Reading]:
    cut = await ledger.last_of(conn, DEPLOYED, ROLLED_BACK)
    since = cut.seq if cut else 0
    whole = [line for line in await ledger.since(conn, now - _BACK, WALKED) if line.told().get("boxes")]
    newest = next((line for line in reversed(whole) if line.seq > since), None)
    before = next((line for line in reversed(whole) if line.seq < since), None)
    if newest is None:
        unwalked = Reading(source="ledger", problem="the release that serves wasn't walked whole yet: audiospective ops smoke")
        return {"suite.failures": unwalked, "suite.regressions": unwalked}
    failed = _failed(newest)
    return {"suite.failures": _said(failed, newest), "suite.regressions": _regressions(failed, before)}


def _regressions(failed: Sequence[str], before: Line | None) -> Reading:
    if before is None:
        return Reading(source="ledger", inapplicable="no release before this one was walked, so there is nothing to compare with")
    passed = {box for box, status in _boxes(before).items() if status in GOOD}
    return _said([box for box in failed if box in passed], before)


def _failed(line: Line) -> list[str]:
    """What didn't pass; what couldn't be seen didn't."""
    return [box for box, status in _boxes(line).items() if status not in GOOD]


def _boxes(line: Line) -> dict[str, Status]:
    return msgspec.convert(line.told()["boxes"], dict[str, Status])


def _said(boxes: Sequence[str], line: Line) -> Reading:
    return Reading(len(boxes), "ledger", ", ".join(boxes) or f"line {line.seq}")
