"""What can go wrong, as one tree. The message is a sentence for the person: what was wrong, where, what would be right.

AudiospectiveError
├── Invalid          bad input (field names the place)          400, exit 2
├── NotSignedIn      nobody is signed in                        401, exit 2
├── NotAllowed       somebody is, but may not do this           403, exit 5
├── NotFound         no such thing, or not theirs               404, exit 2
├── Conflict         true a moment ago, not now                 409, exit 1
├── TooLarge         more than we take                          413, exit 2
├── RateLimited      come back later (retry_after seconds)      429, exit 1
└── Unavailable      a service that we need is out of reach     503, exit 3
    ├── DatabaseUnavailable                                     503, exit 3
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
