"""Every question at several sizes: warm, beside the same answer by SQL and beside one pass of numpy over the columns, the floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import datetime

import numpy as np

from audiospective.archive import history
from audiospective.archive.ingest import store
from audiospective.archive.plays import Batch, History, Source, UserId
from audiospective.infra.clock import SystemClock
from audiospective.infra.database import Connection, Database, execute
from audiospective.insights import (
    activity,
    cohorts,
    comparison,
    days,
    decades,
    discovery,
    diversity,
    eras,
    firsts,
    forgotten,
    milestones,
    movement,
    neighbours,
    obsessions,
    on_this_day,
    ranks,
    recent,
    seasons,
    sessions,
    skips,
    spoken,
    stats,
    streaks,
    taste,
    top,
    trends,
)
from audiospective.insights.lens import Lens
from audiospective.insights.listening import Listening, see
from audiospective.insights.period import parse
from audiospective.insights.zones import Zone
from bench.figure import Figure, once_ms
from bench.listens import made_up
from bench.server import listener, settle

_ZONE = Zone("Europe/Lisbon")
_IN_ZONE = "(p.played_at AT TIME ZONE 'Europe/Lisbon')"
_MONTH, _DAY, _HOUR = (f"date_trunc('month', {_IN_ZONE})", f"{_IN_ZONE}::date", f"extract(hour FROM {_IN_ZONE})")
_PLAYS = "plays p JOIN tracks t ON t.id = p.track_id WHERE p.user_id = %(user)s AND p.flags & 259 = 0 AND p.ms_played >= 30000"
_ROWS = _PLAYS.replace(" JOIN tracks t ON t.id = p.track_id", "")
_SINCE = "lag(p.played_at) OVER (ORDER BY p.played_at)"
_OF_TRACK = "lag(p.played_at) OVER (PARTITION BY p.track_id ORDER BY p.played_at)"

#: A question, how it is asked, and the same answer by SQL ("" where SQL has no words for it).
Question = tuple[str, Callable[[Listening], object], str]
QUESTIONS: tuple[Question, ...] = (
    ("stats", stats.stats, f"SELECT count(*), count(DISTINCT p.track_id), sum(p.ms_played) FROM {_ROWS}"),
    ("top tracks", lambda one: top.tracks(one, 50), f"SELECT p.track_id, count(*) FROM {_ROWS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50"),
    ("top artists", lambda one: top.artists(one, 50), f"SELECT t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50"),
    ("top albums", lambda one: top.albums(one, 50), f"SELECT t.album_id, count(*) FROM {_PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50"),
    ("activity", activity.activity, f"SELECT extract(dow FROM {_IN_ZONE}), {_HOUR}, count(*) FROM {_ROWS} GROUP BY 1, 2"),
    (
        "trends by month",
        lambda one: trends.trends(one, trends.Interval.MONTH),
        f"SELECT {_MONTH}, count(*), count(DISTINCT p.track_id), count(DISTINCT t.artist_id) FROM {_PLAYS} GROUP BY 1",
    ),
    (
        "trends by day",
        lambda one: trends.trends(one, trends.Interval.DAY),
        f"SELECT {_DAY}, count(*), count(DISTINCT p.track_id), count(DISTINCT t.artist_id) FROM {_PLAYS} GROUP BY 1",
    ),
    ("recent plays", lambda one: recent.recent(one, 60), f"SELECT p.played_at, p.track_id FROM {_ROWS} ORDER BY 1 DESC LIMIT 60"),
    ("discovery", discovery.discovery, f"SELECT count(*) FROM (SELECT p.track_id, min(p.played_at) FROM {_ROWS} GROUP BY 1) AS f"),
    ("streaks", streaks.streaks, f"SELECT DISTINCT {_DAY} FROM {_ROWS} ORDER BY 1"),
    ("longest runs", lambda one: streaks.longest(one, 10), f"SELECT DISTINCT {_DAY} FROM {_ROWS} ORDER BY 1"),
    ("comparison", comparison.comparison, f"SELECT count(*), count(DISTINCT p.track_id), sum(p.ms_played) FROM {_ROWS}"),
    ("diversity", diversity.artists, f"SELECT t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1"),
    ("favourites", diversity.favourites, f"SELECT t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1 ORDER BY 2"),
    ("calendar of days", days.days, f"SELECT {_DAY}, count(*) FROM {_ROWS} GROUP BY 1"),
    (
        "sessions",
        sessions.sessions,
        f"SELECT count(*) FILTER (WHERE f.gap > interval '30 min') FROM (SELECT p.played_at - {_SINCE} AS gap FROM {_ROWS}) AS f",
    ),
    (
        "skips",
        skips.skips,
        "SELECT count(*), count(*) FILTER (WHERE p.ms_played < 30000) FROM plays p WHERE p.user_id = %(user)s AND p.flags & 3 = 0",
    ),
    ("skips by artist", skips.by_artist, f"SELECT t.artist_id, count(*) FROM {_PLAYS.replace('>= 30000', '>= 0')} GROUP BY 1"),
    ("milestones", milestones.milestones, f"SELECT p.track_id, min(p.played_at) FROM {_ROWS} GROUP BY 1 ORDER BY 2"),
    (
        "longest return",
        milestones.longest_return,
        f"SELECT max(f.gap) FROM (SELECT p.played_at - {_OF_TRACK} AS gap FROM {_ROWS}) AS f",
    ),
    (
        "obsessions",
        obsessions.obsessions,
        f"SELECT date_trunc('week', {_IN_ZONE}), p.track_id, count(*) FROM {_ROWS} GROUP BY 1, 2 HAVING count(*) > 9",
    ),
    ("forgotten", forgotten.forgotten, f"SELECT p.track_id, count(*), max(p.played_at) FROM {_ROWS} GROUP BY 1 HAVING count(*) > 9"),
    (
        "this day in other years",
        lambda one: on_this_day.on_this_day(one, _ZONE.today(one.now)),
        f"SELECT {_DAY}, count(*) FROM {_ROWS} GROUP BY 1",
    ),
    ("seasons", seasons.seasons, f"SELECT extract(month FROM {_IN_ZONE}), t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1, 2"),
    ("cohorts", cohorts.cohorts, f"SELECT DISTINCT t.artist_id, {_MONTH} FROM {_PLAYS}"),
    (
        "first and last times",
        lambda one: firsts.firsts(one, one.history.artist_ids, 10),
        f"SELECT t.artist_id, min(p.played_at), max(p.played_at), count(*) FROM {_PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
    ),
    ("movement", lambda one: movement.movement(one, one.history.artist_ids, 10), f"SELECT t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1"),
    ("taste", lambda one: taste.taste(one, {}), f"SELECT {_MONTH}, t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1, 2"),
    ("decades", lambda one: decades.decades(one, {}), f"SELECT t.album_id, count(*) FROM {_PLAYS} GROUP BY 1"),
    (
        "ranks of an artist by year",
        lambda one: ranks.yearly(one, one.history.artist_ids, 1),
        f"SELECT extract(year FROM {_IN_ZONE}), t.artist_id, count(*) FROM {_PLAYS} GROUP BY 1, 2",
    ),
    ("neighbours of a track", lambda one: neighbours.neighbours(one, one.history.track_ids == one.history.track_ids[0]), ""),
    ("spoken", spoken.spoken, "SELECT count(*) FROM plays p WHERE p.user_id = %(user)s AND p.flags & 3 <> 0"),
    ("eras", eras.eras, ""),
)


async def figures(db: Database, plays: int) -> list[Figure]:
    """Memory and the cost of reading an archive of so many plays, then every question of it."""
    now = SystemClock().now()
    async with db.transaction() as conn:
        user = await listener(conn, f"bench-questions-{plays}")
    async with db.transaction() as conn:
        await store(conn, [Batch(user, Source.EXTENDED, made_up(plays, now))])
    await settle(db)
    async with db.reading() as conn:
        return await _measured(conn, user, plays, now)


async def _measured(conn: Connection, user: UserId, plays: int, now: datetime) -> list[Figure]:
    began = time.perf_counter()
    loaded = await history.load(conn, user)
    read = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    seen = _seen(loaded, now)
    derived = (time.perf_counter() - began) * 1000
    floor = _median(lambda: _pass(_seen(loaded, now)))
    heard = seen.heard
    held = (loaded.nbytes + heard.row.nbytes + heard.first_row.nbytes + heard.edges.nbytes - 4 * len(loaded)) / len(loaded)
    found = [
        Figure(f"an archive of {plays:,} plays, read from Postgres", read, "ms"),
        Figure("  and seen through lens and zone (once; each question's cold cost)", derived, "ms"),
        Figure("  memory for each play, tracks included", held, "bytes", "≤ 24"),
        Figure("  one pass of numpy over the columns", floor, "ms"),
    ]
    for name, question, statement in QUESTIONS:
        warm = _median(lambda ask=question: ask(_seen(loaded, now)))  # type: ignore[misc]  # bound as it loops
        by_sql = await once_ms(lambda text=statement: execute(conn, text, user=user)) if statement else 0.0  # type: ignore[misc]
        cold = read + derived + warm
        beside = f"SQL {by_sql:,.0f} ms, {by_sql / warm:,.1f} times, cold {by_sql / cold:,.1f}; " if by_sql else ""
        found.append(Figure(f"  {name}", warm, "ms", "", f"{beside}{warm / floor:.1f} passes, cold {cold / floor:.1f}"))
    return found


def _seen(loaded: History, now: datetime) -> Listening:
    """Seen anew, so that a question pays for each column that it reads."""
    return see(loaded, _ZONE, parse("all", now, _ZONE), Lens(), now)


def _pass(seen: Listening) -> object:
    """Every column once: what any question over all plays must do at the least."""
    return (
        int(seen.ended_at.sum()),
        int(seen.ms.sum(dtype=np.int64)),
        np.bincount(seen.track, minlength=len(seen.history.track_ids)),
        int(seen.day.sum(dtype=np.int64)),
    )


def _median(work: Callable[[], object], runs: int = 5) -> float:
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
