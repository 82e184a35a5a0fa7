"""Named statements: split by name, kept whole, never twice."""

from __future__ import annotations

import pytest

from audiospective.infra.statements import parse

TEXT = """-- name: take
-- Why we take.
SELECT 1;

-- name: settle
SELECT 2;
"""


def test_each_name_gives_its_statement_with_the_comment() -> None:
    assert parse(TEXT) == {"take": "-- Why we take.\nSELECT 1;", "settle": "SELECT 2;"}


def test_a_name_that_stands_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="take"):
        parse(TEXT + TEXT)
