"""Our own questions with names put to their ids: what page and API serve."""

from __future__ import annotations

from datetime import date, datetime

from audiospective.archive import catalog
from audiospective.archive.catalog import TrackCard
from audiospective.infra.database import Connection
from audiospective.insights import forgotten as forgotten_of
from audiospective.insights import milestones as milestones_of
from audiospective.insights import obsessions as obsessions_of
from audiospective.insights import on_this_day as days_of
from audiospective.insights import sessions as sessions_of
from audiospective.insights import skips as skips_of
from audiospective.insights.listening import Listening
from audiospective.reports.answers import Answer, TrackAnswer, track


class SessionAnswer(Answer):
    """From the first play's end to the last one's."""

    first_at: datetime
    last_at: datetime
    plays: int
    listened_ms: int


class OpenerAnswer(Answer):
    """A track, and how often it opened a session."""

    track: TrackAnswer
    sessions: int


class SessionsAnswer(Answer):
    """Plays within half an hour of each other; `byHour` counts the local hours in which sessions began; evenings begin at 18:00."""

    count: int
    average_plays: float
    average_ms: int
    longest: SessionAnswer | None
    by_hour: list[int]
    openers: list[OpenerAnswer]
    evening_openers: list[OpenerAnswer]


class MilestoneAnswer(Answer):
    """A round number of plays, tracks or artists, and the track that reached it."""

    what: str
    number: int
    at: datetime
    track: TrackAnswer


class ReturnAnswer(Answer):
    """The track that came back after the longest silence."""

    track: TrackAnswer
    before: datetime
    at: datetime


class ObsessionAnswer(Answer):
    """A week (its Monday) that one track dominated."""

    week: date
    track: TrackAnswer
    plays: int
    of: int


class ForgottenAnswer(Answer):
    """A track that was loved and hasn't been heard for a year."""

    track: TrackAnswer
    plays: int
    last_at: datetime


class DayAnswer(Answer):
    """This day in an earlier year, and its most played track."""

    day: date
    plays: int
    track: TrackAnswer
    track_plays: int


class SkipsAnswer(Answer):
    """Begun tracks of which a source told; `rate` in per cent."""

    told: int
    skipped: int
    rate: float


class InsightsAnswer(Answer):
    """All of them over a range; `forgotten` and `onThisDay` look at the whole archive."""

    range: str
    sessions: SessionsAnswer
    milestones: list[MilestoneAnswer]
    longest_return: ReturnAnswer | None
    obsessions: list[ObsessionAnswer]
    forgotten: list[ForgottenAnswer]
    on_this_day: list[DayAnswer]
    skips: SkipsAnswer


async def insights(conn: Connection, listening: Listening) -> InsightsAnswer:
    """Every question over a range."""
    everything = listening.everything
    sat = sessions_of.sessions(listening)
    reached, back = milestones_of.milestones(listening), milestones_of.longest_return(listening)
    loops, lost = obsessions_of.obsessions(listening), forgotten_of.forgotten(everything)
    days = days_of.on_this_day(everything, listening.zone.today(listening.now))
    ids = {one.track_id for group in (reached, loops, lost, days) for one in group}
    ids |= {one for one, _ in (*sat.openers, *sat.evening_openers)}
    cards = await catalog.tracks(conn, ids | ({back.track_id} if back else set()))
    said = skips_of.skips(listening)
    return InsightsAnswer(
        range=listening.period.spelling,
        sessions=_sessions(sat, cards),
        milestones=[MilestoneAnswer(one.what.value, one.number, one.at, track(cards[one.track_id])) for one in reached],
        longest_return=ReturnAnswer(track(cards[back.track_id]), back.before, back.at) if back else None,
        obsessions=[ObsessionAnswer(one.monday, track(cards[one.track_id]), one.plays, one.of) for one in loops],
        forgotten=[ForgottenAnswer(track(cards[one.track_id]), one.plays, one.last_at) for one in lost],
        on_this_day=[DayAnswer(one.day, one.plays, track(cards[one.track_id]), one.track_plays) for one in days],
        skips=SkipsAnswer(said.told, said.skipped, said.rate),
    )


def _sessions(found: sessions_of.Sessions, cards: dict[int, TrackCard]) -> SessionsAnswer:
    best = found.longest
    longest = SessionAnswer(best.first_at, best.last_at, best.plays, best.listened_ms) if best else None
    openers, evenings = (
        [OpenerAnswer(track(cards[one]), times) for one, times in those] for those in (found.openers, found.evening_openers)
    )
    return SessionsAnswer(found.count, found.average_plays, found.average_ms, longest, list(found.by_hour), openers, evenings)
