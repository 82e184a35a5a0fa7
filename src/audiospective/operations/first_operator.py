"""Who runs this instance? The first operator shows a code that stood on its console: finding the page first isn't enough."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from audiospective.accounts import people
from audiospective.errors import Invalid, NotFound
from audiospective.infra.database import Connection, execute, fetch_one
from audiospective.infra.sealing import Sealer
from audiospective.infra.statements import statements
from audiospective.operations import ledger
from audiospective.operations.ledger import Entry

sql = statements(__name__)

#: A console's lines are read within a week; the next start prints another.
LASTS: Final = timedelta(days=7)
#: Without letters that look like others.
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


async def is_wanted(conn: Connection) -> bool:
    """Whether nobody runs this instance yet."""
    return await people.an_operator(conn) is None


async def new_code(conn: Connection, sealer: Sealer, now: datetime, chance: Callable[[int], bytes]) -> str | None:
    """A code for the console, twelve letters; the one before it ends. None once there is an operator."""
    if not await is_wanted(conn):
        return None
    code = "".join(_LETTERS[byte % len(_LETTERS)] for byte in chance(12))
    await execute(conn, sql["keep"], hash=_hash(sealer, code), now=now)
    return "-".join(code[place : place + 4] for place in range(0, 12, 4))


async def redeem(conn: Connection, sealer: Sealer, user: int, given: str, now: datetime) -> None:
    """Make somebody the first operator. The door closes for good: raises NotFound once there is one, Invalid for a wrong code."""
    await fetch_one(conn, sql["one_at_a_time"], bool)
    if not await is_wanted(conn):
        raise NotFound("There is nothing at this address.")
    kept = await fetch_one(conn, sql["kept"], bytes, since=now - LASTS)
    if kept is None or not hmac.compare_digest(kept, _hash(sealer, _plain(given))):
        raise Invalid("That isn't the code on the console; start the program again for a new one.", field="code")
    await people.set_operator(conn, user, may=True)
    await execute(conn, sql["forget"])
    await ledger.append(conn, [Entry("console", "operator.first", f"person {user}", {})], now)


def _plain(given: str) -> str:
    return "".join(letter for letter in given.upper() if letter.isascii() and letter.isalnum())[:40]


def _hash(sealer: Sealer, code: str) -> bytes:
    return sealer.sign(code.encode(), purpose="first operator").encode()
