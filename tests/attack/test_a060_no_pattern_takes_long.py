"""A060: no pattern of ours can be made to think for long by 100 KB of somebody's text."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

import audiospective

#: What takes long at the first length would take for ever at the last.
_LENGTHS = (2_000, 20_000, 100_000)
_PARTS = ("a", "0", " ", "-", ".", "%", "a ", "1-", "<a ", "é", '"', "2024-01-01..", "T:")


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = {}
    for module in pkgutil.walk_packages(audiospective.__path__, "audiospective."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found[f"{module.name}.{name}"] = value
    return sorted(found.items())


@pytest.mark.parametrize(("name", "pattern"), _patterns())
def test_a_pattern_is_done_at_once(name: str, pattern: re.Pattern[str]) -> None:
    for length in _LENGTHS:
        began = time.process_time()
        for part in _PARTS:
            pattern.search(part * (length // len(part)) + "!")
        assert time.process_time() - began < 0.05 * len(_PARTS), f"{name} is slow for {pattern.pattern}"
