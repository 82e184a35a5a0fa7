"""What sources told besides of somebody's plays, kept while their history is."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from audiospective.archive import history
from audiospective.archive.plays import Evidence, History
from audiospective.infra.database import Connection

#: Twelve bytes a play, so of the listeners seen last only.
_MOST = 4
_held: WeakKeyDictionary[History, Evidence] = WeakKeyDictionary()


async def evidence(conn: Connection, of: History) -> Evidence:
    """The evidence of a history, row by row; read once as long as the history stays in memory."""
    if of not in _held:
        found = await history.evidence(conn, of)
        if len(_held) >= _MOST:
            _held.clear()
        _held[of] = found
    return _held[of]
