"""Which code is this? Asked of git, where there is any."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from audiospective.operations.judge import Reading

_NAMES = ("branch", "uncommitted", "tags")


def look(folder: Path) -> dict[str, Reading]:
    """Branch, uncommitted files and tags of the checkout at `folder`; unknown where it is none, as in an installed release."""
    git = shutil.which("git")
    if git is None or _ask(git, folder, "rev-parse", "--is-inside-work-tree") != "true":
        nothing = Reading(source="git", problem="this isn't a checkout with git; run it where the release is made")
        return {f"code.{name}": nothing for name in _NAMES}
    changed = [line for line in (_ask(git, folder, "status", "--porcelain") or "").splitlines() if line]
    tags = (_ask(git, folder, "tag", "--list", "v*") or "").split()
    return {
        "code.branch": Reading(_ask(git, folder, "branch", "--show-current") or "no branch", "git"),
        "code.uncommitted": Reading(len(changed), "git"),
        "code.tags": Reading(len(tags), "git", tags[-1] if tags else ""),
    }


def head(folder: Path) -> str:
    """The commit that is checked out at `folder`; "" where none is."""
    git = shutil.which("git")
    return (_ask(git, folder, "rev-parse", "HEAD") or "") if git else ""


def _ask(git: str, folder: Path, *words: str) -> str | None:
    """What git says; None when it says no."""
    done = subprocess.run([git, *words], cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
