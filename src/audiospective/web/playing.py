"""What plays just now, as scrobblers say it: held in memory until it must have ended, and forgotten with the process."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

_USUAL_S: Final = 600.0
_LONGEST_S: Final = 6 * 3600.0
_MOST: Final = 1_000


class Playing:
    """Who plays what; of a thousand people at most."""

    def __init__(self) -> None:
        self._told: OrderedDict[int, tuple[float, dict[str, Any]]] = OrderedDict()

    def tell(self, user: int, metadata: dict[str, Any], length_ms: int, now_s: float) -> None:
        """This plays from now on, for its length or, where that isn't told, for ten minutes."""
        lasts = min(length_ms / 1000, _LONGEST_S) if length_ms > 0 else _USUAL_S
        self._told[user] = now_s + lasts, metadata
        self._told.move_to_end(user)
        while len(self._told) > _MOST:
            self._told.popitem(last=False)

    def of(self, user: int, now_s: float) -> dict[str, Any] | None:
        """What plays, unless it must have ended."""
        until, metadata = self._told.get(user, (0.0, {}))
        return metadata if until > now_s else None
