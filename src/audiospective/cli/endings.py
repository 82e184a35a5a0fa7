"""How a command ends: four exit codes, and a sentence on stderr."""

from __future__ import annotations

import contextlib
import errno
import sys
from enum import IntEnum

from audiospective.errors import (
    AudiospectiveError,
    Conflict,
    Locked,
    NotAllowed,
    RateLimited,
    Refused,
    TakenBack,
    Unavailable,
    Unfinished,
)


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
    """A person must do something first; this and what follows are of `ops` alone."""
    REFUSED = 5
    """The runbook forbids it now: a freeze, a red box, another moment, somebody else's to decide."""
    UNFINISHED = 6
    """It was begun and its end isn't known; the same command goes on."""
    ROLLED_BACK = 7
    """It was done, wasn't well, and was rolled back by itself."""
    LOCKED = 8
    """Another operator is at it."""


#: The first that fits, as drawn in errors.py.
_EXITS = (
    ((Refused, NotAllowed), Exit.REFUSED),
    (TakenBack, Exit.ROLLED_BACK),
    (Locked, Exit.LOCKED),
    (Unfinished, Exit.UNFINISHED),
    (Unavailable, Exit.UNREACHABLE),
    ((Conflict, RateLimited), Exit.NO),
)


def exit_code(error: AudiospectiveError) -> Exit:
    """The exit code of an error."""
    return next((code for kind, code in _EXITS if isinstance(error, kind)), Exit.USAGE)


#: What somebody at the terminal can see to: a folder that isn't there or isn't theirs, a disk that is full.
_OF_FILES = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def told(error: AudiospectiveError | OSError | OverflowError) -> Exit:
    """Say what is wrong, and how a command ends by it; what nobody at the terminal could mend is a fault of ours, and raised again."""
    if isinstance(error, AudiospectiveError):
        say(error.message)
        return exit_code(error)
    if isinstance(error, OverflowError):
        say("A number is larger than can be counted with here; give a smaller one.")
    elif error.errno in _FULL:
        say(f"No room is left for {error.filename or 'what was to be written'}; make some, or choose another disk.")
    elif error.errno in _OF_FILES and error.filename is not None:
        say(f"{error.filename} can't be used ({error.strerror}); name another, or see to it.")
    else:
        raise error
    return Exit.USAGE


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens; never on stdout. Where nobody reads any more, what goes on goes on."""
    with contextlib.suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)
