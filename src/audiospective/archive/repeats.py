"""What did later imports say that was there to the letter? So that taking back the first leaves what others also claim.

A listen is kept once, with the import that brought it first. Later ones leave a key of 8 bytes for each listen that they repeat.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from audiospective.archive.plays import I2, I4, I8, UserId
from audiospective.infra.database import Connection, execute, fetch_all
from audiospective.infra.statements import statements

sql = statements(__name__)

Keys = npt.NDArray[np.uint64]

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class _Part(msgspec.Struct, frozen=True):
    import_id: int
    keys: bytes


def keys_of(ended_at: I8, track: I4, ms_played: I4, source: I2) -> Keys:
    """`(n,)` uint64: equal for equal listens, and for others with a chance of 10⁻⁷ in a million (splitmix64)."""
    mixed = _mixed(ended_at.astype(np.uint64))
    mixed = _mixed(mixed ^ track.astype(np.uint64))
    mixed = _mixed(mixed ^ ms_played.astype(np.uint64))
    return _mixed(mixed ^ source.astype(np.uint64))


async def keep(conn: Connection, by_import: Mapping[int, Keys]) -> None:
    """Remember what these imports repeated."""
    for import_id, keys in by_import.items():
        await execute(conn, sql["keep"], import_id=import_id, keys=np.unique(keys).tobytes())


async def of_others(conn: Connection, user: UserId, import_id: int) -> list[tuple[int, Keys]]:
    """What other imports of this person that stand repeat, the oldest first."""
    parts = await fetch_all(conn, sql["of_others"], _Part, user=user, import_id=import_id)
    return [(part.import_id, np.frombuffer(part.keys, np.uint64)) for part in parts]


async def forget(conn: Connection, import_id: int) -> None:
    """An import taken back, or begun anew, repeats nothing."""
    await execute(conn, sql["forget"], import_id=import_id)


def _mixed(value: Keys) -> Keys:
    with np.errstate(over="ignore"):
        value = value + _MIX[0]
        value = (value ^ (value >> np.uint64(30))) * _MIX[1]
        value = (value ^ (value >> np.uint64(27))) * _MIX[2]
        return value ^ (value >> np.uint64(31))
