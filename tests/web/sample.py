"""Made-up people and archives in every state a page can be in, for tests that look at pages without a server."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

from audiospective.accounts.lenses import Rule, Wanted
from audiospective.accounts.people import Person
from audiospective.accounts.tokens import Token
from audiospective.archive.catalog import AlbumCard, ArtistCard, TrackCard
from audiospective.archive.plays import Kind, Source
from audiospective.collect.notices import Standing
from audiospective.infra.language import Language, spoken
from audiospective.insights.completeness import Completeness
from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.recent import Recent, RecentPage
from audiospective.insights.stats import Stats
from audiospective.insights.trends import Newness
from audiospective.insights.zones import Zone
from audiospective.privacy.receipt import Receipt
from audiospective.reports import dashboard as report
from audiospective.reports.entity import Counted, EntityKind
from audiospective.reports.finding import Filter
from audiospective.reports.share import Item, Numbers, Report, Share
from audiospective.settings import load
from audiospective.web.api.docs import ApiPage, Argument, Call
from audiospective.web.api.examples import example
from audiospective.web.assets import Assets
from audiospective.web.errors import Fault
from audiospective.web.rendering import icons, make_environment
from audiospective.web.views.about import about_view
from audiospective.web.views.dashboard import dashboard_view
from audiospective.web.views.deck import Deck
from audiospective.web.views.design import design_view
from audiospective.web.views.entity import entity_view
from audiospective.web.views.history import Looked, history_view
from audiospective.web.views.landing import landing_view
from audiospective.web.views.leaving import deleted_view, receipt_view
from audiospective.web.views.made_up import HOLES
from audiospective.web.views.marks import marks_of
from audiospective.web.views.permission import Permission
from audiospective.web.views.settings import settings_view
from audiospective.web.views.share import shared_view, shares_view
from audiospective.web.views.standing import standing_view
from tests.web.sample_access import ACCESS, ANOTHER, going_out
from tests.web.sample_amounts import in_hour, plays_on
from tests.web.sample_app import beside_settings, sign_ins
from tests.web.sample_entity import an_entity
from tests.web.sample_imports import importing
from tests.web.sample_insights import telling
from tests.web.sample_ops import operating
from tests.web.sample_status import statuses

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
TODAY, FIRST = NOW.date(), date(2016, 3, 4)
LISBON = Zone("Europe/Lisbon")
HOSTILE = '"><script>alert(1)</script>&'
IDLE, BUSY, ALONE = Deck(True, False, "12 min ago, next 22:00"), Deck(True, True, "usually 2 seconds"), Deck(False, False, "")
MARA = Person(1, "mara", "Mara Lindqvist", "spotify-mara", LISBON.name, "system", NOW, 7)

_SETTINGS = load({"APP_SECRET": "s" * 64})
_NAMES = (
    ("Low Tide Choir", "Marrow Coast", "Estuary"),
    ("Nº 7, for Left Hand", "Ilse Vandermeer", "Études of Rain"),
    ("真夜中のエレベーター", "雲の上", "東京サイダー"),
    ("Minutes of the Last Meeting, Read Aloud and Then Read Again in Full", "The Quiet Committee", "Any Other Business"),
    ("رسالة من البحر", "أمل حداد", "Letters"),
    (HOSTILE, HOSTILE, HOSTILE),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to be looked at: `name` says which page in which state."""

    name: str
    template: str
    view: object
    person: Person | None = MARA
    here: str = "/dashboard"


ASSETS = Assets()
_ENVIRONMENT = make_environment(ASSETS.url, reload=False)


RULES = Wanted(30, (Rule(1, "artist", 7, HOSTILE), Rule(2, "hours", 2206, "22:00 to 06:59")))
#: An archive of which nothing is known yet.
NOTHING = Completeness(None, 1.0, (), ())
marks = partial(marks_of, Period("all", None, None), FIRST, LISBON, HOLES, Lens(min_ms=0))


