"""Every component in every state, for whoever works on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import msgspec
from markupsafe import Markup

from audiospective.insights.lens import Lens
from audiospective.insights.period import Period
from audiospective.insights.zones import Zone
from audiospective.web.charts.sleeve import sleeve
from audiospective.web.views import made_up
from audiospective.web.views.dashboard import DashboardView, dashboard_view
from audiospective.web.views.deck import Deck
from audiospective.web.views.figures import FigureView, day_figure, heat_figure, month_figure, new_figure, rings_figure
from audiospective.web.views.imports import ImportView, imports_view
from audiospective.web.views.ledger import LedgerView, ledger_view
from audiospective.web.views.lists import TopList
from audiospective.web.views.words import Delta

_ZONE = Zone("Europe/Lisbon")
_IDLE = Deck(True, False, "12 min ago, next 22:00")


class Charts(msgspec.Struct, frozen=True):
    """A question's chart in several states."""

    name: str
    states: tuple[FigureView, ...]


class DesignView(msgspec.Struct, frozen=True):
    """The page."""

    decks: tuple[Deck, ...]
    deltas: tuple[Delta, ...]
    sleeves: tuple[Markup, ...]
    icons: tuple[str, ...]
    full: DashboardView
    empty_list: TopList
    charts: tuple[Charts, ...]
    imports: tuple[ImportView, ...]
    ledger: LedgerView | None


def design_view(icons: tuple[str, ...]) -> DesignView:
    """All of it, the same on every day."""
    full = dashboard_view(made_up.dashboard(), _IDLE, _ZONE, made_up.NOW, complete=made_up.HOLES, lens=Lens(artists=frozenset({7})))
    rows = [made_up.imported(state, place) for place, state in enumerate(("queued", "running", "done", "failed"), 1)]
    return DesignView(
        decks=(_IDLE, Deck(True, True, "usually 2 seconds"), Deck(True, False, "not yet")),
        deltas=(Delta("up", "36 %"), Delta("down", "3 points"), Delta("same", ""), Delta("new", "")),
        sleeves=tuple(sleeve(seed) for seed in range(16)),
        icons=icons,
        full=full,
        empty_list=replace(full.tops[0], id="tracks-none", items=()),
        charts=_charts(),
        ledger=ledger_view(made_up.HOLES, _ZONE),
        imports=tuple(
            view for one in rows if (view := imports_view(_IDLE, one, (), _ZONE, complete=made_up.HOLES, now=made_up.NOW).current)
        ),
    )


def _charts() -> tuple[Charts, ...]:
    full, none = made_up.dashboard(), replace(made_up.dashboard(level=0.0), busiest=None)
    young = made_up.dashboard(begun=made_up.TODAY - timedelta(days=20))
    first = made_up.dashboard(begun=made_up.TODAY)
    long = replace(made_up.dashboard(begun=date(2006, 10, 7)), period=Period("all", None, None))
    return (
        Charts("Days", _named(*(day_figure(one) for one in (full, young, first, none)))),
        Charts("Months", _named(month_figure(long), month_figure(young))),
        Charts("Rings", _named(*(rings_figure(one) for one in (first, young, full, long)))),
        Charts("Hours", _named(heat_figure(full), heat_figure(none))),
        Charts("New", _named(new_figure(full), new_figure(none))),
    )


def _named(*states: FigureView) -> tuple[FigureView, ...]:
    return tuple(replace(one, id=f"{one.id}-{one.plot}-{place}") for place, one in enumerate(states))
