"""What the error tracker says, and whether an error on purpose arrives there."""

from __future__ import annotations

import asyncio
from datetime import datetime

from audiospective.infra.clock import Clock
from audiospective.operations.faults import environment_of
from audiospective.operations.judge import Reading
from audiospective.operations.probes.outside import Readings, told
from audiospective.operations.providers.ports import Errors

_PATIENCE_S = 30.0
#: What an error on purpose tells.
TESTED = ("errors.seen_s", "errors.own_frames", "errors.environment")


async def look(tracker: Errors, dsn: str, since: datetime) -> Readings:
    """Project, address, and what is new since then."""

    async def question() -> Readings:
        slug = await tracker.project()
        live = await tracker.live_keys()
        found = await tracker.issues(since)
        said = "live" if dsn in live else "not among the project's live keys"
        return {
            "tracker.project": Reading("there", "tracker", slug),
            "tracker.dsn": Reading(said, "tracker", f"{len(live)} live keys"),
            "errors.unexpected": Reading(len(found), "tracker", "; ".join(f"{one.key} {one.title}" for one in found[:3])),
        }

    return await told(("tracker.project", "tracker.dsn", "errors.unexpected"), "tracker", question)


async def arrives(tracker: Errors, event_id: str, clock: Clock, deployed: str, *, every_s: float) -> Readings:
    """Look for the error that was raised under that id, by the version that is `deployed`, until it is there."""

    async def question() -> Readings:
        began = clock.monotonic()
        while True:
            found = await tracker.event(event_id)
            gone = clock.monotonic() - began
            if found is not None:
                return {
                    "errors.seen_s": Reading(round(gone, 1), "tracker", found.id),
                    "errors.own_frames": Reading(found.frames, "tracker"),
                    "errors.environment": environment_of(found.environment, found.release, deployed, "tracker"),
                }
            if gone > _PATIENCE_S:
                late = Reading(source="tracker", problem=f"{event_id} isn't there after {gone:.0f} s")
                return dict.fromkeys(TESTED, late) | {"errors.seen_s": Reading(round(gone, 1), "tracker", late.problem)}
            await asyncio.sleep(every_s)

    return await told(TESTED, "tracker", question)
