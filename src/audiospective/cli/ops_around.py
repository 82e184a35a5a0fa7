"""Whom an `ops` command asks besides the instance itself."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from audiospective.bootstrap import LOG, Parts
from audiospective.cli.environment import environment
from audiospective.errors import Unavailable
from audiospective.operations import launches, supervision
from audiospective.operations.boxes import Box
from audiospective.operations.measure import Profile, Scene
from audiospective.operations.probes.site import Target
from audiospective.operations.surroundings import Surroundings


async def target_of(parts: Parts, url: str = "") -> Target:
    """Where the instance answers, and which version it should be: the open launch's, else that of the release which serves here."""
    wanted = await _launched(parts)
    if not wanted:
        with contextlib.suppress(Unavailable):
            wanted = (await supervision.standing(parts.settings.home)).version
    address = url.rstrip("/") or parts.settings.app_url
    return Target(address, parts.settings.spotify.accounts_url, wanted or version("audiospective"))


async def _launched(parts: Parts) -> str:
    """The version that is being launched; "" while none is, or nobody knows."""
    try:
        async with parts.db.reading() as conn:
            opened = await launches.current(conn)
    except Unavailable:
        return ""
    return opened.version if opened and opened.closed_at is None else ""


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
        checkout=Path.cwd(),
        own=tuple(parts.secrets()),
    )


async def scene(parts: Parts, profile: Profile, url: str, wanted: Iterable[Box]) -> Scene:
    """All that a look at these boxes needs."""
    target, known = await target_of(parts, url), parts.settings
    return Scene(
        parts.db,
        parts.spotify.http,
        parts.clock,
        environment(),
        target,
        known.spotify,
        Path.cwd(),
        known.home,
        around(parts, profile, target.url, wanted),
        known.database_quota_bytes,
    )
