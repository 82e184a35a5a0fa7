"""How much memory this program holds, and the most that it held since somebody asked to begin anew."""

from __future__ import annotations

import resource
from pathlib import Path

_SELF = Path("/proc/self")


def begin() -> None:
    """Forget the peak so far, which is another part's (proc(5), clear_refs 5)."""
    _SELF.joinpath("clear_refs").write_text("5", "ascii")


def peak_mb() -> float:
    """Of this program alone: what `getrusage` says begins with what the parent had, and never falls."""
    status = _SELF.joinpath("status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1e3


def resident_mb() -> float:
    """Now."""
    return int(_SELF.joinpath("statm").read_text("ascii").split()[1]) * resource.getpagesize() / 1e6
