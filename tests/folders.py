"""Data folders for tests."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder within the run's, in memory as that is, which the account of Postgres can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(dir=os.environ["AUDIOSPECTIVE_TEST_RUN"], ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextlib.contextmanager
def without_rights(path: Path) -> Iterator[None]:
    """As an account that may do nothing with that file or folder: root becomes another for a moment, anybody else shuts it."""
    mine, mode = os.geteuid(), path.stat().st_mode
    path.chmod(0o700 if mine == 0 else 0)
    try:
        if mine == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(mine)
        path.chmod(mode)
