"""`/insights`: a life in music in chapters: when, what, how new, how varied, eras. Each has its sentence, its pictures, its lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from audiospective.infra.language import say, say_html, say_many
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.zones import Zone
from audiospective.reports.insights import InsightsAnswer
from audiospective.reports.story import Story
from audiospective.web.charts.bars import columns
from audiospective.web.views import chapters, told_lists
from audiospective.web.views.chapters import EraView
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, Table
from audiospective.web.views.lists import TopList
from audiospective.web.views.marks import Marks, marks_of
from audiospective.web.views.ranges import RangePicker, range_picker
from audiospective.web.views.words import hour, length, long_day, months, number, of_time, percent

#: Figures that want room; all others stand beside the lists.
_WIDE = {"calendar": "c8", "clock": "c4", "taste": "c12", "eras": "c12"}


class Moment(msgspec.Struct, frozen=True):
    """Something that happened, when, with a link to its track."""

    when: str
    said: str
    name: str
    href: str


class Chapter(msgspec.Struct, frozen=True):
    """A part of the page: its name, its sentence, figures with their width, small ones, lists."""

    id: str
    title: str
    sentence: str
    figures: tuple[tuple[FigureView, str], ...]
    small: tuple[FigureView, ...]
    lists: tuple[TopList, ...]


class InsightsView(msgspec.Struct, frozen=True):
    """The page; a chapter without anything to say is left out. `is_empty`: no play in the range."""

    deck: Deck
    picker: RangePicker
    marks: Marks
    sentence: str
    lede: str
    is_empty: bool
    chapters: tuple[Chapter, ...]
    eras: tuple[EraView, ...]
    moments: tuple[Moment, ...]
    days: tuple[Moment, ...]
    spoken: tuple[TopList, ...]


def insights_view(told: Story, deck: Deck, zone: Zone, complete: Completeness, lens: Lens) -> InsightsView:
    """The page over a range."""
    is_empty = not told.compared.this_week.total_plays
    made = () if is_empty else (_when(told, complete, zone), _what(told), _new(told, zone), _varied(told), _eras(told))
    return InsightsView(
        deck=deck,
        picker=range_picker(told.period, told.today, told.by, "/insights"),
        marks=marks_of(told.period, told.first_day, zone, complete, lens),
        sentence=_sentence(told),
        lede=_lede(told.own, zone),
        is_empty=is_empty,
        chapters=tuple(one for one in made if one.figures or one.small or one.lists),
        eras=chapters.era_rows(told),
        moments=moments_of(told.own, zone),
        days=days_of(told.own),
        spoken=told_lists.spoken_lists(told, zone),
    )


def _when(told: Story, complete: Completeness, zone: Zone) -> Chapter:
    figures = [chapters.calendar_figure(told, complete, zone), chapters.clock_figure(told), starts_figure(told.own)]
    places = (told_lists.place_list(told, kind) for kind in ("devices", "countries"))
    lists = [told_lists.run_list(told), told_lists.season_list(told, months()), *places]
    best = told.streaks.longest_streak
    sentence = say_many(
        best.days, "Your longest run was {n} day with music.", "Your longest run was {n} days with music, one after the other."
    )
    return _chapter("when", say("When"), sentence, figures, lists)


def _what(told: Story) -> Chapter:
    top = told.tops.artists.now
    sentence = say("Most of all {name}.", name=top[0].what.name) if top else say("Nobody in particular.")
    lists = [*told_lists.tops_of(told), told_lists.gone_list(told), *(one for one in told_lists.own_lists(told.own) if one.id != "lost")]
    return _chapter("what", say("What"), sentence, [chapters.taste_figure(told), chapters.decades_figure(told)], lists)


def _new(told: Story, zone: Zone) -> Chapter:
    found = told.discovery
    if told.period.first_day is None:
        sentence = say_many(found.new_tracks, "You met {n} track in all these years.", "You met {n} tracks in all these years.")
    else:
        sentence = say_many(
            found.new_tracks,
            "{n} track was new to you, {share} of all that you heard.",
            "{n} tracks were new to you, {share} of all that you heard.",
            share=percent(round(found.discovery_rate)),
        )
    lost = [one for one in told_lists.own_lists(told.own) if one.id == "lost"]
    return _chapter("new", say("How new"), sentence, [chapters.cohorts_figure(told)], [told_lists.new_list(told, zone), *lost])


def _varied(told: Story) -> Chapter:
    found = told.diversity.artist_diversity
    sentence = say(
        "{artists} artists, with an evenness of {score} out of 100, where 100 is all alike.",
        artists=number(found.unique_artists),
        score=number(round(found.score)),
    )
    return _chapter("varied", say("How varied"), sentence, [chapters.favourites_figure(told)], told_lists.skip_lists(told))


def _eras(told: Story) -> Chapter:
    sentence = say(
        "A chapter begins where your listening changed and stayed changed. By chance alone that happens in {n} of 100 archives.",
        n=number(round(told.eras.false_alarms * 100)),
    )
    return _chapter("eras", say("Eras"), sentence, [chapters.eras_figure(told)], [])


def _chapter(name: str, title: str, sentence: str, figures: Sequence[FigureView | None], lists: Sequence[TopList | None]) -> Chapter:
    drawn = [one for one in figures if one is not None]
    wide = tuple((one, _WIDE[one.id]) for one in drawn if one.id in _WIDE)
    small = tuple(one for one in drawn if one.id not in _WIDE)
    return Chapter(name, title, sentence, wide, small, tuple(one for one in lists if one is not None))


def _sentence(told: Story) -> str:
    sessions, eras = told.own.sessions, told.eras.eras
    if not sessions.count:
        return _spoken_sentence(told) if told.spoken.total_plays else say("Nothing was played in these days.")
    if told.period.first_day is None and len(eras) > 1 and told.first_day:
        years = max(round((told.today - told.first_day).days / 365.25), 1)
        said = say_many(years, "{n} year", "{n} years")
        return say_many(len(eras), "{years} in {n} chapter.", "{years} in {n} chapters.", years=said)
    return say_many(
        sessions.count,
        "You sat down {n} time, for {time} on average.",
        "You sat down {n} times, for {time} on average.",
        time=length(sessions.average_ms),
    )


def _spoken_sentence(told: Story) -> str:
    return say_many(
        told.spoken.total_plays,
        "No music in these days, but {n} episode: {time} of it.",
        "No music in these days, but {n} episodes and chapters: {time} of them.",
        time=length(told.spoken.listened_ms),
    )


def _lede(found: InsightsAnswer, zone: Zone) -> str:
    said = []
    if found.sessions.longest:
        longest = found.sessions.longest
        when: datetime = zone.local(longest.last_at)
        said.append(
            say_many(
                longest.plays,
                "Longest: {time} of music, {n} play, until {hour} on {day}.",
                "Longest: {time} of music, {n} plays, until {hour} on {day}.",
                time=length(longest.listened_ms),
                hour=of_time(when),
                day=long_day(when.date()),
            )
        )
    if found.skips.told and found.skips.skipped:
        said.append(say("{share} of what you began was skipped.", share=percent(found.skips.rate)))
    return " ".join(said)


def moments_of(found: InsightsAnswer, zone: Zone) -> tuple[Moment, ...]:
    """Round numbers and the longest return, oldest first."""
    told = [(one.at, _reached(one.what, one.number), one.track) for one in found.milestones if one.number > 1]
    back = found.longest_return
    if back is not None and (back.at - back.before).days > 1:
        told.append((back.at, say_many((back.at - back.before).days, "back after {n} day", "back after {n} days"), back.track))
    return tuple(
        Moment(long_day(zone.local(at).date()), said, one.name, f"/track/{one.id}")
        for at, said, one in sorted(told, key=lambda row: row[0])
    )


def days_of(found: InsightsAnswer) -> tuple[Moment, ...]:
    """This day in other years."""
    return tuple(
        Moment(str(one.day.year), say_many(one.plays, "{n} play", "{n} plays"), one.track.name, f"/track/{one.track.id}")
        for one in found.on_this_day
    )


def _reached(what: str, count: int) -> str:
    if what == "tracks":
        return say_many(count, "{n} track", "{n} tracks")
    return say_many(count, "{n} artist", "{n} artists") if what == "artists" else say_many(count, "{n} play", "{n} plays")


def starts_figure(found: InsightsAnswer) -> FigureView:
    """Sessions by the hour in which they began."""
    hours = found.sessions.by_hour
    best = max(range(24), key=hours.__getitem__)
    chart = columns(
        hours,
        [(at, hour(at)) for at in (0, 6, 12, 18)],
        say("Sessions by the hour in which they began; the most is lit"),
        height=240,
        lit=best,
        said=hour(best),
        unit=say("sessions"),
    )
    rows = tuple((hour(at), number(count)) for at, count in enumerate(hours))
    answer = say_html("Most often at <b>{hour}</b>.", hour=hour(best))
    return FigureView("starts", say("When do you sit down?"), answer, chart, Table((say("Hour"), say("Sessions")), rows), "bars")
