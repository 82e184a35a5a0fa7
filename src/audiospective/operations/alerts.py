"""When to wake somebody: rules over a minute's figures (runbook, "Alerts"), each told once, again each hour, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from audiospective.errors import Invalid
from audiospective.infra import outbox
from audiospective.infra.clock import Clock
from audiospective.infra.database import Connection, Database, execute, fetch_all
from audiospective.infra.outbox import Carrier, Channel, Message, Receipt
from audiospective.infra.statements import statements

sql = statements(__name__)

#: An alert that goes on is told again after that.
REPEAT: Final = timedelta(minutes=60)
#: What takes days to mend is told each day.
DAILY: Final = timedelta(hours=24)
#: How far back the rules look.
WINDOW: Final = timedelta(hours=24)


class Figures(msgspec.Struct, frozen=True):
    """What was measured in one minute; None: nobody measured it, and no rule speaks of it."""

    is_up: bool | None = None
    requests: int | None = None
    failures: int | None = None
    p95_ms: float | None = None
    storage_ratio: float | None = None
    cpu_ratio: float | None = None
    sweep_late_min: float | None = None
    consents_ending: int | None = None
    backup_age_h: float | None = None
    certificate_days: float | None = None
    is_ledger_whole: bool | None = None
    dead_letters: int | None = None
    outbox_wait_min: float | None = None
    rounds_missed: int | None = None


class Sample(msgspec.Struct, frozen=True):
    """The figures of one minute."""

    at: datetime
    figures: Figures


Test = Callable[[Sequence[Sample]], bool]


class Rule(msgspec.Struct, frozen=True):
    """What is tested over samples (oldest first), who is told how, and in which words."""

    name: str
    says: str
    channels: tuple[Channel, ...]
    test: Test
    repeat: timedelta = REPEAT


def _newest(count: int, is_bad: Callable[[Figures], bool]) -> Test:
    """The newest `count` samples are all bad, and there are so many."""
    return lambda samples: len(samples) >= count and all(is_bad(one.figures) for one in samples[-count:])


def _over(
    name: Literal["p95_ms", "storage_ratio", "cpu_ratio", "sweep_late_min", "backup_age_h", "outbox_wait_min"], limit: float
) -> Callable[[Figures], bool]:
    def is_bad(figures: Figures) -> bool:
        value: float | None = getattr(figures, name)
        return value is not None and value > limit

    return is_bad


def _errs(figures: Figures) -> bool:
    """Above 1 %; below 20 requests a share says little, and five failures are asked for."""
    if figures.requests is None or figures.failures is None:
        return False
    return figures.failures >= 5 if figures.requests < 20 else figures.failures / figures.requests > 0.01


def _often_errs(samples: Sequence[Sample]) -> bool:
    return sum(_errs(one.figures) for one in samples[-3:]) >= 2


def _is_down(samples: Sequence[Sample]) -> bool:
    """Below 99 % of the day once there is an hour to judge by, or down twice in a row."""
    looks = [one.figures.is_up for one in samples if one.figures.is_up is not None]
    return looks[-2:] == [False, False] or (len(looks) >= 60 and sum(looks) / len(looks) < 0.99)


_CHAT, _MAIL, _SMS = Channel.CHAT, Channel.MAIL, Channel.SMS
#: The operators' channels, and by which settings each is set up.
SETTINGS: Final[Mapping[Channel, str]] = {_CHAT: "SLACK_WEBHOOK_URL", _MAIL: "SMTP_URL with ALERT_EMAIL", _SMS: "SMS_URL"}

RULES: Final = (
    Rule("errors", "More than 1 % of requests fail.", (_CHAT, _MAIL), _often_errs),
    Rule("down", "The service is down, or was up for less than 99 % of the day.", (_SMS, _MAIL), _is_down),
    Rule("slow", "The slowest twentieth of requests took more than 1000 ms for 5 minutes.", (_CHAT,), _newest(5, _over("p95_ms", 1000))),
    Rule("storage", "The database uses more than 80 % of its space.", (_MAIL,), _newest(2, _over("storage_ratio", 0.8))),
    Rule("cpu", "The processors were busier than 80 % for 10 minutes.", (_MAIL,), _newest(10, _over("cpu_ratio", 0.8))),
    Rule("sweep", "Collecting is more than 10 minutes late.", (_CHAT, _MAIL), _newest(1, _over("sweep_late_min", 10))),
    Rule(
        "consents",
        "Permissions end within a week; their listeners must sign in again.",
        (_MAIL,),
        _newest(1, lambda f: bool(f.consents_ending)),
        DAILY,
    ),
    Rule("backup", "The newest backup is older than 25 hours.", (_MAIL, _CHAT), _newest(1, _over("backup_age_h", 25))),
    Rule(
        "certificate",
        "The certificate ends within 14 days.",
        (_MAIL,),
        _newest(1, lambda f: f.certificate_days is not None and f.certificate_days < 14),
        DAILY,
    ),
    Rule("ledger", "The ledger of operations is broken.", (_CHAT, _MAIL), _newest(1, lambda f: f.is_ledger_whole is False)),
    Rule("dead_letters", "Messages were given up.", (_MAIL, _CHAT), _newest(1, lambda f: bool(f.dead_letters))),
    Rule("rounds", "A round of checks was missed.", (_CHAT, _MAIL), _newest(1, lambda f: bool(f.rounds_missed)), DAILY),
    Rule("outbox", "A message has waited for more than 5 minutes.", (_CHAT, _MAIL), _newest(1, _over("outbox_wait_min", 5))),
)


class Firing(msgspec.Struct, frozen=True):
    """An alert that goes on."""

    rule: str
    since: datetime
    told_at: datetime | None
    detail: str


class Silence(msgspec.Struct, frozen=True):
    """A rule that nobody is told of until then, and why."""

    rule: str
    until: datetime
    reason: str
    actor: str


class _Stored(msgspec.Struct, frozen=True):
    at: datetime
    figures: str


def firing(samples: Sequence[Sample]) -> list[Rule]:
    """The rules that these samples, oldest first, break."""
    return [rule for rule in RULES if rule.test(samples)]


def named(name: str) -> Rule:
    """The rule of that name; raises Invalid."""
    for rule in RULES:
        if rule.name == name:
            return rule
    raise Invalid(f"There is no alert “{name[:30]}”; there are {', '.join(rule.name for rule in RULES)}.", field="rule")


async def keep(conn: Connection, sample: Sample) -> None:
    """Store a minute's figures; the first to tell a minute is believed. What is older than a day goes."""
    await execute(conn, sql["keep"], at=sample.at.replace(second=0, microsecond=0), figures=msgspec.json.encode(sample.figures).decode())
    await execute(conn, sql["forget"], before=sample.at - WINDOW)


