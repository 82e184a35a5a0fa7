"""`ops decide` and `ops matrix`: go, hold, stop or roll back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.ops_around import target_of
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.operations import decide, launch, ledger, release_record, traffic
from audiospective.operations.decide import Decision, Gate, Phase
from audiospective.operations.judge import Reading
from audiospective.operations.probes import site


def decide_gate(
    phase: str = "t-5", /, *, auto: bool = False, url: Annotated[str, Parameter(name="--url")] = "", as_json: AsJson = False
) -> int:
    """Go, hold, stop or roll back, with the reasons.

    Ends with 0 for go, 1 for hold, stop or roll back, 4 when somebody must sign first, 7 after it was rolled back by itself.

    Example: `audiospective ops decide 15m`

    Parameters
    ----------
    phase
        t-5, health, sign-in, 15m, 1h, 2h; or a chapter.
    auto
        Roll back without asking when three looks in a row, half a minute apart, find that nothing answers, that the database can't be
        reached, or that more than half of all requests fail. Everything else needs a person.
    url
        Where the instance answers; APP_URL unless named.
    """
    at = decide.phase(phase)

    async def work(parts: Parts) -> Decision:
        async with parts.db.transaction() as conn:
            now = parts.clock.now()
            await release_record.catch_up(conn, parts.settings.home, now)  # one may have been taken back with nobody there
            found = decide.decide(at, await launch.standings(conn, at.boxes, now))
            told = {"gate": found.gate.value, "reasons": list(found.reasons), "waits": list(found.waits)}
            await ledger.append(conn, [ledger.Entry(acting(), "gate.decided", at.name, told)], now)
        return found

    found = with_parts(work)
    answer(found, as_json=as_json, text=lambda one: decision_text(one, at))
    if found.gate is Gate.GO:
        return Exit.DONE
    if auto and (why := with_parts(lambda parts: _collapse(parts, url))):
        return _roll_back(why)
    return Exit.WAITS if found.waits and not found.reasons else Exit.NO


def matrix(*, issue: str, affected: float = 100.0) -> None:
    """Say what the rollback matrix says of an issue.

    Example: `audiospective ops matrix --issue sign-in --affected 60`

    Parameters
    ----------
    issue
        data-loss, security, sign-in, feature, errors, appearance or slow.
    affected
        Per cent of users.
    """
    print(decide.matrix(issue, affected), flush=True)


async def _collapse(parts: Parts, url: str) -> str:
    """What three looks in a row agree on; "" for nothing that a program may roll back for."""
    target = await target_of(parts, url)
    looks: list[Mapping[str, Reading]] = []
    for place in range(decide.LOOKS):
        await parts.clock.sleep(decide.APART_S if place else 0)
        now = parts.clock.now()
        async with parts.db.reading() as conn:
            rate = await traffic.look(conn, now, now)
        looks.append(await site.home(parts.spotify.http, target) | await site.health(parts.spotify.http, target) | rate)
    return decide.collapse(looks)


def _roll_back(why: str) -> int:
    from audiospective.cli.main import main  # noqa: PLC0415 (the command line is made of this)

    say(f"Three looks agree: {why}. Rolling back.")
    return Exit.ROLLED_BACK if main(["ops", "rollback", "--reason", f"automatic: {why}"]) == Exit.DONE else Exit.NO


def decision_text(found: Decision, at: Phase) -> str:
    """The decision, why, and the command that comes next."""
    lines = [found.gate.value.upper().replace("-", " "), *(f"  {reason}" for reason in found.reasons)]
    waits = set(found.waits)
    unseen = list(dict.fromkeys(box.command for box in at.boxes if box.id in waits and box.reading))
    names = [box.id for box in at.boxes if box.id in waits and not box.reading]
    if names:
        lines.append(f"  waits for a name: {', '.join(names)} (audiospective ops explain {names[0]})")
    if unseen:
        lines.append(f"  not looked at lately, {len(waits) - len(names)} of {len(at.boxes)} boxes; next:")
        lines += [f"    audiospective {command}" for command in unseen]
    if found.gate is Gate.ROLL_BACK:
        lines.append('  next: audiospective ops rollback --reason "…"')
    return "\n".join(lines)
