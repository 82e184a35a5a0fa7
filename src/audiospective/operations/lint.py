"""Which lines of a runbook does nothing here cover? Read again whenever somebody edits it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from audiospective.operations.boxes import boxes

_BOX: Final = re.compile(r"^\s*-\s\[[ xX]\]\s+(.*)$")
_FENCE: Final = re.compile(r"^\s*```(\w*)")
_MARKS: Final = re.compile(r"[*`✅]")

#: What a command of the runbook's text is done by here.
COMMANDS: Final = {
    "./verify-production-env.sh": "ops verify-env",
    "npx": "migrate",
    "npm": "make test",
    "git": "ops runbook run pre-deployment",
    "curl": "ops health",
    "vercel": "ops runbook run deployment",
    "export": "ops verify-env",
    "psql": "ops runbook run verification",
    "watch": "ops health",
    "for": "ops health",
    "echo": "ops health",
    "open": "ops runbook show",
    "gh": "ops runbook run deployment",
    "select": "ops runbook run verification",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that nothing covers, or a box of ours that the text no longer has."""

    line: int
    what: str
    text: str


def lint(text: str) -> list[Finding]:
    """Boxes without a row, rows without a box, and commands without a verb, in the order of the text."""
    ours = {_plain(box.text) for box in boxes()}
    seen: set[str] = set()
    found: list[Finding] = []
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            fence = "" if fence else mark[1] or "text"
        elif fence in {"bash", "sh", "sql"}:
            found += _commands(number, line)
        elif box := _BOX.match(line):
            seen.add(_plain(box[1]))
            found += [] if _plain(box[1]) in ours else [Finding(number, "no box here", box[1].strip())]
    gone = [box for box in boxes() if _plain(box.text) not in seen]
    return found + [Finding(0, f"{box.id} is no longer in the text", box.text) for box in gone]


def _commands(number: int, line: str) -> list[Finding]:
    word = line.split(maxsplit=1)[0] if line.strip() else ""
    is_command = bool(word) and line[:1] not in {"#", " ", "\t", "-", "}", "{", "|", '"', "'", "\\"} and not word.endswith(":")
    if not is_command or word.lower() in COMMANDS or not re.fullmatch(r"[./\w-]+", word):
        return []
    return [Finding(number, "no verb for this command", line.strip())]


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split()).rstrip(":").casefold()