def rendered(sample: Sample) -> str:
    """The page as a browser gets it."""
    surroundings = {"here": sample.here, "form_token": "form-token", "simulated": True}
    surroundings |= {"lang": spoken().tag, "dir": spoken().direction}
    theme = sample.person.theme if sample.person else "system"
    return _ENVIRONMENT.get_template(sample.template).render(view=sample.view, person=sample.person, theme=theme, **surroundings)


def samples() -> list[Sample]:
    """Every page in every state, in the language that is spoken."""
    return list(_all_in(spoken()).values())


def named(name: str) -> Sample:
    """The sample of that name in the language that is spoken; all of a language are made once."""
    return _all_in(spoken())[name]


@cache
def _all_in(_: Language) -> dict[str, Sample]:
    rooms = (_dashboards, _imports, _settings, _leaving, _sharing, _looking, _telling, _statuses, _faults, _front)
    return {one.name: one for make in rooms for one in make()}


def _dashboards() -> Iterator[Sample]:
    states: dict[str, tuple[report.Dashboard, Deck]] = {
        "ten-years": (ten_years(), IDLE),
        "all-of-it": (replace(ten_years(), period=Period("all", None, None), before=None, sparks=None), IDLE),
        "one-year": (replace(ten_years(), period=Period("2024", date(2024, 1, 1), date(2024, 12, 31))), IDLE),
        "archiving": (ten_years(), BUSY),
        "held-up": (ten_years(), replace(IDLE, standing=standing_view(Standing("held_up", NOW - timedelta(days=2)), LISBON))),
        "quiet": (ten_years(), replace(IDLE, standing=standing_view(Standing("quiet", NOW - timedelta(days=9)), LISBON))),
        "permission-ending": (ten_years(), replace(IDLE, permission=Permission("warn", "It ends in 3 days.", "One click.", "Renew now"))),
        "one-play": (one_play(), IDLE),
        "quiet-week": (quiet_week(), IDLE),
        "first-day": (nothing_yet(), IDLE),
        "first-day-without-spotify": (nothing_yet(), ALONE),
        "podcasts-only": (replace(nothing_yet(), podcast_plays=31), IDLE),
    }
    for state, (found, deck) in states.items():
        complete = NOTHING if found is nothing_yet() else HOLES
        view = dashboard_view(found, deck, LISBON, NOW, complete=complete, lens=Lens(min_ms=0))
        yield Sample(f"dashboard-{state}", "pages/dashboard.html", view)


def _imports() -> Iterator[Sample]:
    for state, view in importing(IDLE, LISBON, NOW, HOSTILE):
        yield Sample(f"imports-{state}", "pages/imports.html", view, here="/imports")


_CALENDAR = "https://music.example.org/calendar/1.c2lnbmF0dXJl.ics"


def _settings() -> Iterator[Sample]:
    listed = (Token("1", "Phone scrobbler", NOW, NOW - timedelta(minutes=3)), Token("2", HOSTILE, NOW, None))
    good = Permission("good", "Connected to Spotify.", "The permission lasts until 24 May 2027.", "Renew now")
    warn = Permission("warn", "Spotify’s permission ends in 9 days.", "One click renews it; nothing is lost.", "Renew now")
    bad = Permission("bad", "Spotify’s permission has ended.", "Collecting has stopped.", "Sign in again")
    for state, permission in (("connected", good), ("ending", warn), ("ended", bad)):
        view = settings_view(MARA, IDLE, listed, permission, NOW, wanted=RULES, calendar=_CALENDAR, shares=(a_share(),), access=ACCESS)
        yield Sample(f"settings-{state}", "pages/settings.html", view, here="/settings")
    alone = replace(MARA, spotify_id=None, theme="dark")
    for name, template, other in beside_settings(good, NOW, HOSTILE):
        yield Sample(name, template, other, here="/settings/app")
    view = settings_view(
        alone, ALONE, (), None, NOW, wanted=Wanted(45, ()), calendar=_CALENDAR, new_token="asp_" + "k3" * 24, is_saved=True
    )
    yield Sample("settings-without-spotify", "pages/settings.html", view, alone, "/settings")


