"""Which code is this? Asked of git, where there is any."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

from audiospective.operations.judge import Reading

_NAMES = ("commit", "branch", "uncommitted", "tags", "apart", "tag_here", "tag_at_origin")
_PATIENCE_S = 10
_NO_REMOTE = "this checkout has no remote named origin; it is the only one"


def look(folder: Path) -> dict[str, Reading]:
    """Commit, branch, uncommitted files, tags and the remote of the checkout at `folder`; unknown where it is none, as in a release."""
    git = shutil.which("git")
    if git is None or _ask(git, folder, "rev-parse", "--is-inside-work-tree") != "true":
        nothing = Reading(source="git", problem="this isn't a checkout with git; run it where the release is made")
        return {f"code.{name}": nothing for name in _NAMES}
    changed = [line for line in (_ask(git, folder, "status", "--porcelain") or "").splitlines() if line]
    tags = (_ask(git, folder, "tag", "--list", "v*") or "").split()
    return _remote(git, folder) | {
        "code.commit": Reading(head(folder), "git"),
        "code.branch": Reading(_ask(git, folder, "branch", "--show-current") or "no branch", "git"),
        "code.uncommitted": Reading(len(changed), "git"),
        "code.tags": Reading(len(tags), "git", tags[-1] if tags else ""),
    }


def head(folder: Path) -> str:
    """The commit that is checked out at `folder`; "" where none is."""
    git = shutil.which("git")
    return (_ask(git, folder, "rev-parse", "HEAD") or "") if git else ""


def _remote(git: str, folder: Path) -> dict[str, Reading]:
    """How far the branch and its remote are apart, and where the version's tag stands, here and there."""
    told = tomllib.loads(_ask(git, folder, "show", "HEAD:pyproject.toml") or "")
    name, head = f"v{told.get('project', {}).get('version', '')}", _ask(git, folder, "rev-parse", "HEAD")
    here = _ask(git, folder, "rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}")
    is_annotated = _ask(git, folder, "cat-file", "-t", f"refs/tags/{name}") == "tag"
    found = {"code.tag_here": Reading("yes" if here == head and is_annotated else "no", "git", f"{name} at {(here or 'no commit')[:8]}")}
    if "origin" not in (_ask(git, folder, "remote") or "").split():
        return found | {f"code.{one}": Reading(source="git", inapplicable=_NO_REMOTE) for one in ("apart", "tag_at_origin")}
    return found | {"code.apart": _apart(git, folder), "code.tag_at_origin": _at_origin(git, folder, name, head or "")}


def _apart(git: str, folder: Path) -> Reading:
    branch = _ask(git, folder, "branch", "--show-current") or ""
    if _ask(git, folder, "fetch", "--quiet", "origin", branch) is None:
        return Reading(source="git", problem=f"origin can't be asked for “{branch}”")
    counts = (_ask(git, folder, "rev-list", "--left-right", "--count", "HEAD...FETCH_HEAD") or "").split()
    return Reading(sum(map(int, counts)), "git", f"{counts[0]} ahead, {counts[1]} behind")


def _at_origin(git: str, folder: Path, name: str, head: str) -> Reading:
    said = _ask(git, folder, "ls-remote", "--tags", "origin", f"refs/tags/{name}", f"refs/tags/{name}^{{}}")
    if said is None:
        return Reading(source="git", problem="origin can't be asked for its tags")
    there = said.splitlines()[-1].split()[0] if said else ""
    return Reading("yes" if there == head else "no", "git", f"{name} at {there[:8] or 'no commit'} there")


def _ask(git: str, folder: Path, *words: str) -> str | None:
    """What git says; None when it says no, or nothing in time."""
    try:
        done = subprocess.run([git, *words], cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
