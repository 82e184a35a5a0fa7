"""A checkout with a history of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

#: In pieces, so that this file's own history holds none.
TOKEN = "ghp" + "_" + "R2d9Kq7Zt1Xw5Bn8Vc3Lm6Py4Hs0Jf2Ga9Ue"


class Checkout:
    """What git holds of a folder; one commit from the start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "-b", "main", ".")
        self.commit("README.md", "Nothing to hide.\n")

    @classmethod
    def of(cls, folder: Path) -> Checkout:
        """One that is there already."""
        found = cls.__new__(cls)
        found.folder = folder
        return found

    def git(self, *words: str) -> str:
        """What it says; raises CalledProcessError."""
        who = ("-c", "user.name=Mara", "-c", "user.email=mara@example.org", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, name: str, text: str | None, message: str = "Change it") -> str:
        """A file with this text, or without a text none of that name; the new commit."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True) if text is None else path.write_text(text, "utf-8")
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def plant(self, name: str = "src/notes.txt") -> str:
        """Commit a token, take it out again, and go on; the commit that brought it."""
        brought = self.commit(name, f"one\ntwo\nthe token is {TOKEN}\n")
        self.commit(name, None)
        self.commit("README.md", "Nothing to hide any more.\n")
        return brought
