"""What is made of a report is made once, and never for another."""

from __future__ import annotations

from dataclasses import replace

from audiospective.web.frozen import Frozen
from tests.web.sample import a_share


def test_the_same_report_is_made_once_and_another_anew() -> None:
    kept, made = Frozen(), iter([b"one", b"two"])
    one, other = replace(a_share(), signature="1"), replace(a_share(), signature="2")
    assert [kept.of(share, lambda: next(made)) for share in (one, one, other, one)] == [b"one", b"one", b"two", b"one"]


def test_only_those_that_were_asked_for_last_are_kept() -> None:
    kept, made = Frozen(most=2), iter([b"1", b"2", b"3", b"again"])
    shares = [replace(a_share(), signature=name) for name in "121312"]
    assert [kept.of(share, lambda: next(made)) for share in shares] == [b"1", b"2", b"1", b"3", b"1", b"again"]
