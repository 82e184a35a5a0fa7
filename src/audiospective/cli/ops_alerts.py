"""`ops alerts`: what fires, who is told, and what is silenced."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from cyclopts import App

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.operations import alerts
from audiospective.operations.alerts import RULES, Silence

app = App(name="alerts", help="Rules, what fires, channels, silences.")


class AlertAnswer(TypedDict):
    """A rule: `state` is quiet, firing or silenced."""

    rule: str
    state: str
    says: str
    channels: list[str]


@app.command(name="list")
def list_alerts(*, as_json: AsJson = False) -> int:
    """List every rule and how it stands; ends with 1 when one fires.

    Example: `audiospective ops alerts list`
    """

    async def work(parts: Parts) -> list[AlertAnswer]:
        async with parts.db.reading() as conn:
            fires = {one.rule for one in await alerts.ongoing(conn)}
            quiet = {one.rule for one in await alerts.silences(conn) if one.until > parts.clock.now()}
        return [
            AlertAnswer(
                rule=rule.name,
                state="silenced" if rule.name in quiet else "firing" if rule.name in fires else "quiet",
                says=rule.says,
                channels=[channel.value for channel in rule.channels],
            )
            for rule in RULES
        ]

    rows = with_parts(work)
    answer(rows, as_json=as_json, text=lambda found: "\n".join(map(_line, found)))
    return Exit.NO if any(row["state"] == "firing" for row in rows) else Exit.DONE


@app.command(name="test")
def try_out(*, as_json: AsJson = False) -> int:
    """Send a trial message on every channel that is set up; ends with 1 unless there is one and each has a receipt.

    Example: `audiospective ops alerts test`
    """

    async def work(parts: Parts) -> tuple[dict[str, str], bool]:
        carriers = parts.carriers()
        found = await alerts.tried(parts.db, carriers, parts.clock)
        unset = {str(channel): f"not set up: {names}" for channel, names in alerts.SETTINGS.items() if channel not in carriers}
        said = {one.channel: one.receipt if one.state == "sent" else f"{one.state}: {one.trouble}" for one in found}
        return unset | said, bool(found) and all(one.state == "sent" for one in found)

    found, is_well = with_parts(work)
    answer(found, as_json=as_json, text=lambda told: "\n".join(f"{channel:<6}{said}" for channel, said in told.items()))
    return Exit.DONE if is_well else Exit.NO


@app.command
def silence(rule: str, /, *, minutes: int, reason: str) -> None:
    """Tell nobody of a rule for a while.

    Example: `audiospective ops alerts silence cpu --minutes 90 --reason "Import of old archives"`

    Parameters
    ----------
    rule
        As `ops alerts list` names it.
    minutes
        For how long, seven days at most.
    reason
        Why; it is shown.
    """

    async def work(parts: Parts) -> None:
        now = parts.clock.now()
        async with parts.db.transaction() as conn:
            await alerts.silence(conn, Silence(rule, now + timedelta(minutes=minutes), reason, acting()), now)

    with_parts(work)
    print(f"{rule} is silenced for {minutes} minutes.", flush=True)


def _line(row: AlertAnswer) -> str:
    return f"{row['state']:<9} {row['rule']:<13} {', '.join(row['channels']):<11} {row['says']}"
