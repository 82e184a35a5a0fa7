"""Named SQL statements, kept in a `.sql` file beside the module that uses them.

Each begins with `-- name: take`, then a sentence of comment that says why; the text up to the next name is the statement.
The format is the one of procrastinate's `sql/queries.sql`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)


def statements(module: str) -> dict[str, str]:
    """The named statements of the `.sql` file beside `module` (pass `__name__`)."""
    source = sys.modules[module].__file__
    if source is None:
        raise RuntimeError(f"{module} has no file, so no statements beside it")
    return parse(Path(source).with_suffix(".sql").read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, str]:
    """Statement by name, comments left in; raises ValueError when a name stands twice."""
    parts = _NAME.split(text)[1:]
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"a statement name stands twice: {sorted(n for n in set(names) if names.count(n) > 1)}")
    return dict(zip(names, (body.strip() for body in parts[1::2]), strict=True))
