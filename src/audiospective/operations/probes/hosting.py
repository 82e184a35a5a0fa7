"""What the host of releases says: project, domain, builds, the release that serves, and its log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from audiospective.operations.judge import Reading
from audiospective.operations.probes.outside import Readings, told
from audiospective.operations.providers.ports import Ci, Hosting, LogLine, Release, Stage
from audiospective.operations.providers.sentry import MARKER

_NAMES = ("project", "deploys", "domain", "build_lines", "state", "build")
_RELEASES = ("releases.last_good", "releases.rollback_ready")
_DEPLOY = ("deploy.laid_out_s", "deploy.ready_s", "deploy.address_answers")
_LOGS = ("logs.errors", "logs.infos", "logs.server_errors")


async def look(hosting: Hosting, serves_now: str) -> Readings:
    """Everything but the log; `serves_now` is the version that the public address answers with, "" when it doesn't answer."""

    async def question() -> Readings:
        project = await hosting.project()
        domains = await hosting.domains()
        found = await hosting.releases()
        current = next((one for one in found if one.serves), None)
        newest = found[0] if found else None
        lines = await hosting.build_log(newest.id) if newest else []
        lacking = [f"{one.name}: {one.trouble}" for one in domains if one.trouble]
        return {
            "hosting.project": Reading("there", "hosting", project.name),
            "hosting.deploys": Reading("possible", "hosting", f"by itself from {project.branch}" if project.branch else "by hand"),
            "hosting.domain": Reading("; ".join(lacking) or "ready", "hosting", ", ".join(one.name for one in domains)),
            "hosting.build_lines": Reading(len(lines), "hosting"),
            "hosting.state": Reading(_state(current, newest), "hosting"),
            "hosting.build": Reading(_build(newest), "hosting"),
            **_way_back(found),
            **_course(newest, serves_now),
        }

    return await told((*(f"hosting.{name}" for name in _NAMES), *_RELEASES, *_DEPLOY), "hosting", question)


async def logs(hosting: Hosting, since: datetime) -> Readings:
    """What the release that serves has said since then; test errors left out."""

    async def question() -> Readings:
        current = next((one for one in await hosting.releases() if one.serves), None)
        if current is None:
            return {name: Reading(source="log", problem="no release serves") for name in _LOGS}
        return of_lines([line for line in await hosting.logs(current.id) if line.at >= since])

    return await told(_LOGS, "log", question)


def of_lines(lines: Sequence[LogLine]) -> Readings:
    """Errors, signs of life, and answers with 5xx."""
    meant = [line for line in lines if MARKER not in line.message]
    errors = [line for line in meant if line.level in {"error", "fatal", "critical"}]
    return {
        "logs.errors": Reading(len(errors), "log", errors[0].message[:120] if errors else ""),
        "logs.infos": Reading(sum(line.level == "info" for line in meant), "log"),
        "logs.server_errors": Reading(sum(500 <= line.status < 600 for line in meant), "log"),
    }


async def workflow(ci: Ci, name: str, commit: str) -> Readings:
    """The run of a deployment's workflow at this commit, job by job."""
    names = ("deploy.started", "deploy.build", "deploy.switch", "deploy.checks")
    if not commit:
        return {one: Reading(source="github", problem="which commit this is can't be read of git") for one in names}

    async def question() -> Readings:
        run = await ci.run_of(name, commit)
        if run is None:
            return {one: Reading("no", "github", f"no run of {name} at {commit[:8]} yet") for one in names}
        jobs = await ci.jobs(run.id)
        steps = {"deploy.build": "build", "deploy.switch": "deploy", "deploy.checks": "verify"}
        return {"deploy.started": Reading("yes", "github", run.url)} | {one: _job(jobs, job) for one, job in steps.items()}

    return await told(names, "github", question)


def _job(jobs: dict[str, str], name: str) -> Reading:
    said = next((one for job, one in jobs.items() if job.lower().startswith(name)), None)
    if said is None:
        return Reading(source="github", problem=f"the run has no job “{name}”")
    if said in {"queued", "in_progress", "waiting"}:
        return Reading(source="github", problem=f"the job “{name}” is {said}")
    return Reading("yes" if said == "success" else said, "github")


def _state(current: Release | None, newest: Release | None) -> str:
    if current is None:
        return "no release serves"
    if current.stage is not Stage.READY:
        return current.stage.value
    if newest is not None and newest.id != current.id and newest.stage is not Stage.READY:
        return f"Ready, but the newest is {newest.stage.value}"
    return "Ready"


def _build(newest: Release | None) -> str:
    if newest is None:
        return "nothing was built"
    return "successful" if newest.stage is Stage.READY and not newest.trouble else newest.trouble or newest.stage.value


def _way_back(found: Sequence[Release]) -> Readings:
    good = next((one for one in found if not one.serves and one.can_return), None)
    if good is None:
        nothing = "no release that one could go back to"
        return {
            "releases.last_good": Reading(source="hosting", problem=nothing),
            "releases.rollback_ready": Reading("no", "hosting", nothing),
        }
    command = f"audiospective ops rollback --profile cloud --to {good.id}"
    return {"releases.last_good": Reading(good.url, "hosting", good.id), "releases.rollback_ready": Reading("yes", "hosting", command)}


def _course(newest: Release | None, serves_now: str) -> Readings:
    if newest is None:
        return {name: Reading(source="hosting", problem="nothing was deployed yet") for name in _DEPLOY}
    return {
        "deploy.laid_out_s": _seconds(newest.created_at, newest.building_at, newest.stage),
        "deploy.ready_s": _seconds(newest.created_at, newest.ready_at, newest.stage),
        "deploy.address_answers": Reading("yes" if newest.serves and serves_now else "no", "hosting", newest.url),
    }


def _seconds(begin: datetime, end: datetime | None, stage: Stage) -> Reading:
    if end is None:
        return Reading(source="hosting", problem=f"the newest deployment is {stage.value}, and doesn't say when")
    return Reading(round((end - begin).total_seconds(), 1), "hosting")
