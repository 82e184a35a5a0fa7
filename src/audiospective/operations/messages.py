"""The runbook's 27 messages, rendered from facts; what isn't known isn't said, and a missing fact refuses the message by name.

In a text `{name}` is a fact, and a line that begins `{?name}` is a claim: it stands only where that fact is the word `true`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Final

import msgspec

from audiospective.errors import Invalid

#: X counts every link as so many characters, and most pictographs as two.
LINK_LENGTH: Final = 23
POST_LENGTH: Final = 280

_FACT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CLAIM = re.compile(r"^\{\?([a-z][a-z0-9_]*)\}")
_LINK = re.compile(r"https?://\S+")


class Medium(StrEnum):
    """Where a message is read. What goes to a post or a forum is posted by a person."""

    CHAT = "chat"
    POST = "post"
    FORUM = "forum"
    MAIL = "mail"
    STATUS = "status"


class Text(msgspec.Struct, frozen=True):
    """One of the 27: what it is for, and where it is read."""

    id: str
    medium: Medium
    purpose: str


class Draft(msgspec.Struct, frozen=True):
    """A rendered message; `length` is counted as X counts."""

    id: str
    medium: Medium
    subject: str
    body: str
    length: int


_C, _P, _F, _M, _S = Medium

TEXTS: Final = tuple(
    Text(f"M{number:02}", medium, purpose)
    for number, (medium, purpose) in enumerate(
        (
            (_C, "live, to the team"),
            (_P, "launch, in short"),
            (_S, "deployed"),
            (_C, "success, to the team"),
            (_P, "launch, with features"),
            (_F, "launch, to listeners"),
            (_F, "launch, to developers"),
            (_M, "newsletter"),
            (_S, "launched"),
            (_C, "rollback, to the team"),
            (_P, "rollback, in public"),
            (_S, "notice to those who use it"),
            (_C, "resolved, to the team"),
            (_P, "resolved, in public"),
            (_S, "SEV-1 begins"),
            (_P, "SEV-1, in public"),
            (_S, "SEV-2 begins"),
            (_P, "SEV-2, in public"),
            (_S, "resolved"),
            (_P, "resolved, with thanks"),
            (_M, "the day before, to the team"),
            (_C, "deployment started"),
            (_C, "deployment complete"),
            (_C, "smoke tests"),
            (_C, "one hour"),
            (_C, "two hours"),
            (_M, "the first day, to the team"),
        ),
        start=1,
    )
)

#: What is so for this program, whoever runs it; facts of the caller win.
PRODUCT: Final[Mapping[str, str]] = {
    "made_with_tag": "#MadeWithPython",
    "built_with": "Python and PostgreSQL",
    "stack_title": "Python + PostgreSQL",
    "stack_list": "- Python (Litestar, Jinja)\n- PostgreSQL\n- Spotify OAuth\n- Jobs and rate limits in PostgreSQL",
}


def named(text_id: str) -> Text:
    """The text of that id; raises Invalid."""
    for text in TEXTS:
        if text.id == text_id.upper():
            return text
    raise Invalid(f"There is no message “{text_id[:20]}”; there are M01 to M27.", field="message")


def template(text: Text) -> str:
    """The text with its placeholders."""
    return files("audiospective.operations").joinpath("messages", f"{text.id}.txt").read_text("utf-8").strip()


def wants(text: Text) -> tuple[list[str], list[str]]:
    """The facts that it can't do without, and the claims that it may make; each in order."""
    written = template(text)
    claims = [found[1] for line in written.splitlines() if (found := _CLAIM.match(line))]
    return list(dict.fromkeys(_FACT.findall(written))), list(dict.fromkeys(claims))


def missing(text: Text, facts: Mapping[str, str]) -> list[str]:
    """The facts that it can't do without and that nobody knows."""
    known = {**PRODUCT, **facts}
    return [name for name in dict.fromkeys(_FACT.findall(_worded(text, known))) if not known.get(name, "").strip()]


def render(text: Text, facts: Mapping[str, str]) -> Draft:
    """The message as these facts have it; raises Invalid that names each missing fact, or a post that is too long."""
    known = {**PRODUCT, **facts}
    said = _worded(text, known)
    if lacking := missing(text, facts):
        raise Invalid(f"{text.id} can't be written: {', '.join(lacking)} not known. Give each as --fact NAME=VALUE.", field="fact")
    body = _FACT.sub(lambda found: known[found[1]].strip(), said)
    subject, body = _parted(text, body)
    draft = Draft(text.id, text.medium, subject, body, length(body))
    if text.medium is Medium.POST and draft.length > POST_LENGTH:
        raise Invalid(f"{text.id} has {draft.length} characters as X counts; {POST_LENGTH} is the most.", field="message")
    return draft


def length(body: str) -> int:
    """Characters as X counts: a link 23, whatever lies beyond the Latin and general punctuation blocks two."""
    without = _LINK.sub("", body)
    return LINK_LENGTH * len(_LINK.findall(body)) + sum(1 if _is_light(ord(sign)) else 2 for sign in without)


def _is_light(code: int) -> bool:
    return code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037


def _worded(text: Text, known: Mapping[str, str]) -> str:
    """The template without the claims that nothing bears out."""
    return "\n".join(line for line in (_claimed(line, known) for line in template(text).splitlines()) if line is not None)


def _claimed(line: str, known: Mapping[str, str]) -> str | None:
    """The line; None where it claims what no fact says."""
    claim = _CLAIM.match(line)
    if claim is None:
        return line
    return line[claim.end() :] if known.get(claim[1]) == "true" else None


def _parted(text: Text, body: str) -> tuple[str, str]:
    """A mail's and a forum's first line is its subject; elsewhere the purpose is."""
    for word in ("Subject: ", "Title: "):
        if body.startswith(word):
            subject, _, rest = body.removeprefix(word).partition("\n")
            return subject, rest.strip()
    return f"Audiospective: {text.purpose}", body
