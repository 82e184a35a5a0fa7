"""Who is on the team of a launch? The runbook's four roles with name, mail, phone and time zone; how to reach them lies sealed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

import msgspec

from audiospective.errors import Invalid, NotAllowed
from audiospective.infra.database import Connection, execute, fetch_all, fetch_one
from audiospective.infra.sealing import BrokenSeal, Sealer
from audiospective.infra.statements import statements

sql = statements(__name__)

#: The roles, each with the box that it answers for by being there, and what it is responsible for.
ROLES: Final = {
    "deployment-lead": "R001",
    "monitoring-lead": "R002",
    "support-lead": "R003",
    "backup-engineer": "R004",
}
DUTIES: Final = {
    "deployment-lead": "triggers the deployment, decides about rollback; there from 9:30 to 12:00 UTC",
    "monitoring-lead": "watches the figures, tells of trouble; there from 9:30 to 12:00 UTC",
    "support-lead": "speaks with people, collects feedback; there from 10:00 to 14:00 UTC",
    "backup-engineer": "helps with trouble and rollback; on standby",
}
#: Whom to call, in this order (runbook, "Escalation Path").
ESCALATION: Final = (
    ("first response", "the engineer on call, at once"),
    ("level 1", "the deployment lead, after 15 minutes"),
    ("level 2", "the whole team, for SEV-1"),
    ("level 3", "the provider's support, when the machine under us is at fault"),
)

_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,64}(?:\.[^@\s.]{1,64}){1,8}")
_PHONE: Final = re.compile(r"\+?[\d\s()./-]{5,30}")
_OFFSET: Final = re.compile(r"UTC(?:[+-]\d{1,2}(?::\d{2})?)?")


class Member(msgspec.Struct, frozen=True):
    """Somebody with a role; mail and phone may be "" where none was given."""

    role: str
    name: str
    mail: str
    phone: str
    zone: str
    named_at: datetime


@dataclass(frozen=True, slots=True)
class _Row:
    role: str
    name: str
    contact_sealed: bytes = field(repr=False)
    zone: str
    named_at: datetime


async def name(conn: Connection, sealer: Sealer, member: Member) -> None:
    """Give a role to somebody. Raises Invalid naming the option."""
    check_role(member.role)
    plain = " ".join(member.name.split())
    if not 1 <= len(plain) <= 100:
        raise Invalid(f"{member.role} needs a name of 1 to 100 characters.", field="--name")
    if member.mail and not _MAIL.fullmatch(member.mail):
        raise Invalid(f"“{member.mail[:60]}” is no mail address.", field="--mail")
    if member.phone and not _PHONE.fullmatch(member.phone):
        raise Invalid(f"“{member.phone[:40]}” is no phone number.", field="--phone")
    if not (_OFFSET.fullmatch(member.zone) or member.zone in available_timezones()):
        raise Invalid(f"“{member.zone[:40]}” is no time zone; use one such as Europe/Lisbon or UTC-5.", field="--zone")
    contact = sealer.seal(msgspec.json.encode([member.mail, member.phone]), bound=_bound(member.role))
    await execute(conn, sql["name"], role=member.role, name=plain, contact=contact, zone=member.zone, now=member.named_at)


async def members(conn: Connection, sealer: Sealer) -> list[Member]:
    """Everybody who has a role, in the runbook's order."""
    found = {row.role: row for row in await fetch_all(conn, sql["all"], _Row)}
    return [_opened(found[role], sealer) for role in ROLES if role in found]


async def answering(conn: Connection, role: str, by: str) -> None:
    """Make sure that `by` has this role. Raises NotAllowed for a role that nobody has, and for somebody else."""
    check_role(role)
    found = await holder(conn, role)
    if not found:
        raise NotAllowed(f"Nobody is the {role} yet: audiospective ops init {role} --name NAME --mail MAIL --zone ZONE")
    if not is_same(found, by):
        raise NotAllowed(f"The {role} is {found}; nobody else can answer for it.")


async def holder(conn: Connection, role: str) -> str:
    """Who has this role; "" while nobody has."""
    return await fetch_one(conn, sql["holder"], str, role=role) or ""


def is_same(one: str, other: str) -> bool:
    """Whether both name the same person."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


async def seal_again(conn: Connection, sealer: Sealer) -> int:
    """Seal under the first secret what lies under another; how many."""
    again = 0
    for row in await fetch_all(conn, sql["all"], _Row):
        if not sealer.is_current(row.contact_sealed):
            plain = sealer.open(row.contact_sealed, bound=_bound(row.role))
            contact = sealer.seal(plain, bound=_bound(row.role))
            again += await execute(conn, sql["seal_again"], role=row.role, contact=contact, before=row.contact_sealed)
    return again


def check_role(role: str) -> None:
    """Raises Invalid for a role that the runbook doesn't know."""
    if role not in ROLES:
        raise Invalid(f"“{role[:30]}” isn't a role; use {', '.join(ROLES)}.", field="ROLE")


def missing(found: Sequence[Member]) -> list[str]:
    """What the table of the team still lacks, in words."""
    there = {one.role: one for one in found}
    lacks = [f"{role}: nobody" for role in ROLES if role not in there]
    return lacks + [f"{one.role}: neither mail nor phone" for one in found if not (one.mail or one.phone)]


def _opened(row: _Row, sealer: Sealer) -> Member:
    try:
        mail, phone = msgspec.json.decode(sealer.open(row.contact_sealed, bound=_bound(row.role)), type=tuple[str, str])
    except BrokenSeal:
        mail = phone = ""
    return Member(row.role, row.name, mail, phone, row.zone, row.named_at)


def _bound(role: str) -> bytes:
    return f"ops team {role}".encode()
