"""`ops cron`: the hourly call, built in or at QStash: see it, repair it, pause it, ask for it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypedDict, TypeVar

from cyclopts import App, Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Unavailable
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry
from audiospective.operations.measure import Profile
from audiospective.operations.probes import outside
from audiospective.operations.providers.chosen import SETS_UP
from audiospective.operations.providers.ports import Scheduler

T = TypeVar("T")

app = App(name="cron", help="The hourly call: ensure, status, pause, resume, run-now.")
Which = Annotated[Profile, Parameter(name="--profile")]

#: What each reading must be.
_GOOD = {
    "schedule.reached": "yes",
    "schedule.hourly": "one",
    "schedule.active": "active",
    "schedule.next": "in time",
    "schedule.called": "on time",
    "schedule.dead": "0",
}


class CronAnswer(TypedDict):
    """One question about the schedule."""

    what: str
    says: str
    is_good: bool


@app.command
def status(*, profile: Which = Profile.SELF_HOSTED, as_json: AsJson = False) -> int:
    """Say how the schedule stands; ends with 1 when something isn't as it should be.

    Example: `audiospective ops cron status --profile cloud`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """

    async def work(parts: Parts) -> list[CronAnswer]:
        is_cloud = profile is Profile.CLOUD
        found = await outside.schedule(_scheduler(parts, profile), parts.clock.now(), by_the_hour=is_cloud)
        if trouble := next((one.problem for one in found.values() if one.problem), ""):
            raise Unavailable(trouble)
        return [
            CronAnswer(what=name.partition(".")[2], says=str(found[name].value), is_good=str(found[name].value) == good)
            for name, good in _GOOD.items()
        ]

    rows = with_parts(work)
    answer(
        rows,
        as_json=as_json,
        text=lambda told: "\n".join(f"{'✅' if row['is_good'] else '❌'} {row['what']:<8} {row['says']}" for row in told),
    )
    return Exit.DONE if all(row["is_good"] for row in rows) else Exit.NO


@app.command
def ensure(*, profile: Which = Profile.SELF_HOSTED, as_json: AsJson = False) -> None:
    """Make sure that there is exactly one hourly schedule and that it isn't paused: make it, repair it, take out doubles.

    Example: `audiospective ops cron ensure --profile cloud`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    done = _done(profile, "cron.ensured", lambda scheduler: scheduler.ensure())
    answer(list(done), as_json=as_json, text=lambda lines: "\n".join(lines) or "It is as it should be; nothing was done.")


@app.command
def pause(*, profile: Which = Profile.SELF_HOSTED) -> None:
    """Let nobody be swept by the clock until `ops cron resume`.

    Example: `audiospective ops cron pause`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    _done(profile, "cron.paused", lambda scheduler: scheduler.pause())
    print("Paused. Go on with: audiospective ops cron resume", flush=True)


@app.command
def resume(*, profile: Which = Profile.SELF_HOSTED) -> None:
    """Let the clock call again.

    Example: `audiospective ops cron resume`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    _done(profile, "cron.resumed", lambda scheduler: scheduler.resume())
    print("It goes on.", flush=True)


@app.command(name="run-now")
def run_now(*, profile: Which = Profile.SELF_HOSTED, as_json: AsJson = False) -> None:
    """Ask for a sweep now, besides the hourly one.

    Example: `audiospective ops cron run-now`

    Parameters
    ----------
    profile
        self-hosted or cloud.
    """
    answer(_done(profile, "cron.called", lambda scheduler: scheduler.run_now()), as_json=as_json, text=str)


def _done(profile: Profile, event: str, act: Callable[[Scheduler], Awaitable[T]]) -> T:
    """Do it, and write down that it was done."""

    async def work(parts: Parts) -> T:
        done = await act(_scheduler(parts, profile))
        body = {"profile": profile.value, "done": done if isinstance(done, str | list) else "yes"}
        async with parts.db.transaction() as conn:
            await ledger.append(conn, [Entry(acting(), event, "cron", body)], parts.clock.now())
        return done

    return with_parts(work)


def _scheduler(parts: Parts, profile: Profile) -> Scheduler:
    found = parts.providers(is_cloud=profile is Profile.CLOUD).scheduler
    if found is None:
        raise Unavailable(f"{SETS_UP['scheduler']} isn't set, so the scheduler can't be asked.")
    return found
