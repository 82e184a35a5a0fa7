"""The completeness ledger as page, API and command line show it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from audiospective.archive import coverage
from audiospective.archive.proofs import Reason, Stretch
from audiospective.infra.database import Connection
from audiospective.infra.language import mark
from audiospective.insights.completeness import Completeness, Missing, completeness
from audiospective.insights.listening import Listening

#: Each reason as a sentence for the listener.
SENTENCES = {
    Reason.TOO_LATE: mark("More was played between two sweeps than the 50 plays that Spotify tells."),
    Reason.PERMISSION: mark("Spotify’s permission had ended, and nobody could ask until you signed in again."),
    Reason.FORBIDDEN: mark("Spotify didn’t let this instance’s app ask for you."),
    Reason.QUOTA: mark("Spotify told this instance to wait."),
    Reason.UNREACHABLE: mark("Spotify couldn’t be reached, or its answers couldn’t be believed."),
    Reason.FAULT: mark("What Spotify said couldn’t be stored."),
    Reason.NOT_RUNNING: mark("This instance wasn’t at work."),
    Reason.NEVER_ASKED: mark("Nobody asked Spotify then, and no export covers it."),
}


class StretchAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A stretch of time, RFC 3339 UTC."""

    begin: datetime = msgspec.field(name="from")
    end: datetime = msgspec.field(name="to")


class GapAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A stretch that nothing proves: why, in a word and in a sentence, and how many plays it likely lacks."""

    begin: datetime = msgspec.field(name="from")
    end: datetime = msgspec.field(name="to")
    reason: str
    sentence: str
    likely_lost: int


class GapsAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """`GET /api/gaps`. `provenPercent` of the time from `from` to `to`; both null for an archive without a play or sweep."""

    range: str
    begin: datetime | None = msgspec.field(name="from")
    end: datetime | None = msgspec.field(name="to")
    proven_percent: float
    likely_lost: int
    proven: list[StretchAnswer]
    gaps: list[GapAnswer]


async def complete(conn: Connection, listening: Listening) -> Completeness:
    """How complete the listening's period is."""
    return completeness(listening, await coverage.ledger(conn, listening.history.user))


async def gaps(conn: Connection, listening: Listening) -> GapsAnswer:
    """The ledger of a range."""
    found = await complete(conn, listening)
    return GapsAnswer(
        range=listening.period.spelling,
        begin=found.bounds.from_at if found.bounds else None,
        end=found.bounds.till_at if found.bounds else None,
        proven_percent=found.percent,
        likely_lost=found.likely_lost,
        proven=[_stretch(one) for one in found.proven],
        gaps=[_gap(one) for one in found.missing],
    )


def _stretch(stretch: Stretch) -> StretchAnswer:
    return StretchAnswer(*stretch)


def _gap(one: Missing) -> GapAnswer:
    return GapAnswer(*one.stretch, one.reason.value, SENTENCES[one.reason], one.likely_lost)
