"""What is held about a person: every table with something of theirs, what it is for, and the file of a take-out that it goes into.

A test compares this list with the schema, so that a new table without a place here fails.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Holding(msgspec.Struct, frozen=True):
    """Tables of one purpose; `file` is its name in a take-out, `says` what it is, in a sentence for the person."""

    tables: tuple[str, ...]
    file: str
    says: str


HOLDINGS: Final = (
    Holding(
        ("people",),
        "profile.json",
        "Your names, zone, language, theme, what counts as a play, and the number by which Spotify knows you.",
    ),
    Holding(("plays",), "plays.json", "Every play, with what its source told of it."),
    Holding(("plays",), "reports.json", "Every report of a play: who told it, by which import it came, and whether another stands for it."),
    Holding(
        ("grants", "spotify_apps"),
        "spotify.json",
        "Spotify's permission: since when and for what; and the app that you brought. The keys themselves are sealed and never leave.",
    ),
    Holding(
        ("sweeps", "archive_requests", "unreadable"),
        "sweeps.json",
        "When Spotify was asked for you, each “Archive now” that you pressed, and what Spotify said that couldn't be read.",
    ),
    Holding(
        ("imports", "import_files", "import_rejects", "import_repeats"),
        "imports.json",
        "Your imports, their files, and each row that was set aside, with the reason.",
    ),
    Holding(
        ("heard_from",),
        "playlists.json",
        "From which playlist something was played, where Spotify told it: its address, not what is in it.",
    ),
    Holding(("proofs", "gaps"), "completeness.json", "Which stretches of time are proven whole, and where something is missing."),
    Holding(("notices_told",), "notices.json", "What you were told about your archive."),
    Holding(("exclusions",), "left-out.json", "What you left out of your numbers."),
    Holding(
        ("scheduled_exports",),
        "copies.json",
        "Where copies of your archive go by themselves, and what came of the last. The keys are sealed.",
    ),
    Holding(
        ("notice_ways",),
        "ways.json",
        "Where you asked to be told things: a mail address only if you gave one for that. Addresses are sealed.",
    ),
    Holding(("comparisons",), "comparisons.json", "With how many people you compare what you hear, and since when; not who they are."),
    Holding(("shares",), "shares.json", "Reports that you share, as their visitors see them."),
    Holding(
        ("sessions", "personal_tokens"),
        "access.json",
        "Your sessions and personal tokens by name; no secret of either is kept.",
    ),
)
