"""Does the history hold a secret? Everything that was ever committed, asked of git's own plumbing; a place is told, its secret never.

What was committed and taken away again is still there for whoever clones. Tips whose history was found clean are remembered, so that
the next look reads only what came since.
"""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import msgspec

from audiospective.errors import Unavailable
from audiospective.operations.judge import Reading

_PATIENCE_S: Final = 50
#: A value that is drawn by chance has so many bits a character, letters, and digits.
_BITS: Final = 3.4
#: Shorter ones may be words.
_SHORTEST: Final = 16
_WORDS: Final = re.compile(rb"[_.=-]*(?:(?:[A-Z]?[a-z]+|[A-Z]+|\d+)[_.=-]+)*(?:[A-Z]?[a-z]+|[A-Z]+|\d+)")
_SHOWN: Final = 3


class Leak(msgspec.Struct, frozen=True):
    """Where a secret stands: the commit that brought it, its file ("" for a commit's or a tag's own words), and the line."""

    commit: str
    path: str
    line: int
    kind: str

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.kind} in {self.commit[:8]} {self.path or 'message'}:{self.line}"


class _Rule(msgspec.Struct, frozen=True):
    """What a kind of secret begins with, and what it is from there on; a group, if there is one, must look drawn by chance."""

    kind: str
    begins: tuple[bytes, ...]
    pattern: re.Pattern[bytes]


def _rule(kind: str, pattern: str, *begins: str) -> _Rule:
    return _Rule(kind, tuple(one.encode() for one in begins), re.compile(pattern.encode()))


