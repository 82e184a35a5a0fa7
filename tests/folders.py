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
