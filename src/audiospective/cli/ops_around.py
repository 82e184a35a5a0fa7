"""Whom an `ops` command asks besides the instance itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from audiospective.bootstrap import LOG, Parts
from audiospective.operations.boxes import Box
from audiospective.operations.measure import Profile
from audiospective.operations.surroundings import Surroundings


def around(parts: Parts, profile: Profile, url: str, wanted: Iterable[Box]) -> Surroundings:
    """Providers of that profile; what must be done to be seen is done for these boxes alone."""
    return Surroundings(
        parts.db,
        parts.spotify.http,
        parts.clock,
        parts.providers(is_cloud=profile is Profile.CLOUD),
        url,
        parts.spotify,
        parts.settings.home,
        parts.settings.home / LOG,
        wanted=frozenset(box.reading for box in wanted),
        nonce=secrets.token_hex(16),
    )
