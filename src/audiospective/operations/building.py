"""From a commit to a wheel and a tag: built aside from what git holds, never from what happens to lie in the folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import msgspec

from audiospective.errors import Conflict, Invalid, Refused, Unavailable
from audiospective.infra.clock import Clock
from audiospective.operations import installer

_VERSION = re.compile(r"v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:[a-z.+-][0-9A-Za-z.+-]{0,60})?)", re.ASCII)
_LAST_WORDS = 800


@dataclass(frozen=True, slots=True)
class Built:
    """A wheel and what it was made of."""

    wheel: Path
    version: str
    commit: str
    sha256: str
    bytes: int
    seconds: float


class Tag(msgspec.Struct, frozen=True):
    """A tag, and the commit that it stands on; `at_origin` is None where there is no remote."""

    name: str
    commit: str
    is_new: bool
    at_origin: bool | None


def commit_of(checkout: Path, name: str) -> str:
    """The full id of a commit; raises Invalid."""
    found = _ask(checkout, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if not found:
        raise Invalid(f"“{name[:60]}” names no commit in {checkout}; run this in a checkout.", field="--commit")
    return found


def build(checkout: Path, commit: str, folder: Path, environ: Mapping[str, str], clock: Clock) -> Built:
    """Build the wheel of a commit into `folder`; the same commit gives the same bytes. Raises Conflict with the builder's last words."""
    began, full = clock.monotonic(), commit_of(checkout, commit)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="audiospective-build-") as aside:
        source, made = Path(aside) / "source", Path(aside) / "made"
        _unpack(checkout, full, source)
        when = _ask(checkout, "show", "-s", "--format=%ct", full) or "0"
        _run_builder(checkout, source, made, {**environ, "SOURCE_DATE_EPOCH": when})
        (wheel,) = made.glob("*.whl")
        kept = folder / f"{full[:8]}" / wheel.name
        kept.parent.mkdir(exist_ok=True)
        shutil.move(wheel, kept)
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    return Built(kept, kept.name.split("-")[1], full, digest, kept.stat().st_size, round(clock.monotonic() - began, 2))


def version_of(checkout: Path, commit: str) -> str:
    """The version that a commit's own project file names."""
    told = _ask(checkout, "show", f"{commit}:pyproject.toml") or ""
    return str(tomllib.loads(told).get("project", {}).get("version", ""))


def tag(checkout: Path, wanted: str, commit: str, says: str) -> Tag:
    """Tag a commit with a version and push the tag where there is a remote; run again, it does what is left.

    Raises Refused for a tag that stands on another commit, and for a version that isn't the commit's own.
    """
    name, full = _tag_name(wanted), commit_of(checkout, commit)
    if (own := version_of(checkout, full)) != name[1:]:
        raise Refused(f"The commit {full[:8]} says that it is {own}; set the version in pyproject.toml, or tag v{own}.")
    there = _ask(checkout, "rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}")
    if there and there != full:
        raise Refused(f"{name} stands on {there[:8]} already, and tags don't move; give {full[:8]} a version of its own.")
    if not there:
        _must(checkout, "tag", "--annotate", name, full, "--message", says)
    return Tag(name, full, not there, _pushed(checkout, name, full) if has_origin(checkout) else None)


def tags(checkout: Path) -> list[Tag]:
    """Every version's tag, the newest first."""
    names = (_ask(checkout, "tag", "--list", "v*", "--sort=-version:refname") or "").split()
    return [Tag(name, commit_of(checkout, f"refs/tags/{name}"), False, None) for name in names]


def has_origin(checkout: Path) -> bool:
    """Whether there is a remote to push to."""
    return "origin" in (_ask(checkout, "remote") or "").split()


def at_origin(checkout: Path, name: str) -> str:
    """The commit on which a tag stands at the remote; "" when it isn't there. Raises Unavailable."""
    lines = _must(checkout, "ls-remote", "--tags", "origin", f"refs/tags/{name}", f"refs/tags/{name}^{{}}").splitlines()
    return lines[-1].split()[0] if lines else ""


def _pushed(checkout: Path, name: str, commit: str) -> bool:
    if at_origin(checkout, name) != commit:
        _must(checkout, "push", "origin", f"refs/tags/{name}")
    return at_origin(checkout, name) == commit


def _tag_name(wanted: str) -> str:
    found = _VERSION.fullmatch(wanted)
    if not found:
        raise Invalid(f"“{wanted[:40]}” isn't a version, as in v1.0.0.", field="VERSION")
    return f"v{found[1]}"


def _unpack(checkout: Path, commit: str, source: Path) -> None:
    done = subprocess.run([_git(), "archive", "--format=tar", commit], cwd=checkout, capture_output=True, check=False)
    if done.returncode:
        raise Conflict(f"git can't give out {commit[:8]}: {done.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(source, filter="data")
        else:  # a Python before 3.11.4, as Debian 12 has it; what git gives of its own objects has no way out of the folder
            archive.extractall(source)  # noqa: S202


def _run_builder(checkout: Path, source: Path, made: Path, environ: Mapping[str, str]) -> None:
    uv = installer.uv(checkout)
    if uv:
        program = [uv, "build", "--wheel", "--quiet", "--python", sys.executable, "--out-dir", str(made), str(source)]
    elif find_spec("pip"):
        program = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(made), str(source)]
    else:
        raise Unavailable("Neither uv nor pip is here to build a wheel: install uv, or run make build in the checkout.")
    done = subprocess.run(program, env=installer.as_pip_is_told(environ), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Conflict(f"The wheel can't be built: {(done.stderr or done.stdout).strip()[-_LAST_WORDS:]}")


def _must(checkout: Path, *words: str) -> str:
    try:
        done = subprocess.run([_git(), *words], cwd=checkout, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"git {words[0]} took more than a minute.") from error
    if done.returncode:
        raise Unavailable(f"git {words[0]} failed: {done.stderr.strip()[-_LAST_WORDS:]}")
    return done.stdout.strip()


def _ask(checkout: Path, *words: str) -> str | None:
    done = subprocess.run([_git(), *words], cwd=checkout, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise Unavailable("git isn't here; run this where the release is made.")
    return found