def _leaving() -> Iterator[Sample]:
    went = {"playEvents": 143_880, "imports": 3, "personalTokens": 1, "sessions": 2, "spotifyPermissions": 1, "user": 1}
    yield Sample("deleted", "pages/deleted.html", deleted_view(went, "asr1.e30.c2lnbmF0dXJl"), None, "/settings/delete")
    stated = Receipt("https://music.example.org", NOW, went)
    for name, given, found in (("check", "", None), ("genuine", "asr1.e30.c2ln", stated), ("forged", HOSTILE, None)):
        yield Sample(f"receipt-{name}", "pages/receipt.html", receipt_view(given, found), None, "/receipt")


def a_share(**told: object) -> Share:
    """A report of a summer; `told` overrides what it shows."""
    items = [Item(f"Song {place}", "Marrow Coast" if place else HOSTILE, 90 - 7 * place, None, None) for place in range(10)]
    days = [(date(2026, 6, 1) + timedelta(days=place), plays_on(date(2026, 6, 1) + timedelta(days=place))) for place in range(92)]
    known: dict[str, object] = {"title": HOSTILE, "description": HOSTILE, "name": HOSTILE, "range": "2026-06-01..2026-08-31"}
    known |= {"first_day": date(2026, 6, 1), "last_day": date(2026, 8, 31), "made_on": TODAY, "interval": "day", "days": days}
    known |= {"numbers": Numbers(2_790, 572_400_000, 841, 211), "tracks": items, "artists": items[:4], "albums": items[:2]}
    known |= {"heatmap": [[in_hour(day, hour) for hour in range(24)] for day in range(7)]}
    make: Callable[..., Report] = Report
    return Share("Q0FOQVJZLW9mLWEtc2hhcmU", make(**(known | told)), "", NOW - timedelta(days=1), None, 41)


def _sharing() -> Iterator[Sample]:
    bare = a_share(
        description="", name=None, numbers=None, artists=[], albums=[], heatmap=[], interval="month", days=[(date(2025, 12, 1), 7)]
    )
    for name, found in (("whole", a_share()), ("bare", bare)):
        yield Sample(f"shared-{name}", "pages/shared.html", shared_view(found, "https://music.example.org/share/x"), None, "/share/x")
    ended = replace(a_share(), id="ended", expires_at=NOW - timedelta(hours=1))
    for name, own in (("none", ()), ("some", (a_share(), ended))):
        view = shares_view(
            IDLE, own, LISBON, NOW, display_name=HOSTILE, spelling="2024", base="https://music.example.org/share/", made=a_share().id
        )
        yield Sample(f"shares-{name}", "pages/shares.html", view, here="/shares")


def _looking() -> Iterator[Sample]:
    cards = {place: _track(place) for place in range(5)}
    plays = tuple(
        Recent(str(place), NOW - timedelta(hours=5 * place), place % 5, 187_000 if place % 2 else None, Source.API) for place in range(12)
    )
    looked = Looked(Filter(HOSTILE, artist=7, source="spotify-api"), "2024", "2024-03-31", {"artist": HOSTILE})
    nothing = Looked(Filter(), "all", "", {})
    for name, asked, page in (
        ("all", nothing, RecentPage(plays, 143_880, "1-1")),
        ("filtered", looked, RecentPage(plays[:1], 1, None)),
        ("no-match", looked, RecentPage((), 0, None)),
    ):
        shown = history_view(IDLE, asked, page, cards, LISBON, ever=143_880, marks=marks())
        yield Sample(f"history-{name}", "pages/history.html", shown, here="/history")
    shown = history_view(ALONE, nothing, RecentPage((), 0, None), {}, LISBON, ever=0, marks=marks())
    yield Sample("history-empty", "pages/history.html", shown, here="/history")
    made: dict[EntityKind, TrackCard | ArtistCard | AlbumCard] = {EntityKind.TRACK: cards[0], EntityKind.ARTIST: cards[0].artists[0]}
    for kind, card in made.items():
        found = an_entity(kind, card, tuple(Counted(one, 40 - 7 * place) for place, one in cards.items()), NOW)
        yield Sample(f"entity-{kind}", "pages/entity.html", entity_view(found, IDLE, LISBON, NOW, marks()), here=f"/{kind}/1")


