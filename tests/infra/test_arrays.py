"""Distinct ids by a table or by sorting: the same answer."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audiospective.infra.arrays import distinct


@given(st.lists(st.integers(1, 60) | st.integers(1, 2**31 - 1), max_size=40))
def test_distinct_ids_are_those_of_numpy(ids: list[int]) -> None:
    column = np.array(ids, np.int32)
    found, place = distinct(column)
    expected, places = np.unique(column, return_inverse=True)
    assert (found.tolist(), place.tolist()) == (expected.tolist(), places.tolist())
