"""What can go wrong when asking Spotify, as one branch of the tree in `audiospective/errors.py`.

Unavailable
└── SpotifyError
    ├── Unreachable           no answer, or only 5xx, after every try
    ├── Malformed             an answer that we can't read, or a redirect
    ├── Missing               404: no such track, artist, album
    ├── Refused               any other 4xx, and OAuth errors such as invalid_client (reason)
    │   ├── Revoked           invalid_grant: the code or refresh token is spent, revoked or expired
    │   ├── TokenRefused      401: the access token is expired or unknown
    │   └── Forbidden         403: allow-list, lapsed Premium, endpoint removed (reason, Spotify's own words)
    └── RateLimitedBySpotify  429 (until_s)
        └── QuotaExceeded     429 of the daily quota; usually hours (until_s)
"""

from __future__ import annotations

from audiospective.errors import Unavailable


class SpotifyError(Unavailable):
    """Spotify didn't give what was asked for."""


class Unreachable(SpotifyError):
    """No answer after every try; asking again later may help."""


class Malformed(SpotifyError):
    """Spotify answered with something that we can't read."""


class Missing(SpotifyError):
    """Spotify knows no such thing."""


class Refused(SpotifyError):
    """Spotify understood and said no; `reason` is in Spotify's own words."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


class Revoked(Refused):
    """The permission has ended; only signing in again brings it back. Never retry (spotify-api.md §2)."""


class TokenRefused(Refused):
    """The access token is expired or unknown; refresh once, then try once more."""


class Forbidden(Refused):
    """Spotify forbids this to the app or the person."""


class RateLimitedBySpotify(SpotifyError):
    """Too many requests of this app; `until_s` is how many seconds from now to stay away."""

    def __init__(self, message: str, *, until_s: int) -> None:
        super().__init__(message, retryAfter=until_s)
        self.until_s = until_s


class QuotaExceeded(RateLimitedBySpotify):
    """The daily quota of the developer account is used up; every app and listener of it must wait."""