def _telling() -> Iterator[Sample]:
    yield from (Sample(name, template, view, here="/insights") for name, template, view in telling(NOW, HOSTILE, IDLE, LISBON))


def _statuses() -> Iterator[Sample]:
    for name, view in statuses(NOW, HOSTILE):
        yield Sample(f"status-{name}", "pages/status.html", view, None, "/status")
    for name, template, shown in operating(NOW, HOSTILE):
        yield Sample(f"ops-{name}", template, shown, here="/ops")


def _faults() -> Iterator[Sample]:
    for status, title in ((404, "There is nothing here"), (429, "A little slower, please"), (503, "The archive isn't answering")):
        fault = Fault(status, "CODE", title, "Say what happened, then what to do.", {})
        yield Sample(f"error-{status}", "pages/error.html", fault, None, "/no/such/page")
    typo = Fault(400, "VALIDATION_ERROR", "That doesn't work", "Say what happened, then what to do.", {}, back="/settings?saved=1")
    yield Sample("error-400", "pages/error.html", typo, here="/api/settings")
    logged = Fault(500, "INTERNAL_ERROR", "Something went wrong", "It is logged as 7C1E94AB.", {}, request_id="7C1E94AB")
    yield Sample("error-500", "pages/error.html", logged)


def _front() -> Iterator[Sample]:
    for name, ended in (("landing", False), ("landing-session-ended", True)):
        yield Sample(name, "pages/landing.html", landing_view("/imports", ended, TODAY), None, "/")
    for name, template, view in sign_ins():
        yield Sample(name, template, view, None, "/auth/spotify")
    yield Sample("another-account", "pages/another_account.html", ANOTHER, here="/auth/spotify/callback")
    for name, template, page, is_known in going_out(IDLE):
        yield Sample(name, template, page, MARA if is_known else None, "/settings")
    yield Sample("privacy", "pages/privacy.html", about_view(_SETTINGS), None, "/privacy")
    yield Sample("help", "pages/help.html", about_view(_SETTINGS), None, "/help")
    yield Sample("leave-us", "pages/leave_us.html", None, None, "/leaving")
    yield Sample("terms", "pages/terms.html", None, MARA, "/terms")
    calls = (
        Call("GET", "/api/stats", "Numbers of a range.", (Argument("range", "7d, 2024, all", "7d"),), example("GET", "/api/stats")),
        Call("POST", "/api/x", "", ()),
    )
    yield Sample("design", "pages/design.html", design_view(tuple(icons())), None, "/design")
    yield Sample("api", "pages/api_docs.html", ApiPage("1", "/api/docs/openapi.json", calls), None, "/api/docs")


@cache
def ten_years() -> report.Dashboard:
    """A week seen from a full archive."""
    days = tuple(report.DayCount(TODAY - timedelta(days=back), plays_on(TODAY - timedelta(days=back))) for back in range(89, -1, -1))
    now = Stats(279, 94, 41, 52, 57_240_000, NOW - timedelta(days=6), NOW)
    return report.Dashboard(
        period=Period("7d", TODAY - timedelta(days=6), TODAY),
        stats=now,
        before=Stats(205, 88, 44, 52, 43_000_000, NOW - timedelta(days=13), NOW - timedelta(days=7)),
        new_share=31.0,
        new_share_before=22.0,
        sparks=report.Sparks(*(tuple(round(40 + 18 * math.sin(place * 1.7 + row)) for place in range(12)) for row in range(5))),
        daily=days,
        daily_year_before=tuple(plays_on(one.day - timedelta(days=364)) for one in days),
        busiest=max(days, key=lambda one: one.plays),
        average_per_day=37.0,
        heatmap=tuple(tuple(in_hour(day, hour) for hour in range(24)) for day in range(7)),
        peak=(5, 22),
        top_tracks=tuple(report.RankedTrack(_track(place), 11 - place, 2_000_000, _change(place)) for place in range(5)),
        top_artists=tuple(report.RankedArtist(_artist(place), 31 - place * 4, 6_000_000, _change(place + 1)) for place in range(5)),
        top_albums=tuple(report.RankedAlbum(_album(place), 24 - place * 3, 4_000_000, _change(place + 2)) for place in range(5)),
        recent=tuple(report.RecentPlay(NOW - timedelta(hours=place * 7), _track(place), 200_000, Source.API) for place in range(6)),
        years=tuple(report.YearWeeks(year, _weeks(year)) for year in range(FIRST.year, TODAY.year + 1)),
        months=tuple(_months()),
        newness=tuple(Newness(TODAY - timedelta(weeks=back), 90, 20 + back * 7 % 13) for back in range(25, -1, -1)),
        first_day=FIRST,
        today=TODAY,
        total_plays_ever=143_880,
        podcast_plays=412,
    )


