"""What a server of its own takes of this machine."""

from __future__ import annotations

import socket
from pathlib import Path


def free_port() -> int:
    """A port on which nobody listens, nor on the one after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as door:
            port: int = door.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except OSError:
                continue
            return port


def resident_mb(pid: int) -> float:
    """MiB that a process and all its descendants hold alone or in part: pages that several share are counted once."""
    return sum(_share_kb(one) for one in (pid, *_descendants(pid))) / 1024


def _descendants(pid: int) -> list[int]:
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(one.read_text("utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(one.parent.name)
            found += [child, *_descendants(child)]
    return found


def _share_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
