"""Which lines of a runbook does nothing here cover? Read again whenever somebody edits it. Pure.

Boxes are held against `boxes.tsv`; commands, templates, thresholds and rules against `covered.tsv`, which says what does each of them here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from typing import Final

import msgspec

from audiospective.operations.boxes import boxes

_BOX: Final = re.compile(r"^\s*-\s\[[ xX]\]\s+(.*)$")
_FENCE: Final = re.compile(r"^\s*```(\w*)")
_MARKS: Final = re.compile(r"[*`✅]")
_LIMIT: Final = re.compile(r"[<>~]=?\s*\d")
#: How soon somebody answers, who may do what, and a service's row in the table of support.
_RULE: Final = re.compile(r"\*\*Response Time:\*\*|- \*\*[^*]+\*\* can |\|[^|]+\|[^|@]+@[^|]+\|")
#: In a block of commands these begin what a command prints or continues.
_NO_COMMAND: Final = ("#", "{", "}", '"', "-H ")

_BREAK: Final = " ⏎ "
#: So much alike are a line and what became of it.
_ALIKE: Final = 0.8

_SAID: Final = {
    "box": "no box here",
    "command": "no verb for this command",
    "template": "no message for this template",
    "threshold": "no rule for this threshold",
    "rule": "nothing here goes by this",
}


class Finding(msgspec.Struct, frozen=True):
    """A line that nothing covers, or something of ours that the text no longer has."""

    line: int
    what: str
    text: str


class Covered(msgspec.Struct, frozen=True):
    """A command, template, threshold or rule of the runbook, and what does it here."""

    kind: str
    text: str
    by: str


@cache
def covered() -> tuple[Covered, ...]:
    """All of them, in no order that matters."""
    text = files("audiospective.operations").joinpath("covered.tsv").read_text(encoding="utf-8")
    return tuple(Covered(**row) for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def lint(text: str) -> list[Finding]:
    """What the text has and nothing here covers, in its order; then what is here and no longer in the text.

    Where a line of the text is much like one that it no longer has, it was changed: then both are one finding.
    """
    ours = {("box", _plain(box.text)): (box.id, box.text) for box in boxes()}
    ours |= {(one.kind, _plain(one.text)): (one.by, one.text) for one in covered()}
    seen = [(number, kind, line, (kind, _plain(line))) for number, kind, line in _read(text)]
    there = {key for *_, key in seen}
    gone = {key: told for key, told in ours.items() if key not in there}
    found = [_found(number, kind, line, gone) for number, kind, line, key in seen if key not in ours]
    return found + [Finding(0, f"{_named(kind, by)} is no longer in the text", _short(said)) for (kind, _), (by, said) in gone.items()]


def _found(number: int, kind: str, line: str, gone: dict[tuple[str, str], tuple[str, str]]) -> Finding:
    """A line that nothing covers; what it was before, if that can be seen, is taken out of what is gone."""
    like = {key: _likeness(key[1], line) for key in gone if key[0] == kind}
    best = max(like, key=lambda key: like[key], default=None)
    if best is None or like[best] < _ALIKE:
        return Finding(number, _SAID[kind], _short(line))
    by, said = gone.pop(best)
    before, now = _changed(said, line)
    return Finding(number, f"changed; {_named(kind, by)} still has “{before}”", now or "(a line is gone)")


def _named(kind: str, by: str) -> str:
    return by if kind == "box" else f"a {kind} of {by}"


def _read(text: str) -> Iterator[tuple[int, str, str]]:
    """Each box, command, template, threshold and rule with its line's number."""
    fence, begun = "", 0
    block: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            if fence and fence not in _SHELLS and (said := _template(block)):
                yield begun, "template", said
            fence, begun, block = ("", 0, []) if fence else (mark[1] or "text", number + 1, [])
        else:
            block.append(line)
            if kind := _kind(line, fence):
                box = _BOX.match(line)
                yield number, kind, box[1].strip() if kind == "box" and box else line.strip()


def _kind(line: str, fence: str) -> str:
    """What a line is, in a block or outside; "" for what needs no cover."""
    if fence in _SHELLS:
        return "command" if line.strip() and not line.strip().startswith(_NO_COMMAND) else ""
    if _BOX.match(line):
        return "box"
    if not fence and _RULE.match(line):
        return "rule"
    return "threshold" if not fence and _LIMIT.search(line) and not line.startswith("#") else ""


_SHELLS: Final = frozenset({"bash", "sh", "sql"})


def _template(block: list[str]) -> str:
    """A block, every line of it."""
    return _BREAK.join(" ".join(line.split()) for line in block if line.strip())


def _short(text: str) -> str:
    """A template by its first and its last line."""
    lines = text.split(_BREAK)
    return lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"


def _changed(ours: str, theirs: str) -> tuple[str, str]:
    """The first line in which two templates differ, as it is here and as it is there."""
    pairs = zip_longest(ours.split(_BREAK), theirs.split(_BREAK), fillvalue="")
    return next(pair for pair in pairs if _plain(pair[0]) != _plain(pair[1]))


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, _plain(one), _plain(other), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE else 0.0


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split()).rstrip(":").casefold()
