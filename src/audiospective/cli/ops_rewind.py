"""`ops rollback data` and `ops drill data`: the cloud's data as they were at a moment, for good or on a copy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypedDict

from cyclopts import Parameter

from audiospective.bootstrap import Parts
from audiospective.cli.acting import acting
from audiospective.cli.endings import Exit, say
from audiospective.cli.environment import read_settings
from audiospective.cli.ops_releases import By
from audiospective.cli.ops_rollback import may
from audiospective.cli.output import AsJson, answer
from audiospective.cli.session import with_parts
from audiospective.errors import Conflict, Invalid, Unavailable
from audiospective.infra.clock import clock_of
from audiospective.operations import release_state, rewind
from audiospective.operations.providers.chosen import SETS_UP
from audiospective.operations.rewind import Errand, Rewound


class RewoundAnswer(TypedDict):
    """What the data are now, and what they were before."""

    to: datetime
    kept_as: str
    erased_again: int
    seconds: float
    is_new: bool


class RehearsedAnswer(TypedDict):
    """What a copy of that moment holds beside what is here now; seconds until it could be read. `is_of_then`: nothing in it is newer."""

    of: datetime
    seconds: float
    people_then: int
    people_now: int
    plays_then: int
    plays_now: int
    is_of_then: bool


def go_back(
    at: datetime,
    /,
    *,
    reason: str = "",
    by: By = "",
    yes_replace: Annotated[bool, Parameter(name="--yes-replace", negative=())] = False,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_json: AsJson = False,
) -> int:
    """Let the database's host (Neon) put all data back as they were at a moment; what came since stays there under another name.

    The deployment lead may at any time; others with the lead's approval. Whoever was deleted since stays deleted, and nothing is asked of
    Spotify until `ops resume`. Ends with 5 when it may not be, 6 when its end isn't known: run it again.

    Example: `audiospective ops rollback data 2026-11-24T10:05Z --reason "plays were overwritten" --yes-replace`

    Parameters
    ----------
    at
        The moment, UTC unless it says otherwise.
    reason
        What is wrong; written down.
    by
        Your name; the account that you are signed in with unless named.
    yes_replace
        What came since then may go.
    dry_run
        Ask the host whether it could, say what would be done, and do nothing.
    """
    who, moment = by or acting(), _utc(at)
    if dry_run:
        name = with_parts(lambda parts: rewind.check(_errand(parts, who), moment))
        print(f"Neon would restore its main branch to {moment:%Y-%m-%d %H:%M:%S} UTC and keep the present one as {name}.", flush=True)
        return Exit.DONE
    if not reason.strip():
        raise Invalid("Say what is wrong: --reason “…”.", field="--reason")
    settings = read_settings()
    if not rewind.is_begun(settings.home, who, moment):
        may(who)
    if not yes_replace:
        raise Conflict("What came since then would go; rehearse it with audiospective ops drill data, then say --yes-replace.")
    with release_state.locked(settings.home, who, "rolling data back", clock_of(settings).now()):
        done = with_parts(lambda parts: rewind.go_back(_errand(parts, who), moment, reason=reason.strip()))
    told = RewoundAnswer(to=moment, kept_as=done.kept_as, erased_again=done.erased_again, seconds=done.seconds, is_new=done.is_new)
    answer(told, as_json=as_json, text=lambda _: _text(done, moment))
    return Exit.DONE


def drill(at: datetime, /, *, by: By = "", as_json: AsJson = False) -> int:
    """Rehearse it: let the host make a copy of that moment, read it, compare, and take it away; nothing else is touched.

    Example: `audiospective ops drill data 2026-11-24T10:05Z`

    Parameters
    ----------
    at
        The moment, UTC unless it says otherwise.
    by
        Your name; the account that you are signed in with unless named.
    """
    moment = _utc(at)
    now, then, seconds = with_parts(lambda parts: rewind.rehearse(_errand(parts, by or acting()), moment))
    told = RehearsedAnswer(
        of=moment,
        seconds=seconds,
        people_then=then.people,
        people_now=now.people,
        plays_then=then.plays,
        plays_now=now.plays,
        is_of_then=then.newest is None or then.newest <= moment,
    )
    answer(told, as_json=as_json, text=_rehearsed)
    return Exit.DONE if told["is_of_then"] else Exit.NO


def _errand(parts: Parts, by: str) -> Errand:
    host = parts.providers(is_cloud=True).database
    if host is None:
        raise Unavailable(f"{SETS_UP['database']} aren't set, so no host can restore; on one machine: audiospective ops restore FILE")
    return Errand(parts.db, host, parts.clock, parts.sealer, parts.spotify.client_id, parts.settings.home, by, say)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _text(done: Rewound, moment: datetime) -> str:
    if not done.is_new:
        return f"That was done before; what was there stays as {done.kept_as}. To do it again, rename that branch at Neon first."
    return (
        f"✓ Data are as of {moment:%Y-%m-%d %H:%M:%S} UTC, after {done.seconds:.0f} s; before it they stay as {done.kept_as}.\n"
        f"{done.erased_again} deleted accounts were erased again. Sweeps wait: look around, then say “audiospective ops resume”."
    )


def _rehearsed(told: RehearsedAnswer) -> str:
    if not told["is_of_then"]:
        return "The copy holds what came after that moment: the host didn't go back to it."
    return (
        f"Readable after {told['seconds']:.0f} s: {told['plays_then']:,} plays of {told['people_then']:,} people; now there are "
        f"{told['plays_now']:,} of {told['people_now']:,}. The copy is gone again."
    )
