"""How a command ends: four exit codes, and a sentence on stderr."""

from __future__ import annotations

import sys
from enum import IntEnum

from audiospective.errors import AudiospectiveError, Conflict, NotAllowed, RateLimited, Unavailable


class Exit(IntEnum):
    """What a command's end tells a script."""

    DONE = 0
    NO = 1
    """The answer is no: a check failed, or the thing has changed meanwhile."""
    USAGE = 2
    """Wrong usage or bad input; the message says which argument, and what would be right."""
    UNREACHABLE = 3
    """A service that is needed can't be reached."""
    WAITS = 4
    """A person must do something first; of `ops` alone."""
    ROLLED_BACK = 7
    """It was rolled back by itself; of `ops` alone."""
    REFUSED = 5
    """The runbook forbids it now: a red box, another moment, somebody else's to decide; of `ops` alone."""


def exit_code(error: AudiospectiveError) -> Exit:
    """The exit code of an error, as drawn in errors.py."""
    if isinstance(error, Unavailable):
        return Exit.UNREACHABLE
    if isinstance(error, NotAllowed):
        return Exit.REFUSED
    return Exit.NO if isinstance(error, Conflict | RateLimited) else Exit.USAGE


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens; never on stdout."""
    print(sentence, file=sys.stderr, flush=True)
