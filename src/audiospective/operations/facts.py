"""What is known of a launch, in the words of its messages: read from the record, never made up. What isn't known isn't there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from audiospective.infra.database import Connection
from audiospective.infra.sealing import Sealer
from audiospective.operations import faults, incidents, launches, ledger, record, team
from audiospective.operations.decide import Gate
from audiospective.operations.incidents import Stage
from audiospective.operations.judge import GOOD, Status
from audiospective.operations.launch import Standing
from audiospective.operations.launches import Launch

TOLD: Final = "fact.told"

#: A fact in words, each with the boxes that it rests on.
_WORKING: Final = {
    "build": ("R058", "R058", "Successful"),
    "health": ("R060", "R062", "Passing"),
    "sign_in": ("R069", "R073", "Working"),
    "authentication_state": ("R069", "R073", "Operational"),
    "dashboard": ("R074", "R074", "Working"),
    "archival_state": ("R084", "R084", "Working"),
    "api_state": ("R060", "R060", "Operational"),
    "jobs_state": ("R147", "R147", "Operational"),
    "status": ("R060", "R060", "All systems operational"),
    "rollback_plan": ("R038", "R040", "Ready"),
    "dashboards": ("R035", "R035", "Open"),
}
#: Those that a launch itself finds out: a draft from before waits for them.
LATER: Final = frozenset(name for name, (first, _, _) in _WORKING.items() if first > "R048")
#: What a message may claim, each with the boxes that must all be green for it.
_CLAIMS: Final = {
    "health_green": ("R060", "R066"),
    "smoke_green": ("R067", "R109"),
    "monitoring_green": ("R114", "R126"),
    "metrics_green": ("R156", "R177"),
    "gdpr_green": ("R106", "R106"),
    "rest_green": ("R060", "R062"),
}
#: A figure as its box has it.
_FIGURES: Final = {
    "p95_ms": "R161",
    "sign_ups": "R174",
    "page_views": "R171",
    "archival_events": "R175",
    "error_rate": "R167",
    "uptime": "R186",
    "cut_over_at": "R128",
}


#: When what is done, counted from the window (runbook, "Before Launch").
_PLAN: Final = {
    "preflight_at": timedelta(minutes=-30),
    "smoke_at": timedelta(minutes=15),
    "public_at": timedelta(hours=2),
    "support_until": timedelta(hours=4),
}


async def known(conn: Connection, sealer: Sealer, url: str, now: datetime) -> dict[str, str]:
    """Every fact that the record has; what people told besides wins."""
    stands = {one.box.id: one for one in await record.recorded(conn)}
    found = {"url": url, "status_url": f"{url}/status"} | _of_boxes(stands)
    found |= {"said_at": _clock(now)}
    if opened := await launches.current(conn):
        critical = sum(one.weight == "critical" for one in await faults.happened(conn, opened.opened_at, now))
        found |= _of_launch(opened, found) | {"critical_errors": str(critical)}
    for member in await team.members(conn, sealer):
        found[member.role.replace("-", "_")] = member.name
    found |= {"sender": found["deployment_lead"]} if "deployment_lead" in found else {}
    found |= await _of_ledger(conn, opened)
    found |= await _of_incident(conn, now)
    told = await ledger.newest(conn, TOLD)
    return found | {name: str(line.told()["value"]) for name, line in told.items()}


async def tell(conn: Connection, facts: Mapping[str, str], *, actor: str, now: datetime) -> None:
    """Write down what only people know, such as how long it took to build."""
    await ledger.append(conn, [ledger.Entry(actor, TOLD, name, {"value": value}) for name, value in facts.items()], now)


def _of_boxes(stands: Mapping[str, Standing]) -> dict[str, str]:
    found = {}
    for name, (first, last, good) in _WORKING.items():
        statuses = _between(stands, first, last)
        if all(one in GOOD for one in statuses):
            found[name] = good
        elif Status.FAIL in statuses:
            found[name] = "Failing"
    found |= {name: "true" for name, (first, last) in _CLAIMS.items() if all(one in GOOD for one in _between(stands, first, last))}
    return found | {
        name: stands[box].value.removesuffix(stands[box].box.unit).strip() for name, box in _FIGURES.items() if stands[box].value
    }


def _between(stands: Mapping[str, Standing], first: str, last: str) -> Sequence[Status]:
    return [one.status for box, one in stands.items() if first <= box <= last]


def _of_launch(opened: Launch, found: Mapping[str, str]) -> dict[str, str]:
    major, minor, _ = (opened.version.partition("-")[0]).split(".")
    return {
        "version": f"v{opened.version}",
        "launch_date": f"{opened.window:%B} {opened.window.day}, {opened.window.year}",
        "launch_at": _clock(opened.window),
        "deployed_at": found.get("cut_over_at") or _clock(opened.window),
        **{name: _clock(opened.window + after) for name, after in _PLAN.items()},
        "next_version": f"v{major}.{int(minor) + 1}.0",
        "runbook_reviewed": "219 boxes",
    }


async def _of_ledger(conn: Connection, opened: Launch | None) -> dict[str, str]:
    """How the public gate was decided, and how often this launch went back."""
    if opened is None:
        return {}
    back = [line for line in await ledger.since(conn, opened.opened_at, "release.rolled_back") if line.seq > opened.seq]
    found = {"rollbacks": str(len(back))}
    if back:
        told = back[-1].told()
        found |= {"rollback_at": _clock(back[-1].at), "stable_version": _version(str(told.get("release", "")))}
        found |= {"issue": str(told["reason"])} if told.get("reason") else {}
    gate = (await ledger.newest(conn, "gate.decided")).get("2h")
    if gate is not None and gate.seq > opened.seq:
        found["next_step"] = "the launch announcement" if gate.told()["gate"] == Gate.GO else "wait, and decide again in 15 minutes"
    return found


async def _of_incident(conn: Connection, now: datetime) -> dict[str, str]:
    """The newest incident, as far as it is known."""
    listed = await incidents.listed(conn, now)
    if not listed:
        return {}
    newest = listed[0]
    said = (await incidents.history(conn, [newest]))[newest.id]
    public = [update for update in said if update.stage != Stage.NOTE]
    found = {"issue": newest.title, "feature": newest.title, "started_at": _clock(newest.opened_at)}
    found |= {"impact": public[0].said} if public else {}
    assessed = (await ledger.newest(conn, incidents.ASSESSED)).get(f"incident {newest.id}")
    if assessed:
        found |= {"users_affected": f"about {assessed.told()['affected']} %"}
        found |= {"plays_safe": "true"} if assessed.told()["data_at_risk"] is False else {}
    if newest.resolved_at is not None:
        found |= {
            "ended_at": _clock(newest.resolved_at),
            "minutes": str(int((newest.resolved_at - newest.opened_at).total_seconds() // 60)),
            "resolution": public[-1].said,
        }
    learnt = (await ledger.newest(conn, incidents.LEARNT)).get(f"incident {newest.id}")
    return found | ({"cause": str(learnt.told()["cause"])} if learnt else {})


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M} UTC"


def _version(release: str) -> str:
    """Of a release's id; what began without a deployment is called as it is."""
    version, _, commit = release.rpartition("-")
    return f"v{version}" if version and commit else release