def one_play() -> report.Dashboard:
    """An archive of one play, today."""
    return replace(
        ten_years(),
        stats=Stats(1, 1, 1, 1, 200_000, NOW, NOW),
        before=None,
        new_share=100.0,
        new_share_before=None,
        sparks=report.Sparks(*([(0,) * 11 + (1,)] * 5)),
        daily=tuple(report.DayCount(TODAY - timedelta(days=back), int(back == 0)) for back in range(13, -1, -1)),
        daily_year_before=(),
        busiest=report.DayCount(TODAY, 1),
        average_per_day=1 / 14,
        heatmap=tuple(tuple(int((day, hour) == (0, 21)) for hour in range(24)) for day in range(7)),
        peak=(0, 21),
        top_tracks=ten_years().top_tracks[:1],
        top_artists=ten_years().top_artists[:1],
        top_albums=(),
        recent=ten_years().recent[:1],
        years=(report.YearWeeks(TODAY.year, (0,) * 46 + (1,)),),
        months=(report.MonthCount(TODAY.replace(day=1), 1),),
        newness=tuple(Newness(TODAY - timedelta(weeks=back), int(back == 0), int(back == 0)) for back in range(25, -1, -1)),
        first_day=TODAY,
        total_plays_ever=1,
        podcast_plays=0,
    )


def quiet_week() -> report.Dashboard:
    """A full archive, and nothing in the range that is shown."""
    nothing = Stats(0, 0, 0, 0, 0, None, None)
    hours = ((0,) * 24,) * 7
    return replace(
        ten_years(), stats=nothing, new_share=None, heatmap=hours, peak=None, top_tracks=(), top_artists=(), top_albums=(), before=nothing
    )


def nothing_yet() -> report.Dashboard:
    """An archive without a single play of music."""
    return replace(
        quiet_week(),
        before=None,
        sparks=None,
        daily=(),
        daily_year_before=(),
        busiest=None,
        average_per_day=0.0,
        recent=(),
        years=(),
        months=(),
        newness=(),
        first_day=None,
        total_plays_ever=0,
        podcast_plays=0,
    )


def _weeks(year: int) -> tuple[int, ...]:
    begins, ends = 9 if year == FIRST.year else 0, 47 if year == TODAY.year else 52
    return tuple(0 if week < begins else round(220 + 90 * math.sin(week / (year - 2010)) + 8 * (year - 2016)) for week in range(ends))


def _months() -> Iterator[report.MonthCount]:
    for place in range(2, (TODAY.year - FIRST.year) * 12 + TODAY.month):
        yield report.MonthCount(date(FIRST.year + place // 12, place % 12 + 1, 1), round(1000 + 420 * math.sin(place / 5)))


def _change(place: int) -> int | None:
    return (3, -1, None, 0, 2)[place % 5]


def _artist(place: int) -> ArtistCard:
    return ArtistCard(place + 10, _NAMES[place][1], f"artist{place}" if place != 4 else None, None)


def _album(place: int) -> AlbumCard:
    return AlbumCard(place + 20, _NAMES[place][2], f"album{place}", None, _artist(place))


def _track(place: int) -> TrackCard:
    album = _album(place) if place != 2 else None
    return TrackCard(place + 30, _NAMES[place][0], f"track{place}" if place != 3 else None, 240_000, Kind.TRACK, album, (_artist(place),))
