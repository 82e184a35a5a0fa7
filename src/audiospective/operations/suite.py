"""What a run of the tests gave, from the report that pytest writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec

from audiospective.errors import Conflict


class Totals(msgspec.Struct, frozen=True):
    """How many tests there were, and how many didn't pass."""

    total: int
    failed: int
    skipped: int

    @property
    def passed(self) -> int:
        """Neither failed nor skipped."""
        return self.total - self.failed - self.skipped

    @property
    def percent(self) -> float:
        """Of all; rounded down, so that one failure is never 100."""
        return int(1000 * self.passed / self.total) / 10 if self.total else 0.0


def read(report: Path) -> Totals:
    """The totals of a JUnit report; raises Conflict when there is none, as after a run that never got so far."""
    try:
        suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 (of our own run, or handed over by the operator)
    except (OSError, ET.ParseError) as error:
        raise Conflict(f"The tests gave no report at {report}; the reason stands above.") from error

    def counted(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return Totals(counted("tests"), counted("failures", "errors"), counted("skipped"))
