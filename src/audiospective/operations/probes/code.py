"""Which code is this? Asked of git, where there is any."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

from audiospective.operations.judge import Reading

_NAMES = ("commit", "branch", "uncommitted", "tags", "apart", "tag_here", "tag_at_origin")
_PATIENCE_S = 10
#: What releases are made from, whatever is checked out here.
_MAIN = "main"
_NO_REMOTE = "this checkout has no remote named origin; it is the only one"


def look(folder: Path, pinned: str = "") -> dict[str, Reading]:
    """Commit, branch, uncommitted files, tags and the remote of the checkout at `folder`; unknown where it is none, as in a release.

    `pinned` is the commit that a launch is of, which must have the tag; without a launch that is what is checked out.
    """
    git = shutil.which("git")
    if git is None or _ask(git, folder, "rev-parse", "--is-inside-work-tree") != "true":
        nothing = Reading(source="git", problem="this isn't a checkout with git; run it where the release is made")
        return {f"code.{name}": nothing for name in _NAMES}
    changed = [line for line in (_ask(git, folder, "status", "--porcelain") or "").splitlines() if line]
    tags = (_ask(git, folder, "tag", "--list", "v*") or "").split()
    return (
        _tagged(git, folder, pinned)
        | _apart(git, folder)
        | {
            "code.commit": Reading(head(folder), "git"),
            "code.branch": Reading(_ask(git, folder, "branch", "--show-current") or "no branch", "git"),
            "code.uncommitted": Reading(len(changed), "git"),
            "code.tags": Reading(len(tags), "git", tags[-1] if tags else ""),
        }
    )


def head(folder: Path) -> str:
    """The commit that is checked out at `folder`; "" where none is."""
    git = shutil.which("git")
    return (_ask(git, folder, "rev-parse", "HEAD") or "") if git else ""


def _has_remote(git: str, folder: Path) -> bool:
    return "origin" in (_ask(git, folder, "remote") or "").split()


def _tagged(git: str, folder: Path, pinned: str) -> dict[str, Reading]:
    """Where the version's tag stands, here and at the remote."""
    wanted = _ask(git, folder, "rev-parse", "--verify", "--quiet", f"{pinned or 'HEAD'}^{{commit}}")
    if wanted is None:
        nothing = Reading(
            source="git", problem=f"the launch is of {pinned[:8]}, which isn't in this checkout" if pinned else "no commit yet"
        )
        return {"code.tag_here": nothing, "code.tag_at_origin": nothing}
    name = f"v{tomllib.loads(_ask(git, folder, 'show', f'{wanted}:pyproject.toml') or '').get('project', {}).get('version', '')}"
    here = _ask(git, folder, "rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}")
    is_annotated = _ask(git, folder, "cat-file", "-t", f"refs/tags/{name}") == "tag"
    said = "yes" if here == wanted and is_annotated else "no"
    return {
        "code.tag_here": Reading(said, "git", f"{name} at {(here or 'no commit')[:8]}"),
        "code.tag_at_origin": _at_origin(git, folder, name, wanted),
    }


def _apart(git: str, folder: Path) -> dict[str, Reading]:
    """How far what is checked out and the remote's main branch are apart."""
    if not _has_remote(git, folder):
        return {"code.apart": Reading(source="git", inapplicable=_NO_REMOTE)}
    if _ask(git, folder, "fetch", "--quiet", "origin", _MAIN) is None:
        return {"code.apart": Reading(source="git", problem=f"origin can't be asked for “{_MAIN}”")}
    ahead, _, behind = (_ask(git, folder, "rev-list", "--left-right", "--count", "HEAD...FETCH_HEAD") or "").partition("\t")
    if not behind:
        return {"code.apart": Reading(source="git", problem="no commit yet")}
    return {"code.apart": Reading(int(ahead) + int(behind), "git", f"{ahead} ahead, {behind} behind")}


def _at_origin(git: str, folder: Path, name: str, wanted: str) -> Reading:
    if not _has_remote(git, folder):
        return Reading(source="git", inapplicable=_NO_REMOTE)
    said = _ask(git, folder, "ls-remote", "--tags", "origin", f"refs/tags/{name}", f"refs/tags/{name}^{{}}")
    if said is None:
        return Reading(source="git", problem="origin can't be asked for its tags")
    there = said.splitlines()[-1].split()[0] if said else ""
    return Reading("yes" if there == wanted else "no", "git", f"{name} at {there[:8] or 'no commit'} there")


def _ask(git: str, folder: Path, *words: str) -> str | None:
    """What git says; None when it says no, or nothing in time."""
    try:
        done = subprocess.run([git, *words], cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