async def evaluate(conn: Connection, now: datetime) -> list[str]:
    """Judge the last day and leave the messages that follow; the names of the rules that fire."""
    rows = await fetch_all(conn, sql["samples"], _Stored, since=now - WINDOW)
    samples = [Sample(row.at, msgspec.json.decode(row.figures, type=Figures)) for row in rows]
    await execute(conn, sql["end_silences"], now=now)
    quiet = {one.rule for one in await silences(conn)}
    before = {one.rule: one for one in await ongoing(conn)}
    broken = {rule.name: rule for rule in firing(samples)}
    for rule in broken.values():
        await _begin_or_repeat(conn, rule, before.get(rule.name), now, is_quiet=rule.name in quiet)
    for name in before.keys() - broken.keys():
        await _recover(conn, before[name], now)
    return list(broken)


async def ongoing(conn: Connection) -> list[Firing]:
    """What fires, oldest first."""
    return await fetch_all(conn, sql["ongoing"], Firing)


async def silences(conn: Connection) -> list[Silence]:
    """What is silenced, by name."""
    return await fetch_all(conn, sql["silences"], Silence)


async def silence(conn: Connection, one: Silence, now: datetime) -> None:
    """Tell nobody of a rule until then; raises Invalid without a reason or an end to come."""
    named(one.rule)
    if not one.reason.strip():
        raise Invalid("A silence needs a reason.", field="--reason")
    if not now < one.until <= now + timedelta(days=7):
        raise Invalid("A silence ends within seven days; give --minutes between 1 and 10080.", field="--minutes")
    await execute(conn, sql["silence"], rule=one.rule, until=one.until, reason=one.reason.strip(), actor=one.actor)


async def try_channels(conn: Connection, channels: Iterable[Channel], now: datetime) -> list[str]:
    """Leave a trial message on each of these channels that is the operators'; their keys, by which `receipts` tells what became of them.

    One that isn't set up gets none: it would be given up, which is an alert of its own.
    """
    keys = {channel: f"alert-test:{now.isoformat()}:{channel}" for channel in SETTINGS if channel in set(channels)}
    for channel, key in keys.items():
        await outbox.store(conn, Message(key, channel, "Audiospective: test alert", "This is a test. Alerts arrive here."), now)
    return list(keys.values())


async def tried(db: Database, carriers: Mapping[Channel, Carrier], clock: Clock) -> list[Receipt]:
    """What became of a trial message on each channel that has a carrier."""
    async with db.transaction() as conn:
        keys = await try_channels(conn, carriers, clock.now())
    await outbox.deliver_due(db, carriers, clock)
    async with db.reading() as conn:
        return [one for one in await outbox.receipts(conn, "alert-test:") if one.key in keys]


async def _begin_or_repeat(conn: Connection, rule: Rule, before: Firing | None, now: datetime, *, is_quiet: bool) -> None:
    since = before.since if before else now
    is_due = before is None or before.told_at is None or now - before.told_at >= rule.repeat
    if is_due and not is_quiet:
        await _tell(
            conn, rule, f"{since.isoformat()}:{now.isoformat()}", "ALERT", f"{rule.says} Since {since:%Y-%m-%d %H:%M} UTC.", now=now
        )
    told_at = now if is_due and not is_quiet else before.told_at if before else None
    await execute(conn, sql["fire"], rule=rule.name, since=since, told_at=told_at, detail=rule.says)


async def _recover(conn: Connection, before: Firing, now: datetime) -> None:
    await execute(conn, sql["recover"], rule=before.rule)
    if before.told_at is not None:
        minutes = round((now - before.since).total_seconds() / 60)
        said = f"Over after {minutes} minutes: {before.detail}"
        await _tell(conn, named(before.rule), f"{before.since.isoformat()}:over", "RECOVERED", said, now=now)


async def _tell(conn: Connection, rule: Rule, occasion: str, kind: str, body: str, *, now: datetime) -> None:
    """On each of its channels; one that gives up hands over to those which the rule doesn't use anyway."""
    others = [channel for channel in SETTINGS if channel not in rule.channels]
    for channel in rule.channels:
        key = f"alert:{rule.name}:{occasion}:{channel}"
        await outbox.store(conn, Message(key, channel, f"{kind}: {rule.name}", f"{kind}: {body}", others), now)
