"""A060: no pattern of ours can be made to think for long by 100 KB of somebody's text."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import audiospective

#: Ten times the text may take ten times as long; what grows with its square takes a hundred times.
#: What doubles with each letter shows at the first.
_LENGTHS = (25, 1_000, 10_000, 100_000)
_MOST_TIMES = 40
#: Less than that is noise.
_LEAST_S = 0.002
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


def _takes(pattern: re.Pattern[str], length: int) -> float:
    """Seconds of the processor for the text that takes longest."""

    def once(text: str) -> float:
        began = time.process_time()
        pattern.search(text)
        return time.process_time() - began

    return max(once(part * (length // len(part)) + "!") for part in _PARTS)


def _is_slow(pattern: re.Pattern[str]) -> bool:
    before = _LEAST_S
    for length in _LENGTHS:
        took = _takes(pattern, length)
        if took > _MOST_TIMES * before:  # a busy machine is no slow pattern
            took = min(took, _takes(pattern, length), _takes(pattern, length))
        if took > _MOST_TIMES * before:
            return True
        before = max(took, _LEAST_S)
    return False


def test_a_patterns_time_grows_with_the_text_and_not_with_its_square() -> None:
    patterns = _patterns()
    assert len(patterns) > 50
    assert {name: pattern.pattern for name, pattern in patterns if _is_slow(pattern)} == {}