_RULES: Final = (
    _rule("a token of GitHub", r"gh[pousr]_[A-Za-z0-9]{36,}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _rule("a token of GitHub", r"github_pat_[A-Za-z0-9_]{60,}", "github_pat_"),
    _rule("a token of Slack", r"xox[abeprs]-[A-Za-z0-9-]{20,}", "xox"),
    _rule("a hook of Slack", r"hooks\.slack\.com/[a-z]+/T\w{8,}/\w{8,}/(\w{20,})", "hooks.slack.com/"),
    _rule("a token of Sentry", r"sntry[a-z]_[A-Za-z0-9+/=_-]{40,}", "sntry"),
    _rule("a key of Neon", r"napi_[a-z0-9]{40,}", "napi_"),
    _rule("a password of Neon", r"npg_[A-Za-z0-9]{12,}", "npg_"),
    _rule("a token of Vercel", r"vc[acikpr]_[A-Za-z0-9]{40,}", "vca_", "vcc_", "vci_", "vck_", "vcp_", "vcr_"),
    _rule("a token of QStash", r"eyJVc2VySUQi[A-Za-z0-9+/=]{30,}", "eyJVc2VySUQi"),
    _rule("a signing key of QStash", r"sig_([A-Za-z0-9]{24,})", "sig_"),
    _rule("a key of AWS", r"AKIA[0-9A-Z]{16}\b", "AKIA"),
    _rule("a private key", r"PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60,}", "PRIVATE KEY-----"),
    _rule("a personal token", r"as_([A-Za-z0-9_-]{43})\b", "as_"),
    _rule("an address with its password", r"://[^\s:/@]*:([^\s:/@]{12,})@", "://"),
    _rule(
        "a variable with its secret",
        r"_(?:SECRET|TOKEN|PASSWORD|KEY)[\"']?[ \t]*[=:][ \t]*[\"']?([A-Za-z0-9+/=_-]{16,})",
        "_SECRET",
        "_TOKEN",
        "_PASSWORD",
        "_KEY",
    ),
)
#: Whoever changes a rule makes all be read again.
_EDITION: Final = hashlib.sha256(repr([(one.kind, one.pattern.pattern) for one in _RULES]).encode()).hexdigest()[:16]


def weighed(visibility: Reading, checkout: Path, own: Sequence[str], seen: Path) -> Reading:
    """Whether the source is public, with nothing in its history that mustn't be; a secret there counts wherever the source lies."""
    try:
        found = search(checkout, own, seen)
    except Unavailable as error:
        return Reading(source="git", problem=error.message) if visibility.value == "public" else visibility
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return Reading(f"secrets in its history: {len(found)}", "git", "; ".join(one.place for one in found[:_SHOWN]) + more)
    return replace(visibility, note="no secret in its history") if visibility.value == "public" else visibility


def search(checkout: Path, own: Sequence[str] = (), seen: Path | None = None) -> list[Leak]:
    """Every place of the whole history that holds a secret of a known form, or one of our `own`.

    `seen` is a file in which tips are kept whose history is clean. Raises Unavailable where there is no whole history.
    """
    git = _Git(checkout)
    if git.ask("rev-parse", "--is-shallow-repository").strip() != b"false":
        raise Unavailable("This checkout has no whole history; fetch it: git fetch --unshallow.")
    values = [one for one in map(str.encode, own) if _is_drawn(one)]
    edition = hashlib.sha256(b"\n".join([_EDITION.encode(), *values])).hexdigest()[:16]
    tips = sorted(set(git.ask("rev-parse", "--all", "HEAD").decode().split()))
    found = _leaks(git, _remembered(seen, edition), values)
    if seen and not found:
        seen.parent.mkdir(parents=True, exist_ok=True)
        seen.write_text("\n".join([edition, *tips]), "utf-8")
    return found


class _Git:
    """git's plumbing in a checkout; raises Unavailable where there is none, or nothing is said in time."""

    def __init__(self, checkout: Path) -> None:
        self._git = shutil.which("git") or ""
        self._checkout = checkout
        if not self._git:
            raise Unavailable("git isn't installed here, so that no history can be read.")

    def ask(self, *words: str) -> bytes:
        """What it says."""
        try:
            done = subprocess.run([self._git, *words], cwd=self._checkout, capture_output=True, timeout=_PATIENCE_S, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable("This isn't a checkout whose history git can read; run it where the release is made.") from error
        return done.stdout

    def contents(self, objects: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Each of these objects but folders, with what is in it."""
        with tempfile.TemporaryFile() as names:
            names.write(b"\n".join(objects))
            names.seek(0)
            asked = [self._git, "cat-file", "--batch", "--buffer"]
            with subprocess.Popen(asked, cwd=self._checkout, stdin=names, stdout=subprocess.PIPE) as running:
                yield from _read(running.stdout) if running.stdout else ()


def _read(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while head := stream.readline().split():
        if len(head) != 3:
            raise Unavailable("This checkout lacks a part of its history; fetch it: git fetch --refetch.")
        name, kind, size = head
        content = stream.read(int(size) + 1)
        if kind != b"tree":
            yield name, content


def _leaks(git: _Git, clean: Sequence[str], values: Sequence[bytes]) -> list[Leak]:
    """Read what can be reached from any name and not from tips whose history is clean."""
    since = ["--ignore-missing", "--not", *clean] if clean else []
    listed = [line.partition(b" ") for line in git.ask("rev-list", "--objects", "--all", "HEAD", *since).splitlines()]
    paths = {name: path.decode("utf-8", "replace") for name, _, path in listed}
    found = {name: places for name, content in git.contents(list(paths)) if (places := _found(content, values))}
    brought = _brought(git) if found else {}
    return [Leak(brought.get(name, name).decode(), paths[name], line, kind) for name, places in found.items() for line, kind in places]


def _brought(git: _Git) -> dict[bytes, bytes]:
    """The first commit that had each text."""
    first: dict[bytes, bytes] = {}
    commit = b""
    for line in git.ask(
        "log", "--all", "HEAD", "--reverse", "--root", "-m", "--raw", "--no-abbrev", "--no-renames", "--format=%H"
    ).splitlines():
        if line.startswith(b":"):
            first.setdefault(line.split()[3], commit)
        else:
            commit = line or commit
    return first


def _found(content: bytes, values: Sequence[bytes]) -> list[tuple[int, str]]:
    """Line and kind of each secret in a text."""
    places = [(content.find(value), "a secret of this instance") for value in values]
    for rule in _RULES:
        for begin in rule.begins:
            at = content.find(begin)
            while at >= 0:
                match = rule.pattern.match(content, at)
                if match and (not match.re.groups or _is_drawn(match[1])):
                    places.append((at, rule.kind))
                at = content.find(begin, at + len(begin))
    lines = {(content.count(b"\n", 0, at) + 1, kind) for at, kind in places if at >= 0}
    return sorted(lines)


def _is_drawn(value: bytes) -> bool:
    """Whether it looks drawn by chance, not written by somebody for a test or a text."""
    if len(value) < _SHORTEST or _WORDS.fullmatch(value) or not re.search(rb"\d", value) or not re.search(rb"[A-Za-z]", value):
        return False
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values()) >= _BITS


def _remembered(seen: Path | None, edition: str) -> list[str]:
    """Tips that were found clean by these very rules."""
    lines = seen.read_text("utf-8").split() if seen and seen.is_file() else []
    return lines[1:] if lines[:1] == [edition] else []
