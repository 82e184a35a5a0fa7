"""What can go wrong, as one tree. The message is a sentence for the person: what was wrong, where, what would be right.

AudiospectiveError
├── Invalid          bad input (field names the place)          400, exit 2
├── NotSignedIn      nobody is signed in                        401, exit 2
├── NotAllowed       somebody is, but may not do this           403, exit 5
├── NotFound         no such thing, or not theirs               404, exit 2
├── Conflict         true a moment ago, not now                 409, exit 1
│   ├── Refused      a gate is closed, or it isn't theirs to do  409, exit 5
│   ├── TakenBack    done, found wanting, undone again           409, exit 7
│   └── Locked       somebody else is at it                      409, exit 8
├── TooLarge         more than we take                          413, exit 2
├── RateLimited      come back later (retry_after seconds)      429, exit 1
└── Unavailable      a service that we need is out of reach     503, exit 3
    ├── DatabaseUnavailable                                     503, exit 3
    ├── Unfinished   begun, and how it ended isn't known        503, exit 6
    └── SpotifyError (spotify/errors.py, its own branch)        502, exit 3
"""

from __future__ import annotations


class AudiospectiveError(Exception):
    """Something that we can explain to the person who met it."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class Invalid(AudiospectiveError):
    """Input that can't be taken as it is; `field` names the argument, setting, file or row."""

    def __init__(self, message: str, *, field: str, **details: object) -> None:
        super().__init__(message, field=field, **details)
        self.field = field


class NotSignedIn(AudiospectiveError):
    """Nobody is signed in, or the session or token has ended."""


class NotAllowed(AudiospectiveError):
    """Somebody is signed in, but may not do this."""


class NotFound(AudiospectiveError):
    """No such thing; also said of things that belong to somebody else."""


class Conflict(AudiospectiveError):
    """The thing has changed since the caller looked."""


class Refused(Conflict):
    """A gate is closed: a freeze, a red box, a wrong window; or somebody else must say so."""


class TakenBack(Conflict):
    """It was done, wasn't well, and was undone by itself."""


class Locked(Conflict):
    """Somebody else is doing it just now."""


class TooLarge(AudiospectiveError):
    """More than we take in one go."""


class RateLimited(AudiospectiveError):
    """Too many requests; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retryAfter=retry_after)
        self.retry_after = retry_after


class Unavailable(AudiospectiveError):
    """A service that we need can't be reached now."""


class DatabaseUnavailable(Unavailable):
    """The database doesn't answer, or refused the work."""


class Unfinished(Unavailable):
    """It was begun, and how it ended isn't known; asking again is safe and goes on."""
