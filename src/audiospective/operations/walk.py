"""A whole launch, stage after stage: which commands settle what is open, who must do what, and whether it may go on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from audiospective.errors import Invalid
from audiospective.operations.boxes import Box, boxes
from audiospective.operations.judge import GOOD, Status
from audiospective.operations.launch import Standing

PASSED: Final = "stage.passed"

#: A reason may end with the command that mends it.
_NAMED: Final = re.compile(r"audiospective ops [a-z-]+( [a-z0-9-]+)*$")

#: What only a person does; the command stands in the box.
_PEOPLES: Final = ("ops ack", "ops sign", "ops ready", "ops trained", "ops announce confirm")

#: What a chapter does too: whoever walks the smoke tests has raised that error, whoever runs the first chapter has sent that message.
_WITHIN: Final = {"ops errors test": "ops smoke", "ops alerts test": "ops preflight"}


class Stage(msgspec.Struct, frozen=True):
    """Boxes that are settled together, the first and the last of them, and the decision at its end ("": all must be green)."""

    name: str
    first: str
    last: str
    decision: str = ""
    watch: str = ""
    """The window that must be over first."""

    @property
    def boxes(self) -> tuple[Box, ...]:
        """What is settled here."""
        return tuple(box for box in boxes() if self.first <= box.id <= self.last)


STAGES: Final = (
    Stage("before", "R001", "R048", "t-5"),
    Stage("tag", "R049", "R051"),
    Stage("deploy", "R052", "R059"),
    Stage("health", "R060", "R066", "health"),
    Stage("smoke", "R067", "R113", "sign-in"),
    Stage("verify", "R114", "R126"),
    Stage("first-15-minutes", "R130", "R144", "15m", "15m"),
    Stage("announce", "R127", "R129"),
    Stage("first-hour", "R145", "R155", "1h", "1h"),
    Stage("first-2-hours", "R156", "R177", "2h", "2h"),
    Stage("public", "R178", "R184"),
    Stage("first-day", "R185", "R189"),
    Stage("first-week", "R190", "R198"),
    Stage("ongoing", "R199", "R204"),
    Stage("rollback", "R205", "R211"),
    Stage("recovery", "R212", "R219"),
)


class Next(msgspec.Struct, frozen=True):
    """What somebody must do about a box."""

    box: str
    command: str
    why: str


def stages_from(box: str) -> tuple[Stage, ...]:
    """The stages from the one that holds this box on; all for ""; raises Invalid."""
    wanted = box.upper()
    at = next((place for place, one in enumerate(STAGES) if not wanted or one.first <= wanted <= one.last), None)
    if at is None:
        raise Invalid(f"“{box[:20]}” isn't a box; they are R001 to R219.", field="--from")
    return STAGES[at:]


def is_persons(command: str) -> bool:
    """Whether this command says who did something, so that no program may run it."""
    return command.startswith(_PEOPLES)


def commands(standings: Sequence[Standing], facts: Mapping[str, str]) -> list[list[str]]:
    """What a program runs for the boxes that are open, each once, in the order of the boxes; `facts` fill in VERSION and the like.

    A chapter that posts in the chat looks at what is open alone: a round more says nothing twice.
    """
    found: list[list[str]] = []
    for one in standings:
        if one.status in GOOD or is_persons(one.box.command):
            continue
        words = [facts.get(word, word) for word in one.box.command.split()]
        if words == ["ops", "preflight"]:
            words = [*words, "--open"]
        if words[:2] == ["ops", "smoke"]:
            words = words[:2] + ["--user", facts["USER"]] * bool(facts.get("USER"))
        if words not in found:
            found.append(words)
    chapters = {" ".join(words[:2]) for words in found}
    return [words for words in found if _WITHIN.get(" ".join(words)) not in chapters]


def waiting(standings: Sequence[Standing]) -> list[Next]:
    """What is still to be done by people: signed, put right, or waived by the lead."""
    return [Next(one.box.id, _command(one), f"{one.status}: {one.box.text}{_because(one)}") for one in standings if one.status not in GOOD]


def _command(one: Standing) -> str:
    """What the reason names, where it names one; else what settles the box."""
    named = _NAMED.search(one.reason) if one.at else None
    return named[0] if named else f"audiospective {one.box.command}"


def _because(one: Standing) -> str:
    """The reason, unless it says only which command to run."""
    return f" ({one.reason})" if one.at else ""


def is_red(standings: Sequence[Standing]) -> bool:
    """Whether something failed or couldn't be read, beside what merely waits."""
    return any(one.status in {Status.FAIL, Status.UNKNOWN} for one in standings)
