"""Who may reach an archive, with hostile words where words can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from audiospective.archive.catalog import ArtistCard
from audiospective.export.scheduled import Bucket, Schedule
from audiospective.insights.zones import Zone
from audiospective.reports.compare import Pair, Together
from audiospective.reports.digest import Digest, Named
from audiospective.web.pages.auth import AnotherView
from audiospective.web.views.access import AccessView, SessionView
from audiospective.web.views.compare import comparison_view, comparisons_view
from audiospective.web.views.deck import Deck
from audiospective.web.views.export import export_view
from audiospective.web.views.notices import NoticesView, UnsubscribeView, WayView, digest_view
from audiospective.web.views.scrobbler import ScrobblerView

_NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)

_HOSTILE = '"><script>alert(1)</script>&'
ACCESS = AccessView(
    (
        SessionView("a1" * 12, "3 May 2026", "just now", "1 August 2026", True),
        SessionView("b2" * 12, "1 May 2026", "an hour ago", _HOSTILE, False),
    ),
    "2 January 2026",
)
ANOTHER = AnotherView(_HOSTILE, "/dashboard")


def going_out(deck: Deck) -> Iterator[tuple[str, str, object, bool]]:
    """Exports, copies, notices and digests: name, template, view, whether somebody is signed in."""
    bucket = Bucket("https://s3.example.org", "eu", "archive", "music/", "AKIA", "hidden")
    failing = Schedule(1, "s3", b"", "reading-copy", "week", _NOW, 4, _NOW, None, _HOSTILE, 0)
    done = Schedule(1, "folder", b"", "csv", "day", _NOW, 0, _NOW, _NOW, "spotify-archive-2026-11-22.csv arrived.", 12_345_678)
    for name, schedule, where in (("none", None, None), ("failing", failing, bucket), ("done", done, None)):
        view = export_view(deck, Zone("Europe/Lisbon"), schedule, where, _NOW, spelling="2024-03", has_folder=name != "none")
        yield f"export-{name}", "pages/export.html", view, True
    rows = (WayView(1, "Mail", "ma…@example.org", (_HOSTILE, "My week"), True), WayView(2, "ntfy", _HOSTILE, (), False))
    topics = (("trouble", "Collecting has stopped"), ("weekly", _HOSTILE))
    both = (("mail", "Mail"), ("webhook", "Hook of your own"))
    yield "notices-none", "pages/notices.html", NoticesView(deck, (), both[1:], topics, False, "", ""), True
    yield "notices-some", "pages/notices.html", NoticesView(deck, rows, both, topics, True, "You will be told.", "k" * 43), True
    yield "unsubscribe", "pages/unsubscribe.html", UnsubscribeView("No more of these letters?", "One click.", "1.weekly.c2ln"), False
    top = tuple(Named(_HOSTILE, "Marrow Coast", 30 - place, ArtistCard(7, _HOSTILE, None, None)) for place in range(5))
    told = Digest(date(2026, 11, 16), date(2026, 11, 22), 412, 92_000_000, 210, 88, 380, 41, top, ())
    yield "digest", "pages/digest.html", digest_view(deck, told, "2026-11-16..2026-11-22"), True
    yield "scrobbler", "pages/scrobbler.html", ScrobblerView("May this one send here?", "Only if you set it up.", "1-x.c2ln"), True

    pairs = (Pair("cGFpcg", 1, None, _NOW, None, "Mara", ""), Pair("b3RoZXI", 2, 1, _NOW, _NOW, _HOSTILE, "Mara"))
    yield "comparisons", "pages/comparisons.html", comparisons_view(deck, pairs, 1, Zone("UTC"), "https://x.example.org/compare/"), True
    seen = Together(37.4, (_HOSTILE, "Marrow Coast"), ((_HOSTILE, None), ("Ilse", "https://open.spotify.com/artist/x")), is_silent=False)
    for name, pair, user, what in (("asked", pairs[0], 1, None), ("invited", pairs[0], 3, None), ("agreed", pairs[1], 1, seen)):
        yield (
            f"comparison-{name}",
            "pages/comparison.html",
            comparison_view(deck, pair, user, "https://x.example.org/compare/x", what),
            True,
        )
