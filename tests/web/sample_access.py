"""Who may reach an archive, with hostile words where words can be."""

from __future__ import annotations

from audiospective.web.pages.auth import AnotherView
from audiospective.web.views.access import AccessView, SessionView

_HOSTILE = '"><script>alert(1)</script>&'
ACCESS = AccessView(
    (
        SessionView("a1" * 12, "3 May 2026", "just now", "1 August 2026", True),
        SessionView("b2" * 12, "1 May 2026", "an hour ago", _HOSTILE, False),
    ),
    "2 January 2026",
)
ANOTHER = AnotherView(_HOSTILE, "/dashboard")
