"""How a process begins, and that it ends when the one who needs it does, however that ends."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def starting() -> None:
    """Look for no garbage while code is read: there is none, and looking is a fifth of a start."""
    gc.disable()


def started() -> None:
    """All code is read, and lasts as long as the process: garbage is looked for from now on, among what comes later.

    Looking through all of it stopped every page for 50 ms, and delayed every end. Without `starting` this does nothing.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def without(*modules: str) -> Iterator[None]:
    """Import here what would take these along wherever they are installed, and does without them as well.

    None in their place says that they aren't there (docs.python.org/3/reference/import.html#the-module-cache).
    """
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # a module or None
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def end_with(parent: int) -> None:
    """Ask the kernel to send SIGTERM to this process when `parent`, which must have started it, has died.

    Where the kernel can't (only Linux can), this does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGTERM)


def resident_bytes(pid: int) -> int:
    """What a process holds in memory; 0 for one that has gone, and where the kernel doesn't tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def free_bytes() -> int:
    """What the machine could still give, in bytes; 0 where the kernel doesn't tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0
