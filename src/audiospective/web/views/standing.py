"""That Spotify doesn't answer about somebody, or that it is strangely quiet, as a banner."""

from __future__ import annotations

import msgspec

from audiospective.collect.notices import NoticeKind, Standing
from audiospective.infra.language import say
from audiospective.insights.zones import Zone
from audiospective.web.views.words import long_day


class StandingView(msgspec.Struct, frozen=True):
    """What there is to say, and where one can look; `action` is "" where nothing is to be done."""

    kind: str
    title: str
    note: str
    href: str = ""
    action: str = ""


def standing_view(found: Standing | None, zone: Zone) -> StandingView | None:
    """The banner; None where all is well."""
    if found is None:
        return None
    day = long_day(zone.local(found.about).date())
    if found.kind == NoticeKind.HELD_UP:
        note = say("Your archive tries again by itself. If it lasts, sign in with Spotify again: that often helps.")
        return StandingView("bad", say("Spotify hasn’t answered since {day}.", day=day), note, "/settings/spotify", say("Look in Settings"))
    note = say(
        "That is longer than any silence of yours in months. "
        "If you did listen, look whether it was in private sessions or with another account."
    )
    return StandingView("warn", say("Nothing heard since {day}.", day=day), note)
