"""Attackers visit the same instances as everybody (tests/web/conftest.py)."""

from __future__ import annotations

from tests.web.conftest import connected, mara, site, stranger, visitor, world

__all__ = ["connected", "mara", "site", "stranger", "visitor", "world"]
