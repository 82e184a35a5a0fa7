"""What is asked on behalf of a scrobbler."""

from __future__ import annotations

import msgspec


class ScrobblerView(msgspec.Struct, frozen=True):
    """The question, or what became of it; `token` is said yes to, "" where there is nothing to say yes to."""

    title: str
    note: str
    token: str
