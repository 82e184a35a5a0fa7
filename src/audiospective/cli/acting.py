"""Who acts? The account that is signed in, or whoever `--as NAME` says, if the team has them."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from contextvars import ContextVar

from audiospective.errors import Invalid, NotAllowed

_NAMED: ContextVar[str] = ContextVar("named", default="")


def acting() -> str:
    """By which name this command's deeds are written down."""
    return _NAMED.get() or getpass.getuser()


def without_actor(argv: Sequence[str]) -> list[str]:
    """The words of an `ops` command without `--as NAME`, whoever that names acts from now on. Raises Invalid, or NotAllowed."""
    words = list(argv)
    _NAMED.set("")
    if "--as" not in words or words[0] != "ops":
        return words
    place = words.index("--as")
    name = " ".join(words[place + 1].split()) if place + 1 < len(words) else ""
    if not name or name.startswith("-"):
        raise Invalid("Say who acts: --as “Mara Quill”.", field="--as")
    _refuse_strangers(name)
    _NAMED.set(name)
    return words[:place] + words[place + 2 :]


def _refuse_strangers(name: str) -> None:
    from audiospective.bootstrap import Parts  # noqa: PLC0415 (few commands name somebody)
    from audiospective.cli.session import with_parts  # noqa: PLC0415
    from audiospective.operations import team  # noqa: PLC0415

    async def known(parts: Parts) -> list[str]:
        async with parts.db.reading() as conn:
            return [one.name for one in await team.members(conn, parts.sealer)]

    there = with_parts(known)
    if not any(team.is_same(name, one) for one in there):
        raise NotAllowed(f"{name} isn't on the team ({', '.join(there) or 'nobody is yet'}): audiospective ops init ROLE --name NAME")
